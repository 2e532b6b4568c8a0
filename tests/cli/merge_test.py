"""groundhog merge: what is in the merged trace, and what the other commands make of it."""
import collections
import itertools
import json
import os
import random
import re
import resource
import struct
import sys
import unittest

from groundhog import CliTest, entries, read, run, sealed

sys.path.insert(0, os.path.join(os.environ["GROUNDHOG_SOURCE_DIR"], "tests/traces"))
from trace_decoder import Trace  # noqa: E402

ORDER = r"\d{3}-\d{7}-\d{7}"
# Other names, another start, another grid; `web-1` and `visit` as in OTHER, an outage of its own.
SMALL = """
name: small
start: 2025-01-06T00:10:00.5Z
resolution: 1ms
services:
  web: {service_time: 2ms}
journeys:
  visit: {rate: 2/s, deadline: 1s, entry: {service: web}}
faults:
  down: {kind: outage, target: web, at: 2m, for: 30s, every: 3m}
"""
OTHER = """
name: other
start: 2025-01-06T00:00:00Z
resolution: 10us
services:
  web: {service_time: 3ms, dependencies: {deep: {timeout: 120ms}}}
  deep: {service_time: 1ms}
journeys:
  visit: {rate: 3/s, deadline: 1s, entry: {service: web, calls: [{service: deep}]}}
faults:
  down: {kind: outage, target: deep, at: 4m, for: 20s}
"""
CROWDED = """
name: crowded
start: 2025-01-06T00:00:00Z
resolution: 1ms
services:
  web: {service_time: 2ms, concurrency: 100000}
journeys:
  visit: {rate: 1000000/s, deadline: 1s, entry: {service: web}}
"""


def at(line):
    return json.loads(line)["timestamp"]


def ids_of(lines):
    return {json.loads(line)["trace_id"] for line in lines}


class MergeCase(CliTest):
    RECORD = ["shop", "--duration", "2h", "--chunk-records", "1000"]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.out = cls.path("merged.ghog")

    def setUp(self):
        if os.path.exists(self.out):
            os.remove(self.out)

    @classmethod
    def recorded(cls, name, *arguments):
        path = cls.path(name)
        done = run("record", *arguments, "-q", "--no-expect", "-o", path)
        assert done.returncode == 0, done.stderr
        return path

    def small(self):
        return self.recorded("small.ghog", self.write("small.yaml", SMALL.encode()),
                             "--duration", "10m")

    def other(self, *arguments):
        return self.recorded("other.ghog", self.write("other.yaml", OTHER.encode()),
                             "--duration", "30m", *arguments)

    def merged(self, *files, code=0, **options):
        """What merge says."""
        done = run("merge", *files, "-o", self.out, **options)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assert_silent(run("verify", "--quiet", self.out))
        self.assertFalse(os.path.exists(self.out + ".partial"))
        return done.stderr.decode()

    def slices(self, *limits):
        """Slices of the trace, each from one limit until the other."""
        paths = []
        for begin, end in limits:
            paths.append(self.path(f"slice{len(paths)}.ghog"))
            times = ["--from", begin] + (["--until", end] if end else [])
            self.assertEqual(run("slice", self.trace, *times, "-o", paths[-1]).returncode, 0)
        return paths

    def assert_has_both(self, a, b):
        """The merged trace has the lines of both, each in its order; no request is in both."""
        lines_a, lines_b, lines = self.lines(a), self.lines(b), self.lines(self.out)
        of_a = ids_of(lines_a)
        self.assertFalse(of_a & ids_of(lines_b))
        is_of_a = [json.loads(line)["trace_id"] in of_a for line in lines]
        self.assertEqual([line for line, one in zip(lines, is_of_a) if one], lines_a)
        self.assertEqual([line for line, one in zip(lines, is_of_a) if not one], lines_b)
        self.assertEqual(lines, sorted(lines, key=at))
        return is_of_a


