"""traces/FORMAT.md is true: the program agrees with its examples, vectors and commands, and a
decoder that shares no code with the program gives exactly its lines, trace ids and digests."""
import os
import struct
import subprocess
import sys
import tempfile
import unittest

import xxhash

import format_page
import trace_decoder
from format_page import tool
from trace_decoder import Trace

ROOT = os.environ["GROUNDHOG_SOURCE_DIR"]
# Sample, compression, records a chunk.
CASES = [("tiny", "none", 8192), ("golden", "none", 5), ("golden", "packed", 8192),
         ("golden", "zstd", 1), ("random:1:0", "zstd", 8192), ("random:2:900", "packed", 100),
         ("random:3:900", "none", 7), ("random:4:1500", "zstd", 65536),
         ("random:8:5000", "zstd", 65536)]


def entry_at(data, offset):
    """The length of a sound entry at `offset`, or None, as FORMAT.md's "Recovery" says."""
    if offset < 0 or offset + 48 > len(data):
        return None
    segments_less_one, words = struct.unpack_from("<II", data, offset)
    size = 8 + 8 * words
    entry = data[offset:offset + size]
    if segments_less_one != 0 or not 48 <= size <= 64 << 20 or len(entry) != size:
        return None
    checksum, = struct.unpack_from("<Q", entry, 24)
    hashed = xxhash.xxh3_64_intdigest(entry[:24] + bytes(8) + entry[32:])
    return size if hashed == checksum else None


def recover(data):
    entries, at = [], 0
    while (hit := data.find(trace_decoder.MARKER, at)) >= 0:
        size = entry_at(data, hit - 16)
        if size is None:
            at = hit + 1
        else:
            entries.append(data[hit - 16:hit - 16 + size])
            at = hit - 16 + size
    return entries


class FormatTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "day.ghog")

    def written(self, sample, compression="zstd", chunk_records=8192):
        tool("write", sample, self.path, compression, str(chunk_records))
        with open(self.path, "rb") as file:
            return file.read()

    def test_decoder_gives_the_programs_lines(self):
        for case in CASES:
            with self.subTest(case):
                trace = Trace(self.written(*case))
                for with_truth in (False, True):
                    lines = tool("cat", self.path, *(["--truth"] if with_truth else []))
                    mine = "".join(trace.line(r, with_truth) + "\n" for r in trace.records)
                    self.assertEqual(mine.encode(), lines)

    def test_random_samples_have_all_that_is_rare(self):
        trace = Trace(self.written("random:2:900"))
        self.assertTrue(any(record.clock_skew > 0 for record in trace.records))
        self.assertTrue(any(record.clock_skew < 0 for record in trace.records))
        kinds, times = set(), 0
        for case in CASES:
            trace = Trace(self.written(*case))
            kinds |= {kind for kind, _, _ in trace.entities}
            times += sum(len(fault.starts) for fault in trace.faults if fault.random)
        self.assertEqual(kinds, {0, 1, 2, 3})
        self.assertGreater(times, 0)

    def test_decoder_gives_the_programs_digest(self):
        # Two blocks of rows.
        trace = Trace(self.written("random:5:66000"))
        self.assertEqual(trace.digest() + "\n", tool("digest", self.path).decode())
        self.assertNotEqual(trace.digest(block_records=65_535), trace.digest())

    def test_decoder_refuses_a_flipped_bit(self):
        data = bytearray(self.written("golden"))
        data[len(data) // 2] ^= 1
        with self.assertRaises(AssertionError):
            Trace(bytes(data))

    def test_decoder_refuses_another_digest(self):
        trace = Trace(self.written("golden"))
        record = trace.records[3]
        before = trace.digest()
        trace.records[3] = record._replace(hops=record.hops ^ 1)
        self.assertNotEqual(trace.digest(), before)

    def test_worked_example_is_what_is_written(self):
        self.assertEqual(format_page.hex_block("tiny.ghog"), self.written("tiny", "none"))
        self.assertEqual(format_page.dump(format_page.tiny_bytes()), format_page.block("tiny.ghog"))

    def test_worked_example_is_explained_rightly(self):
        data = format_page.hex_block("tiny.ghog")
        rows = format_page.table_after("## Worked example")
        self.assertGreater(len(rows), 10)
        for at, shown, _ in rows:
            offset = int(at.strip("`"), 16)
            first = shown.split(", ")[0].strip("`").rstrip("…").replace(" ", "")
            self.assertTrue(data[offset:].hex().startswith(first), (at, shown))

    def test_digest_example_is_right(self):
        trace = Trace(format_page.hex_block("tiny.ghog"))
        catalogue, rows = trace.encoded_catalogue(), b"".join(map(trace.row, trace.records))
        self.assertEqual(format_page.hex_block("digest-catalogue"), catalogue)
        self.assertEqual(format_page.hex_block("digest-rows"), rows)
        self.assertEqual(format_page.hex_block("digest").hex(), trace.digest())
        self.assertEqual(format_page.hashes_named(format_page.text()),
                         [xxhash.xxh3_128_hexdigest(catalogue), xxhash.xxh3_128_hexdigest(rows)])

    def test_trace_id_vectors_are_right(self):
        rows = format_page.table_after("## trace_id")
        self.assertGreaterEqual(len(rows), 7)
        for key, kind, name, ordinal, expected in rows:
            text = f"{kind}:{name}".encode() + struct.pack("<Q", int(ordinal))
            self.assertEqual(f"`{xxhash.xxh3_128_hexdigest(text, seed=int(key))}`", expected)

    def test_key_delta_vectors_are_right(self):
        rows = format_page.table_after("### Key deltas")
        self.assertGreaterEqual(len(rows), 4)
        for chunk_key, delta, key in rows:
            self.assertEqual((int(chunk_key) + int(delta)) % (1 << 64), int(key))

    def test_random_samples_have_key_deltas_and_names_twice(self):
        trace = Trace(self.written("random:2:900"))
        self.assertEqual(trace.header.which(), "keyedEntities")
        names = [entity[:2] for entity in trace.entities]
        self.assertLess(len(set(names)), len(names))
        used = {trace.key_deltas[record.source] for record in trace.records}
        self.assertGreater(len(used), 2)

    def test_order_number_vectors_are_right(self):
        trace = Trace(self.written("tiny"))
        rows = format_page.table_after("## Order numbers")
        self.assertGreaterEqual(len(rows), 7)
        for key, kind, name, ordinal, expected in rows:
            trace.entities = [(trace_decoder.KINDS.index(kind), name, 0)]
            record = trace.records[0]._replace(source=0, ordinal=int(ordinal), trace_key=int(key))
            self.assertEqual(f"`{trace.slot_text(40, None, record)}`", expected)

    def test_capnp_decode_reads_it(self):
        self.written("golden", "none", 5)
        command = format_page.block("capnp-decode").replace("day.ghog", self.path)
        ran = subprocess.run(["bash", "-c", command], cwd=ROOT, check=True, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(ran.stderr, "")
        for expected in ('scenarioName = "sample"', "formatVersion = 4", "timeDelta", "digest ="):
            self.assertIn(expected, ran.stdout)
        self.assertEqual(ran.stdout.count("chunk = ("), 4)

    def test_script_counts_the_records_of_each_service(self):
        script = os.path.join(os.path.dirname(self.path), "count.py")
        with open(script, "w", encoding="utf-8") as file:
            file.write(format_page.block("count-records"))
        for sample in ("golden", "random:9:30000"):
            with self.subTest(sample):
                trace = Trace(self.written(sample))
                ran = subprocess.run([sys.executable, script, self.path], cwd=ROOT, check=True,
                                     text=True, stdout=subprocess.PIPE)
                expected = [f"{name} {sum(r.service == i for r in trace.records)}"
                            for i, name in enumerate(trace.services)]
                self.assertEqual(ran.stdout, "\n".join(expected) + "\n")

    def test_script_is_short(self):
        self.assertLessEqual(len(format_page.block("count-records").splitlines()), 15)

    def test_marker_finds_entries_at_any_byte(self):
        data = self.written("golden", "zstd", 3)
        whole = recover(data)
        self.assertEqual(b"".join(whole), data)
        for lost in (1, 7, 433):
            self.assertEqual(recover(data[lost:]), whole[1:], lost)
        for added in (b"x", trace_decoder.MARKER[:5], trace_decoder.MARKER * 3):
            self.assertEqual(recover(whole[0] + added + b"".join(whole[1:])), whole, added)


class GoldenTest(unittest.TestCase):
    """Files of earlier program versions give the same lines as they did then. Those of the newest
    version of the format are renewed by scripts/renew-trace-goldens."""
    FOLDER = os.path.join(ROOT, "traces/golden")

    def read(self, name):
        with open(os.path.join(self.FOLDER, name), "rb") as file:
            return file.read()

    def files(self):
        return sorted(name for name in os.listdir(self.FOLDER) if name.endswith(".ghog"))

    def test_all_versions_and_compressions_are_there(self):
        two = [f"{sample}-{name}.ghog" for sample in ("sample", "version-2")
               for name in ("none", "packed", "zstd")]
        self.assertEqual(self.files(), [*two, "version-3.ghog"])
        versions = {name: Trace(self.read(name)).version for name in self.files()}
        self.assertEqual(list(versions.values()), [4, 4, 4, 2, 2, 2, 3], versions)

    def test_lines_are_what_they_were(self):
        for name in self.files():
            is_keyed = name == "version-3.ghog"
            lines = self.read("version-3.jsonl" if is_keyed else "sample.jsonl")
            self.assertEqual(lines.count(b"\n"), 40 if is_keyed else 18)
            with self.subTest(name):
                path = os.path.join(self.FOLDER, name)
                self.assertEqual(tool("cat", path, "--truth"), lines)
                trace = Trace(self.read(name))
                mine = "".join(trace.line(r, with_truth=True) + "\n" for r in trace.records)
                self.assertEqual(mine.encode(), lines)

    def test_files_are_written_as_they_were(self):
        # With zstd the bytes also depend on the library.
        for compression in ("none", "packed"):
            with self.subTest(compression), tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, "again.ghog")
                tool("write", "golden", path, compression, "6")
                with open(path, "rb") as file:
                    self.assertEqual(file.read(), self.read(f"sample-{compression}.ghog"))


if __name__ == "__main__":
    unittest.main()
