"""Header, footer and inputs: what a trace says about itself, files, pipes, memory."""
import dataclasses
import datetime
import io
import json
import os
import pathlib
import subprocess
import sys
import unittest

from package import PACKAGE, PROGRAM, FolderTest, golden_files, groundhog_trace, output_of, read_all

# Reading holds one chunk at a time, besides what Python and its libraries take, and what Arrow
# keeps for the next one. A day's columns together have more than 200 MiB.
PEAK_DIFFERENCE_KIB_MAX = 48 * 1024


class HeaderTest(FolderTest):

    def test_says_what_info_says(self):
        path = self.record("shop", "--duration", "7h", "--without", "auth-outage", "--seed", "5")
        info = json.loads(output_of(PROGRAM, "info", "--json", path))
        with groundhog_trace.open(path) as trace:
            header, footer = trace.header, trace.footer
        self.assertEqual(header.scenario_name, info["scenario"])
        self.assertEqual((header.seed, header.format_version), (5, 4))
        self.assertEqual(header.truth_method, "local")
        self.assertIn("--without auth-outage", header.overrides)
        self.assertEqual(header.duration_ns, 7 * 3600 * 10**9)
        self.assertEqual(header.start, datetime.datetime(2025, 1, 6, tzinfo=datetime.timezone.utc))
        self.assertTrue(header.scenario_text.rstrip().endswith(
            output_of(PROGRAM, "scenario", "source", "shop").decode().rstrip()[-80:]))
        self.assertEqual((footer.records, footer.chunks, footer.digest),
                         (info["records"], info["chunks"], info["digest"]))
        self.assertEqual(footer.digest, output_of(PROGRAM, "digest", path).decode().split()[0])
        self.assertEqual({name: dataclasses.astuple(totals) for name, totals in
                          zip((one.name for one in header.services), footer.totals)},
                         {name: (one["INFO"], one["WARN"], one["ERROR"])
                          for name, one in info["services"].items()})
        self.assertEqual([one.name for one in footer.occurrences],
                         [one["name"] for one in info["faults"]])
        self.assertIn("user-replicas-down/1", [one.name for one in footer.occurrences])

    def test_knows_faults_and_call_trees(self):
        with groundhog_trace.open(self.record("shop", "--duration", "1m")) as trace:
            header = trace.header
        fault = next(one for one in header.faults if one.name == "auth-outage")
        self.assertEqual((fault.kind, fault.target), ("outage", "auth-service"))
        gateway = next(one for one in header.services if one.name == "gateway-service")
        self.assertIn("auth-service", gateway.dependencies)
        self.assertIn("host", {one.kind for one in header.entities})
        self.assertTrue(all(path.count("/") >= 1 for path in header.call_paths))

    def test_forever_has_no_duration(self):
        path = self.path("endless.ghog")
        recording = subprocess.Popen([PROGRAM, "record", "quiet", "--duration", "forever", "-q",
                                      "-o", "-"], stdout=subprocess.PIPE)
        with open(path, "wb") as file:
            file.write(recording.stdout.read(1 << 16))
        recording.stdout.close()
        recording.wait()
        with groundhog_trace.open(path) as trace:
            self.assertIsNone(trace.header.duration_ns)


class InputTest(FolderTest):

    def test_takes_paths_and_files(self):
        path = golden_files()[0]
        expected = read_all(path)
        self.assertEqual(len(expected), 18)
        self.assertEqual(read_all(pathlib.Path(path)), expected)
        with open(path, "rb") as file:
            self.assertEqual(read_all(file), expected)
            self.assertFalse(file.closed)
        self.assertEqual(read_all(io.BytesIO(pathlib.Path(path).read_bytes())), expected)

    def test_closes_what_it_opened(self):
        with groundhog_trace.open(golden_files()[0]) as trace:
            pass
        with self.assertRaises(ValueError):
            next(iter(trace))

    def test_a_file_can_be_read_again_and_in_parallel(self):
        with groundhog_trace.open(self.sample("golden", "zstd", 5)) as trace:
            once, twice = iter(trace), iter(trace)
            for one, other in zip(once, twice, strict=True):
                self.assertEqual(one, other)

    def test_a_pipe_can_be_read_once(self):
        path = self.record("quiet", "--duration", "10m")
        expected = read_all(path)
        with subprocess.Popen(["cat", path], stdout=subprocess.PIPE) as process:
            with groundhog_trace.open(process.stdout) as trace:
                self.assertIsNone(trace.footer)
                self.assertEqual(list(trace), expected)
                self.assertEqual(trace.footer.records, len(expected))
                with self.assertRaises(io.UnsupportedOperation):
                    list(trace)

    def test_no_such_file_is_an_error_of_the_system(self):
        with self.assertRaises(FileNotFoundError):
            groundhog_trace.open(self.path("missing.ghog"))