class OneRecordingTest(MergeCase):

    def test_the_slices_of_a_day_give_the_day(self):
        parts = self.slices(("0s", "30m"), ("30m", "31m"), ("31m", None))
        for files in (parts, parts[::-1], [self.trace]):
            with self.subTest(files):
                told = self.merged(*files)
                self.assertEqual(self.info(self.out)["digest"], self.info(self.trace)["digest"])
                self.assertEqual(run("cat", self.out, "--truth").stdout,
                                 run("cat", self.trace, "--truth").stdout)
                merged, day = self.info(self.out), self.info(self.trace)
                for key in ("format_version", "scenario", "overrides", "seed", "duration"):
                    self.assertEqual(merged[key], day[key], key)
                self.assertRegex(told, r"\Agroundhog: merged [0-9,]+ records: [^\n]+\n"
                                       r"groundhog: digest [0-9a-f]{32}\n\Z")

    def test_what_several_have_is_there_once(self):
        parts = self.slices(("0s", "50m"), ("40m", "1h30m"), ("1h", None))
        count = sum(self.info(path)["records"] for path in parts)
        told = self.merged(*parts)
        self.assertEqual(self.info(self.out)["digest"], self.info(self.trace)["digest"])
        self.assertIn(f"{count - self.info(self.trace)['records']:,} records that were", told)
        self.merged(self.trace, self.trace)
        self.assertEqual(self.info(self.out)["digest"], self.info(self.trace)["digest"])

    def test_two_damaged_copies_give_the_whole(self):
        paths = []
        for chunk in (2, 5):
            offset, _ = self.entries[chunk]
            paths.append(self.write(f"damaged{chunk}.ghog", self.damaged_data(offset + 40)))
        told = self.merged(*paths, code=3)
        self.assertEqual(told.count("damaged in the entry"), 2)
        self.assertEqual(self.info(self.out)["digest"], self.info(self.trace)["digest"])

    def test_recovered_parts_of_crowded_instants_give_the_whole_whichever_comes_first(self):
        # Instants of one host, each many chunks long: what is lost begins and ends within them.
        scenario = self.write("crowded.yaml", CROWDED.encode())
        whole = self.recorded("crowded.ghog", scenario, "--duration", "10ms", "--chunk-records",
                              "50")
        data = read(whole)
        chunks = entries(data)[1:-2]
        self.assertGreater(len(chunks), 100)
        parts = []
        for number, lost in enumerate(((2, 11, 12, 13, 40, 41), (5, 20, 21, 60), (30, 31, 70))):
            damaged = bytearray(data)
            for chunk in lost:
                damaged[chunks[chunk][0] + 40] ^= 0x10
            parts.append(self.path(f"recovered{number}.ghog"))
            done = run("recover", self.write("damaged.ghog", bytes(damaged)), "-o", parts[-1])
            self.assertEqual(done.returncode, 3, done.stderr)
        for files in itertools.permutations([*parts, whole], 2):
            if whole not in files:
                continue
            with self.subTest(files):
                self.merged(*files)
                self.assertEqual(self.info(self.out)["digest"], self.info(whole)["digest"])
        for files in itertools.permutations(parts):
            with self.subTest(files):
                self.merged(*files)
                self.assertEqual(self.info(self.out)["digest"], self.info(whole)["digest"])

    def test_an_incomplete_trace_gives_what_it_has(self):
        cut = self.cut(len(self.data) // 2)
        told = self.merged(cut, *self.slices(("1h59m", None)), code=3)
        self.assertIn("incomplete", told)
        self.assertEqual(run("merge", cut, "-q", "-o", self.out).stderr, b"")

    def test_a_shorter_recording_of_the_same_day(self):
        shorter = self.recorded("shorter.ghog", "shop", "--duration", "1h")
        self.merged(shorter, *self.slices(("50m", None)))
        self.assertEqual(self.info(self.out)["digest"], self.info(self.trace)["digest"])
        self.assertEqual(self.info(self.out)["overrides"], ["duration=2h"])

    def test_a_time_that_is_missing_stays_missing(self):
        self.merged(*self.slices(("0s", "30m"), ("1h", "1h10m")))
        self.assertEqual(self.lines(self.out),
                         self.lines(self.trace, "--until", "30m") +
                         self.lines(self.trace, "--from", "1h", "--until", "1h10m"))
        self.assertEqual(self.info(self.out)["duration"], "1h10m")

    def test_pipes(self):
        parts = self.slices(("0s", "30m"), ("30m", None))
        done = run("merge", "-", parts[0], "-o", "-", "-q", stdin=read(parts[1]))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.info("-", stdin=done.stdout)["digest"],
                         self.info(self.trace)["digest"])

    def test_the_empty_trace_and_one_record(self):
        empty = self.recorded("empty.ghog", "shop", "--duration", "1ms")
        self.merged(empty)
        self.assertEqual(self.info(self.out)["digest"], self.info(empty)["digest"])
        first = self.lines(self.trace)[0]
        one = self.slices(("0s", at(first).replace("Z", "999Z")))[0]
        self.assertGreater(self.info(one)["records"], 0)
        for files in ((one, empty), (empty, one)):
            self.merged(*files)
            self.assertEqual(self.lines(self.out), self.lines(one))


