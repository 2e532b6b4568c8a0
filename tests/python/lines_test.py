"""The package gives exactly the lines of `groundhog cat`, with and without their truth: of the
golden files, of every shipped scenario, of samples with all that is rare."""
import io
import itertools
import json
import os
import subprocess
import unittest

from package import (GOLDEN, PROGRAM, SAMPLES, TRACES_TOOL, FolderTest, format_page, golden_files,
                     groundhog_trace, output_of, tiny_entries, trace_bytes)
from groundhog_trace import Kind


def scenarios():
    listed = output_of(PROGRAM, "scenario", "list").decode().splitlines()
    return [line.split()[0] for line in listed]


class LinesTest(FolderTest):

    def assert_lines(self, program, path):
        """Returns how many lines there are."""
        plain = subprocess.Popen([program, "cat", path], stdout=subprocess.PIPE)
        full = subprocess.Popen([program, "cat", path, "--truth"], stdout=subprocess.PIPE)
        count = 0
        with groundhog_trace.open(path) as trace, plain.stdout, full.stdout:
            for record, line, long_line in itertools.zip_longest(trace, plain.stdout, full.stdout):
                mine = (record.to_json() + "\n", record.to_json(truth=True) + "\n")
                if mine != (line.decode(), long_line.decode()):
                    self.assertEqual(mine, (line.decode(), long_line.decode()))
                count += 1
        self.assertEqual((plain.wait(), full.wait()), (0, 0))
        return count

    def test_golden_files(self):
        self.assertEqual(len(golden_files()), 7)
        for path in golden_files():
            # All others have the records of the sample.
            name = "version-3.jsonl" if path.endswith("version-3.ghog") else "sample.jsonl"
            with open(os.path.join(GOLDEN, name), encoding="utf-8") as file:
                lines = file.read().splitlines()
            with self.subTest(path), groundhog_trace.open(path) as trace:
                self.assertEqual(list(trace.json_lines(truth=True)), lines)
                for line, full in zip(trace.json_lines(), lines, strict=True):
                    known = json.loads(full)
                    del known["truth"]
                    self.assertEqual(json.loads(line), known)

    def test_every_shipped_scenario(self):
        self.assertIn("shop", scenarios())
        for scenario in scenarios():
            with self.subTest(scenario):
                path = self.record(scenario)
                with groundhog_trace.open(path) as trace:
                    self.assertEqual(self.assert_lines(PROGRAM, path), trace.footer.records)

    def test_samples(self):
        counts = []
        for sample in SAMPLES:
            with self.subTest(sample):
                counts.append(self.assert_lines(TRACES_TOOL, self.sample(*sample)))
        self.assertEqual(counts, [2, 18, 18, 18, 0, 900, 900, 1500])

    def derived(self, key, kind, name, ordinal):
        """Trace id and order number of a request, by a trace that has it."""
        header, chunk, footer = tiny_entries()
        host, source = header["header"]["entities"]
        host["name"] = "another-host"
        source.update(name=name, kind=("host", "journey", "surge", "users").index(kind), service=0)
        for template in header["header"]["templates"]:
            template.update(text="{}", slots=[int(Kind.ORDER)])
        chunk["chunk"]["traceKey"] = key
        signed = ordinal - (1 << 64 if ordinal >> 63 else 0)
        zigzag = (signed << 1 ^ signed >> 63) & (1 << 64) - 1
        chunk["chunk"]["columns"]["plain"]["requests"].update(
            fields=[], ordinalDelta={"base": zigzag - (1 << 64 if zigzag >> 63 else 0)})
        with groundhog_trace.open(io.BytesIO(trace_bytes(header, chunk, footer))) as trace:
            record = next(iter(trace))
            batch = trace.read_arrow(["trace_id", "message"]).read_next_batch().to_pylist()[0]
        self.assertEqual((batch["trace_id"].hex(), batch["message"]),
                         (record.trace_id, record.message))
        return record

    def test_vectors_of_the_format(self):
        for heading, field in (("## trace_id", "trace_id"), ("## Order numbers", "message")):
            rows = format_page.table_after(heading)
            self.assertGreaterEqual(len(rows), 7)
            for key, kind, name, ordinal, expected in rows:
                record = self.derived(int(key), kind, name, int(ordinal))
                self.assertEqual(f"`{getattr(record, field)}`", expected)

    def test_samples_have_all_that_is_rare(self):
        kinds, skews, also, random_faults = set(), set(), 0, 0
        for sample in SAMPLES:
            with groundhog_trace.open(self.sample(*sample)) as trace:
                kinds |= {slot.kind for one in trace.header.templates for slot in one.slots}
                random_faults += sum(fault.is_random for fault in trace.header.faults)
                for record in trace:
                    skews.add((record.truth.clock_skew_ns > 0) - (record.truth.clock_skew_ns < 0))
                    also += record.truth.also is not None
        self.assertEqual(kinds, set(groundhog_trace.Kind))
        self.assertEqual(skews, {-1, 0, 1})
        self.assertGreater(min(also, random_faults), 0)


if __name__ == "__main__":
    unittest.main()
