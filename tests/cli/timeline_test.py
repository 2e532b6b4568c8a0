"""groundhog info --timeline: how a trace went on, from its rollup alone."""
import collections
import json
import math
import os
import re
import struct
import unittest

from groundhog import CliTest, DURATION, read, run, sealed

# In an appendix's entry: where its pointer to the rollup is, behind frame, root pointer, Entry, a
# number and the pointer to the header.
ROLLUP_POINTER = 8 + 8 + 32 + 8 + 8


class TimelineTest(CliTest):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.records = [json.loads(line) for line in run("cat", cls.trace).stdout.splitlines()]

    def timeline(self, path, *arguments, **options):
        done = run("info", "--timeline", "--json", path, *arguments, **options)
        self.assert_silent(done)
        return json.loads(done.stdout)

    def page(self, path, *arguments, **options):
        done = run("info", "--timeline", path, *arguments, **options)
        self.assert_silent(done)
        return done.stdout.decode()

    def with_appendix(self, name, change):
        """The trace with an appendix that `change` has changed in place."""
        begin, size = self.entries[-3]
        appendix = bytearray(self.data[begin:begin + size])
        change(appendix)
        return self.write(name, self.data[:begin] + sealed(bytes(appendix)) +
                          self.data[begin + size:])

    def without_rollup(self):
        """As of records that have too many keys for a rollup."""
        def remove(appendix):
            self.assertNotEqual(appendix[ROLLUP_POINTER:ROLLUP_POINTER + 8], bytes(8))
            appendix[ROLLUP_POINTER:ROLLUP_POINTER + 8] = bytes(8)
        return self.with_appendix("older.ghog", remove)

    def with_minutes(self, minutes):
        def change(appendix):
            offset = struct.unpack_from("<i", appendix, ROLLUP_POINTER)[0] >> 2
            struct.pack_into("<I", appendix, ROLLUP_POINTER + 8 + 8 * offset, minutes)
        return self.with_appendix("minutes.ghog", change)

    def test_rows_are_the_records_counted(self):
        expected = collections.defaultdict(list)
        for record in self.records:
            expected[record["timestamp"][:16], record["service"]].append(record)
        rows = self.timeline(self.trace)["timeline"]
        self.assertEqual(len(rows), len(expected))
        for row in rows:
            records = expected[row["start"][:16], row["service"]]
            levels = collections.Counter(record["level"] for record in records)
            self.assertEqual({level: row[level] for level in ("INFO", "WARN", "ERROR")},
                             {level: levels[level] for level in ("INFO", "WARN", "ERROR")})
            latencies = sorted(record["latency_ms"] for record in records)
            self.assertEqual(row["latency_ms"]["sum"], sum(latencies))
            for key, share in (("p50_at_most", 0.5), ("p95_at_most", 0.95)):
                exact = latencies[math.ceil(share * len(latencies)) - 1]
                self.assertTrue(exact <= row["latency_ms"][key] <= 1.25 * exact, row)
            named = collections.Counter(record.get("dependency") for record in records)
            failed = collections.Counter(record.get("dependency") for record in records
                                         if record["level"] == "ERROR")
            del named[None]
            self.assertEqual({one["dependency"]: (one["records"], one["errors"])
                              for one in row["dependencies"]},
                             {name: (named[name], failed[name]) for name in named})

    def test_every_key_is_documented_and_no_other(self):
        page = read(os.path.join(os.environ["GROUNDHOG_SOURCE_DIR"], "docs/INFO.md")).decode()
        rows = re.findall(r"^\| (`[^|]+`) \|", page.split("\n## ", 1)[1], re.MULTILINE)
        documented = [key for row in rows for key in re.findall("`([^`]+)`", row)]
        found = self.timeline(self.trace)
        printed = list(found)
        row = next(row for row in found["timeline"] if row["dependencies"])
        for key, value in row.items():
            if key == "latency_ms":
                printed += [f"timeline[].latency_ms.{name}" for name in value]
                continue
            printed.append(f"timeline[].{key}")
            if key == "dependencies":
                printed += [f"timeline[].dependencies[].{name}" for name in value[0]]
        self.assertEqual(documented, printed)

    def test_no_chunk_is_read(self):
        rubbish = bytearray(self.data)
        first, last = self.entries[1][0], self.appendix_offset
        rubbish[first:last] = os.urandom(last - first)
        path = self.write("rubbish.ghog", bytes(rubbish))
        self.assertEqual(self.page(path), self.page(self.trace))
        self.assertEqual(self.timeline(path), self.timeline(self.trace))
        self.assertEqual(run("verify", path).returncode, 1)

    def test_longer_intervals_are_the_sums_of_shorter_ones(self):
        minutes, hours = self.timeline(self.trace), self.timeline(self.trace, "--every", "1h")
        self.assertEqual((minutes["every"], hours["every"]), ("1m", "1h"))
        counts = collections.Counter()
        for row in minutes["timeline"]:
            counts[row["start"][:13], row["service"]] += row["INFO"] + row["WARN"] + row["ERROR"]
        self.assertEqual({(row["start"][:13], row["service"]):
                          row["INFO"] + row["WARN"] + row["ERROR"] for row in hours["timeline"]},
                         dict(counts))
        self.assertLess(len(hours["timeline"]), len(minutes["timeline"]) / 30)

    def test_services_can_be_chosen(self):
        rows = self.timeline(self.trace, "--service", "auth-service")["timeline"]
        self.assertEqual({row["service"] for row in rows}, {"auth-service"})
        self.assertEqual(rows, [row for row in self.timeline(self.trace)["timeline"]
                                if row["service"] == "auth-service"])
        page = self.page(self.trace, "--service", "auth-service", "--service", "user-service")
        self.assertNotIn("gateway-service", page)
        done = run("info", "--timeline", self.trace, "--service", "auth")
        self.assert_fails(done, 2, "the trace has no such service", "auth-service")

    def test_the_page_is_a_picture_and_a_table_of_80_columns(self):
        page = self.page(self.trace)
        self.assertLessEqual(max(map(len, page.splitlines())), 80)
        # 7 hours: a column for 10 minutes, a row for 20.
        self.assertIn("Records, a column for 10m;", page)
        lines = [line for line in page.splitlines() if line.startswith("user-service ")]
        bars = [line[22:64] for line in lines]
        self.assertEqual(len(bars), 2, "records and errors")
        self.assertTrue(all(re.fullmatch("[ ▁▂▃▄▅▆▇█]{42}", one) for one in bars), bars)
        self.assertIn(bars[1].index("█"), (40, 41), "the incident that begins at 06:40")
        table = page.split("\nBy 20m; ")[1].splitlines()[1:]
        self.assertEqual(table[0].split()[:4], ["start", "records", "WARN", "errors"])
        rows = [line.split() for line in table[1:]]
        self.assertEqual(len(rows), 21)
        self.assertEqual(rows[0][0], "2025-01-06T00:00:00Z")
        self.assertEqual(sum(int(row[1].replace(",", "")) for row in rows), len(self.records))

    def test_a_time_without_records_has_one_row(self):
        path = self.sample("random:2:900")
        starts = sorted({row["start"][11:16] for row in self.timeline(path)["timeline"]})
        minutes = [int(start[:2]) * 60 + int(start[3:]) for start in starts]
        gaps = [later - earlier - 1 for earlier, later in zip(minutes, minutes[1:])]
        self.assertGreater(max(gaps), 3)
        page = self.page(path, "--every", "1m")
        self.assertEqual(re.findall(r"(?m)^\S+Z +none for (\d+)m$", page),
                         [str(gap) for gap in gaps if gap > 0])

    def test_nothing_else_may_be_asked_for(self):
        for arguments, words in (
                (["--every", "1m"], "--every and --service go with --timeline only"),
                (["--service", "auth-service"], "go with --timeline only"),
                (["--timeline", "--columns"], "cannot be used together"),
                (["--timeline", "--every", "90s"], "--every 1m30s: the trace is summed up by 1m")):
            self.assert_fails(run("info", self.trace, *arguments), 2, words)

    def test_a_pipe_and_an_older_trace_are_counted(self):
        expected = self.timeline(self.trace)
        self.assertEqual(self.timeline("-", stdin=self.data), expected)
        older = self.without_rollup()
        self.assertEqual(self.timeline(older), expected)
        self.assertEqual(run("verify", older).returncode, 0)
        self.assertEqual(self.page(older), self.page(self.trace))

    def test_an_incomplete_trace_is_counted_to_its_last_whole_chunk(self):
        path = self.cut(self.footer_offset)
        done = run("info", "--timeline", "--json", path)
        self.assert_fails(done, 0, "incomplete", prints=None)
        self.assertEqual(json.loads(done.stdout), self.timeline(self.trace))

    def test_no_records_are_said(self):
        path = self.path("empty.ghog")
        self.assert_silent(run("record", "--duration", "1ms", "--quiet", "-o", path))
        self.assertEqual(self.page(path), "no records\n")
        self.assertEqual(self.timeline(path)["timeline"], [])

    def test_a_rollup_that_is_not_sound_harms_nothing_else(self):
        path = self.with_minutes(2)
        done = run("info", "--timeline", path)
        self.assert_fails(done, 2, f"in the entry at byte {self.appendix_offset}", "the rollup: ")
        self.assertEqual(run("cat", path).stdout, run("cat", self.trace).stdout)
        self.assertEqual(self.info(path), self.info(self.trace))
        self.assert_fails(run("verify", path), 1, "the rollup: an interval is after the last")

    def test_copies_have_the_timeline_of_their_records(self):
        expected = self.timeline(self.trace)
        copy = self.path("copy.ghog")
        for command in (["convert", "--compression", "none", "--chunk-records", "33"],
                        ["convert", "--compression", "packed"], ["recover"], ["slice"]):
            with self.subTest(command):
                self.assertEqual(run(*command, self.trace, "--quiet", "-o", copy).returncode, 0)
                self.assertEqual(self.timeline(copy), expected)
        self.assertEqual(run("slice", self.trace, "--from", "2h", "--until", "3h", "--quiet", "-o",
                             copy).returncode, 0)
        self.assertEqual(self.timeline(copy)["timeline"],
                         [row for row in expected["timeline"] if row["start"][11:13] == "02"])
        self.assertEqual(run("recover", self.damaged(self.entries[5][0] + 99), "--quiet", "-o",
                             copy).returncode, 3)
        self.assert_silent(run("verify", copy, "--quiet"))
        found = self.timeline(copy)["timeline"]
        self.assertEqual(sum(row["INFO"] + row["WARN"] + row["ERROR"] for row in found),
                         len(self.records) - self.chunk_records(5))

    def test_it_takes_a_small_part_of_the_file(self):
        """As docs and format promise for a day of shop; seven hours have the same density."""
        self.assertEqual(DURATION, "7h")
        path = self.path("default.ghog")
        self.assertEqual(run("convert", self.trace, "--quiet", "-o", path).returncode, 0)
        begin, size = self.entries[-3]
        offset = struct.unpack_from("<i", self.data, begin + ROLLUP_POINTER)[0] >> 2
        rollup = size - (ROLLUP_POINTER + 8 + 8 * offset)  # it is the appendix's last part
        self.assertLess(rollup, 0.06 * os.path.getsize(path))


if __name__ == "__main__":
    unittest.main()