class BetweenTest(FolderTest):

    def setUp(self):
        super().setUp()
        self.recorded = self.record("shop", "--duration", "90m", "--chunk-records", "700")
        self.records = read_all(self.recorded)

    def windows(self):
        """Pairs of times: whole hours, one record, nothing, everything, between equal times."""
        times = [record.time_ns for record in self.records]
        chunk_ends = times[699], times[700]
        twice = next(time for time, after in zip(times, times[1:]) if time == after)
        return [(1800 * 10**9, 3600 * 10**9), (times[5], times[5] + 1), (-5, 0), (0, 0),
                (times[-1] + 1, 1 << 70), (1 << 70, 1 << 71), (-1 << 70, 1 << 70), chunk_ends,
                (chunk_ends[1], times[2000]), (twice, twice + 1), (times[3000], times[-1])]

    def test_gives_the_records_of_the_time(self):
        with groundhog_trace.open(self.recorded) as trace:
            for start, end in self.windows():
                expected = [one for one in self.records if start <= one.time_ns < end]
                part = trace.between(start, end)
                self.assertEqual(list(part), expected)
                self.assertEqual(part.read_arrow(["message"]).read_all()["message"].to_pylist(),
                                 [one.message for one in expected])
                self.assertEqual(part.stats().total.records, len(expected))

    def test_gives_what_cat_gives(self):
        cat = output_of(PROGRAM, "cat", self.recorded, "--from", "39m", "--until", "41m")
        minute = 60 * 10**9
        with groundhog_trace.open(self.recorded) as trace:
            hour = trace.between(0, 60 * minute)
            part = hour.between(39 * minute, 41 * minute)
            self.assertEqual("".join(f"{line}\n" for line in part.json_lines()), cat.decode())
        self.assertGreater(cat.count(b"\n"), 100)

    def test_reads_pipes_and_cut_files_from_the_beginning(self):
        start, end = 1800 * 10**9, 3600 * 10**9
        expected = [one for one in self.records if start <= one.time_ns < end]
        with subprocess.Popen(["cat", self.recorded], stdout=subprocess.PIPE) as process:
            with groundhog_trace.open(process.stdout) as trace:
                self.assertEqual(list(trace.between(start, end)), expected)
            process.stdout.close()
        cut = self.path("cut.ghog", pathlib.Path(self.recorded).read_bytes()[:-100])
        with groundhog_trace.open(cut) as trace:
            self.assertEqual(list(trace.between(start, end)), expected)

    def test_does_not_read_what_is_before(self):
        with groundhog_trace.open(self.recorded) as trace:
            offset = trace.footer.index[1].offset
        damaged = bytearray(pathlib.Path(self.recorded).read_bytes())
        damaged[offset + 40] ^= 1
        with groundhog_trace.open(io.BytesIO(damaged)) as trace:
            hour = 3600 * 10**9
            self.assertEqual(list(trace.between(hour, 2 * hour)),
                             [one for one in self.records if one.time_ns >= hour])
            with self.assertRaises(groundhog_trace.DamagedTrace):
                list(trace)


class MemoryTest(FolderTest):

    def peak_kib(self, path):
        script = ("import resource, sys, groundhog_trace\n"
                  "with groundhog_trace.open(sys.argv[1]) as trace:\n"
                  "    trace.stats()\n"
                  "    for record in trace: pass\n"
                  "    for batch in trace.read_arrow(): pass\n"
                  "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)")
        return int(subprocess.run([sys.executable, "-c", script, path], check=True,
                                  env=dict(os.environ, PYTHONPATH=PACKAGE),
                                  stdout=subprocess.PIPE).stdout)

    def test_does_not_grow_with_the_trace(self):
        short = self.peak_kib(self.record("shop", "--duration", "1h"))
        day = self.peak_kib(self.record("shop"))
        self.assertLess(day - short, PEAK_DIFFERENCE_KIB_MAX)


if __name__ == "__main__":
    unittest.main()