class SeveralRecordingsTest(MergeCase):

    def test_two_seeds(self):
        a = self.recorded("seed1.ghog", "shop", "--duration", "1h", "--seed", "1")
        b = self.recorded("seed2.ghog", "shop", "--duration", "1h", "--seed", "2")
        told = self.merged(a, b)
        is_of_a = self.assert_has_both(a, b)
        # Both at all times, not one after the other.
        self.assertGreater(sum(x != y for x, y in zip(is_of_a, is_of_a[1:])), len(is_of_a) // 8)
        self.assertEqual(told.count("\n"), 2, told)
        # In chunks of the usual size.
        info = self.info(self.out)
        self.assertLess(info["chunks"], 10 + info["records"] // 8000)
        self.assertEqual((info["format_version"], info["scenario"]), (4, "2 recordings of shop"))
        truth = [[json.loads(line)["truth"] for line in self.lines(path, "--truth")]
                 for path in (a, b, self.out)]
        key = lambda one: (one.get("cause", ""), one.get("call_path", ""), one["duration_ns"],
                           one["queue_wait_ns"], one["template"])
        self.assertEqual(sorted(map(key, truth[0] + truth[1])), sorted(map(key, truth[2])))

    def test_other_names_starts_and_grids(self):
        small, other = self.small(), self.other("--seed", "9")
        told = self.merged(small, other)
        self.assertIn("small.ghog: ", self.merged(other, small))
        self.assertIn("down is down-2", told)
        self.merged(small, other)
        lines = self.lines(self.out)
        self.assertEqual(
            collections.Counter(lines),
            collections.Counter(self.lines(small)) + collections.Counter(self.lines(other)))
        self.assertEqual(lines, sorted(lines, key=at))
        info = self.info(self.out)
        self.assertEqual((info["start"], info["resolution"], info["duration"], info["overrides"]),
                         ("2025-01-06T00:00:00.000000000Z", "10us", "30m", []))
        self.assertEqual(info["scenario"], "2 recordings of small, other")
        self.assertEqual(set(info["services"]), {"web", "deep"})
        # An independent decoder finds it sound, and the records in order.
        trace = Trace(read(self.out))
        places = [(record.time, record.host) for record in trace.records]
        self.assertEqual(places, sorted(places))
        self.assertEqual([trace.line(record).encode() for record in trace.records], lines)

    def test_faults_keep_their_own_times(self):
        small, other = self.small(), self.other("--seed", "9")
        self.merged(small, other)
        told = lambda path: [(one["kind"], one["target"], one["start"], one["end"])
                             for one in self.info(path)["faults"]]
        # Times of a fault that returned are listed: none comes after its trace.
        self.assertEqual(sorted(told(self.out)), sorted(told(small) + told(other)))
        causes = lambda path: collections.Counter(
            json.loads(line)["truth"].get("cause", "").replace("down-2", "down")
            for line in self.lines(path, "--truth"))
        self.assertEqual(causes(self.out), causes(small) + causes(other))
        self.assertGreater(causes(small)["down/1"], 0)
        self.assertGreater(causes(other)["down"], 0)

    def test_one_seed_twice_gives_no_request_the_id_of_another(self):
        other = self.recorded("healthy.ghog", "shop", "--duration", "2h", "--without",
                              "auth-outage")
        self.assertTrue(ids_of(self.lines(self.trace)) & ids_of(self.lines(other)))
        told = self.merged(self.trace, other)
        self.assertIn("healthy.ghog: has trace ids of an earlier FILE", told)
        lines = self.lines(self.out)
        self.assertEqual(len(ids_of(lines)), len(ids_of(self.lines(self.trace))) +
                         len(ids_of(self.lines(other))))
        without_ids = lambda line: re.sub(ORDER, "ORDER", re.sub(
            r'"trace_id":"\w+"', "", line.decode()))
        self.assertEqual(
            collections.Counter(map(without_ids, lines)),
            collections.Counter(map(without_ids, self.lines(self.trace) + self.lines(other))))

    def test_merged_traces_are_merged_and_cut(self):
        small, other = self.small(), self.other("--seed", "9")
        self.merged(small, other)
        both = self.path("both.ghog")
        os.rename(self.out, both)
        parts = []
        for limits in (["--until", "9m"], ["--from", "9m"]):
            parts.append(self.path(f"part{len(parts)}.ghog"))
            self.assertEqual(run("slice", both, *limits, "-o", parts[-1]).returncode, 0)
        self.merged(*parts)
        self.assertEqual(self.info(self.out)["digest"], self.info(both)["digest"])
        self.assertEqual(self.lines(self.out), self.lines(both))
        third = self.recorded("third.ghog", "shop", "--duration", "10m", "--seed", "5")
        self.merged(both, third)
        self.assert_has_both(both, third)


class OtherCommandsTest(MergeCase):
    """What they make of a merged trace."""

    def setUp(self):
        super().setUp()
        self.merged(self.small(), self.other("--seed", "9"))

    def test_it_has_no_scenario_to_record_again(self):
        for arguments in (["record", self.out, "-o", self.path("again.ghog")],
                          ["scenario", "show", self.out], ["explain", self.out]):
            with self.subTest(arguments):
                self.assert_fails(run(*arguments), 2, "no scenario in it", "merged")

    def test_commands_that_read_it(self):
        line = json.loads(self.lines(self.out)[7])
        page = run("tree", self.out, line["trace_id"])
        self.assertEqual(page.returncode, 0, page.stderr)
        self.assertEqual(self.lines(self.out, "--trace-id", line["trace_id"]),
                         [one for one in self.lines(self.out)
                          if json.loads(one)["trace_id"] == line["trace_id"]])
        stats = json.loads(run("stats", self.out, "--json").stdout)
        self.assertEqual(stats["records"], len(self.lines(self.out)))
        self.assertEqual(stats["trace_ids"], len(ids_of(self.lines(self.out))))
        self.assert_silent(run("diff", self.out, self.out))
        self.assertEqual(run("diff", self.out, self.path("small.ghog")).returncode, 1)
        for form in ("text", "csv", "logfmt", "otlp-json", "perfetto", "loghub"):
            self.assert_silent(run("cat", self.out, "--format", form))
        self.assertIn(b"2 recordings of small, other\n", run("info", self.out).stdout)

    def test_its_own_output_passes_the_audit(self):
        path = self.write("out.jsonl", run("cat", self.out).stdout)
        done = run("audit", self.out, path, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_difference_of_one_recording_is_found_as_such(self):
        before = self.path("before.ghog")
        os.rename(self.out, before)
        other = self.recorded("other2.ghog", self.path("other.yaml"), "--duration", "30m",
                              "--seed", "9", "--without", "down")
        self.merged(self.path("small.ghog"), other)
        report = json.loads(run("diff", before, self.out, "--json").stdout)
        self.assertEqual({one["cause"] for one in report["causes"]}, {"down-2"})
        of_small = self.info(self.path("small.ghog"))["records"]
        self.assertGreater(report["records"]["equal"], of_small)


class WrongInputTest(MergeCase):

    def test_what_is_no_trace(self):
        for path in (self.path("missing.ghog"), self.write("text", b"hello\n")):
            for files in ((path,), (self.trace, path)):
                self.assert_fails(run("merge", *files, "-o", self.out), 2, path)
                self.assertFalse(os.path.exists(self.out))
        self.assert_fails(run("merge", "-o", self.out), 2, "FILE")
        self.assert_fails(run("merge", "-", "-", "-o", self.out), 2, "give - once")

    def test_it_does_not_write_over_what_it_reads(self):
        path = self.write("day2.ghog.partial", self.data[:len(self.data) // 2])
        done = run("merge", self.trace, path, "-o", self.path("day2.ghog"))
        self.assert_fails(done, 2, "day2.ghog.partial", "another")
        self.assertEqual(len(read(path)), len(self.data) // 2)

    def test_chunks_with_keys_of_their_own_are_refused(self):
        key = struct.pack("<Q", Trace(self.data).header.traceKey)
        forged = self.forged(3, key, struct.pack("<Q", 4711))
        done = run("merge", forged, "-o", self.out)
        self.assert_fails(done, 2, forged, f"byte {self.entries[3][0]}", "another trace key")
        self.assertFalse(os.path.exists(self.out))

    def test_more_files_than_can_be_open(self):
        files = [self.slices(("0s", "1m"))[0]] * 40
        done = run("merge", *files, "-o", self.out, preexec_fn=lambda:
                   resource.setrlimit(resource.RLIMIT_NOFILE, (30, 30)))
        self.assert_fails(done, 2, "Too many open files; 'ulimit -n'")
        # A limit that may be raised is raised.
        self.merged(*files, preexec_fn=lambda:
                    resource.setrlimit(resource.RLIMIT_NOFILE, (30, 100)))
        self.assertEqual(self.info(self.out)["digest"], self.info(files[0])["digest"])

    def test_hostile_headers_end_with_one_line(self):
        """Sound checksums, wrong contents: never a crash."""
        self.merged(self.small(), self.other("--seed", "9"))
        data = read(self.out)
        offset, size = entries(data)[0]
        entry = data[offset:offset + size]
        generator = random.Random(6)
        for _ in range(150):
            forged = bytearray(entry)
            forged[generator.randrange(32, size)] = generator.choice((0, 1, 2, 255))
            path = self.write("hostile.ghog", sealed(bytes(forged)) + data[size:])
            done = run("merge", self.path("small.ghog"), path, "-o", self.path("hostile-out.ghog"))
            self.assertIn(done.returncode, (0, 2, 3), done.stderr)
            if done.returncode == 2:
                self.assertRegex(done.stderr.decode().splitlines()[-1], r"\Agroundhog: ")


if __name__ == "__main__":
    unittest.main()
