"""groundhog info: the page and the JSON object agree with the records."""
import collections
import json
import os
import re
import subprocess
import unittest

from groundhog import CliTest, DURATION, PROGRAM, number, read, run, with_header

KEYS = ["format_version", "program_version", "scenario", "overrides", "seed", "start", "duration",
        "records", "first_time", "last_time", "size_bytes", "chunks", "resolution",
        "truth", "compression", "digest", "complete", "services", "faults"]


class InfoTest(CliTest):
    RECORD = ["shop", "--duration", DURATION, "--chunk-records", "1000", "--seed", str(2**64 - 1)]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.records = [json.loads(line) for line in run("cat", cls.trace).stdout.splitlines()]

    def record(self, *arguments):
        path = self.path("other.ghog")
        self.assert_silent(run("record", *arguments, "--quiet", "-o", path))
        return path

    def counts(self, records):
        counts = collections.Counter((r["service"], r["level"]) for r in records)
        return {name: {level: counts[name, level] for level in ("INFO", "WARN", "ERROR")}
                for name, _ in sorted(counts)}

    def test_the_object_has_exactly_the_keys_promised_in_their_order(self):
        info = self.info(self.trace)
        self.assertEqual(list(info), KEYS)
        for counts in info["services"].values():
            self.assertEqual(list(counts), ["INFO", "WARN", "ERROR"])
        for fault in info["faults"]:
            self.assertEqual(list(fault), ["name", "kind", "target", "start", "end"])

    def test_every_key_is_documented_and_no_other(self):
        page = read(os.path.join(os.environ["GROUNDHOG_SOURCE_DIR"], "docs/INFO.md")).decode()
        page = page.split("\n## ", 1)[0]  # the rest is about --timeline
        rows = re.findall(r"^\| (`[^|]+`) \|", page, re.MULTILINE)
        documented = [key for row in rows for key in re.findall("`([^`]+)`", row)]
        info = self.info(self.trace)
        printed = []
        for key, value in info.items():
            printed.append(key)
            if key == "services":
                printed += [f"services.NAME.{level}" for level in next(iter(value.values()))]
            if key == "faults":
                printed += [f"faults[].{name}" for name in value[0]]
        self.assertEqual(documented, [*printed, "columns"])

    def test_overrides_are_those_given_in_their_order(self):
        text = 'description=a "b" \\ ü'
        path = self.record("--seed", "7", "--scale", "2", "--without", "auth-outage", "--set", text,
                           "--duration", "5m")
        self.assertEqual(self.info(path)["overrides"],
                         ["seed=7", "--scale 2", "--without auth-outage", text, "duration=5m"])
        self.assertEqual(self.info(self.record("quiet"))["overrides"], [])

    def test_the_object_tells_how_the_trace_was_made(self):
        info = self.info(self.trace)
        start = "2025-01-06T00:00:00.000000000Z"
        version = run("--version").stdout.decode().split()[1]
        self.assertEqual([info[key] for key in KEYS[:7]],
                         [4, version, "shop", [f"duration={DURATION}", f"seed={2**64 - 1}"],
                          2**64 - 1, start, DURATION])
        self.assertEqual((info["truth"], info["compression"]), ("local", "zstd"))
        self.assertEqual(info["size_bytes"], len(self.data))
        self.assertEqual(info["chunks"], len(self.entries) - 4)
        self.assertEqual(info["digest"], run("digest", self.trace).stdout.decode().split()[0])
        self.assertIs(info["complete"], True)

    def test_columns_add_up_to_the_file_for_every_compression(self):
        for compression in ("zstd", "packed", "none"):
            path = self.record("shop", "--duration", "20m", "--compression", compression)
            with self.subTest(compression):
                plain = self.info(path)
                info = json.loads(run("info", "--json", "--columns", path).stdout)
                columns = info.pop("columns")
                self.assertEqual(info, plain)
                self.assertEqual(sum(columns.values()), info["size_bytes"])
                self.assertEqual(list(columns)[-1], "other")
                own = list(columns.values())[:-1]
                self.assertEqual(own, sorted(own, reverse=True))
                for name in ("timeDelta", "duration", "shape", "requests.fields", "steps"):
                    self.assertGreater(columns[name], 0)
        # Without compression a duration takes three bytes, or two if its group has short ones.
        self.assertGreaterEqual(columns["duration"], 2 * info["records"])
        self.assertLessEqual(columns["duration"], 3 * info["records"])

    def test_the_page_shows_columns_only_when_asked(self):
        page = run("info", "--columns", self.trace).stdout.decode()
        self.assertRegex(page, r"(?m)^duration +[\d,]+ +\d\.\d{3} +\d+\.\d %$")
        self.assertRegex(page, rf"(?m)^all +{len(self.data):,} +")
        self.assertTrue(page.startswith(run("info", self.trace).stdout.decode()))

    def test_the_object_counts_what_cat_prints(self):
        info = self.info(self.trace)
        self.assertEqual(info["records"], len(self.records))
        self.assertEqual(info["services"], self.counts(self.records))
        for key, record in (("first_time", self.records[0]), ("last_time", self.records[-1])):
            self.assertRegex(info[key], r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z\Z")
            self.assertEqual(info[key][:23] + "Z", record["timestamp"])

    def test_faults_are_occurrences_at_their_scheduled_times(self):
        path = self.record("--duration", "31h")
        faults = self.info(path)["faults"]
        first = [fault for fault in faults if fault["target"] == "user-service"]
        self.assertEqual([fault["name"] for fault in first],
                         [first[0]["name"][:-1] + "1", first[0]["name"][:-1] + "2"])
        self.assertEqual([fault["start"] for fault in first],
                         ["2025-01-06T06:40:00.000000000Z", "2025-01-07T06:40:00.000000000Z"])
        self.assertGreater(first[1]["end"], "2025-01-07T07:00:00Z")
        starts = [fault["start"] for fault in faults]
        self.assertEqual(starts, sorted(starts))
        self.assertEqual(self.info(self.record("--duration", "6h"))["faults"], [])

    def test_a_random_fault_has_occurrences_like_others(self):
        path = self.sample("random:2:900")
        faults = [f for f in self.info(path)["faults"] if f["kind"] == "crash"]
        self.assertGreater(len(faults), 2)
        self.assertEqual([fault["name"].rpartition("/")[2] for fault in faults],
                         [str(1 + i) for i in range(len(faults))])
        times = [fault[key] for fault in faults for key in ("start", "end")]
        self.assertEqual(times, sorted(times))
        self.assertIn(f"/{len(faults)}  crash", run("info", path).stdout.decode())

    def test_options_of_the_recording_show(self):
        cases = {
            ("--compression", "none"): ("compression", "none"),
            ("--compression", "packed"): ("compression", "packed"),
            ("--start", "2024-02-29T23:00:00+01:00"): ("start", "2024-02-29T22:00:00.000000000Z"),
            ("--seed", "0"): ("seed", 0),
            ("--truth", "exact"): ("truth", "exact"),
            ("--duration", "90m"): ("duration", "1h30m"),
        }
        for arguments, (key, value) in cases.items():
            with self.subTest(arguments):
                path = self.record("--duration", "1h", *arguments) if key != "duration" \
                    else self.record(*arguments)
                self.assertEqual(self.info(path)[key], value)

    def test_a_way_of_finding_the_truth_that_is_unknown_is_refused(self):
        """As from a later program."""
        def change(entry):
            header = bytearray(entry)
            at = header.index(number(1_736_121_600_000_000_000)) + 16  # behind start and duration
            self.assertEqual(header[at:at + 8], bytes(8))
            header[at] = 7
            return bytes(header)
        path = self.write("later.ghog", with_header(read(self.plain()), change))
        self.assert_fails(run("info", path), 2, "truth was found in an unknown way, number 7")

    def test_names_are_escaped(self):
        """A scenario's names need no escaping; another writer's may."""
        name = 'a"th\\ser\nice'
        path = self.write("odd.ghog", with_header(
            read(self.plain()),
            lambda entry: entry.replace(b"auth-service\0", name.encode() + b"\0")))
        self.assertEqual(self.info(path)["services"][name],
                         self.info(self.trace)["services"]["auth-service"])
        page = run("info", path).stdout
        self.assertIn(json.dumps(name)[1:-1].encode(), page)

    def test_a_trace_without_records_has_no_first_and_last_time(self):
        info = self.info(self.record("--duration", "1ms"))
        self.assertEqual((info["records"], info["chunks"]), (0, 0))
        self.assertEqual((info["first_time"], info["last_time"], info["compression"]),
                         (None, None, None))
        self.assertEqual((info["duration"], info["complete"]), ("1ms", True))

    def test_an_incomplete_trace_is_counted_to_its_last_whole_chunk(self):
        for stdin in (False, True):
            for length in (self.entries[9][0] + 5, self.footer_offset, len(self.data) - 1):
                with self.subTest(length=length, stdin=stdin):
                    path = self.cut(length)
                    lines = run("cat", path).stdout.splitlines()
                    done = run("info", "--json", "-" if stdin else path,
                               stdin=self.data[:length] if stdin else subprocess.DEVNULL)
                    self.assert_fails(done, 0, "incomplete", prints=None)
                    info = json.loads(done.stdout)
                    self.assertEqual(list(info), KEYS)
                    self.assertEqual((info["complete"], info["digest"]), (False, None))
                    self.assertEqual(info["records"], len(lines))
                    self.assertEqual(info["services"] | self.counts(map(json.loads, lines)),
                                     info["services"])
                    self.assertEqual(info["last_time"][:23] + "Z",
                                     json.loads(lines[-1])["timestamp"])
                    self.assertEqual(info["duration"], DURATION)
                    has_reached_fault = info["last_time"] > "2025-01-06T06:40"
                    self.assertEqual(len(info["faults"]), int(has_reached_fault))

    def test_quiet_says_nothing_of_what_is_missing(self):
        path = self.cut(self.footer_offset)
        self.assert_silent(run("info", "--quiet", path))
        self.assert_fails(run("info", path), 0, "incomplete", prints=None)

    def test_a_pipe_gives_what_the_file_gives(self):
        self.assertEqual(self.info("-", stdin=self.data), self.info(self.trace))

    def test_a_complete_file_is_told_from_its_ends(self):
        """Instant for any size: a hole in the middle of the file is not read."""
        huge = bytearray(self.data)
        begin, end = self.entries[3][0], self.entries[-3][0]
        huge[begin:end] = bytes(end - begin)
        path = self.write("hollow.ghog", bytes(huge))
        self.assertEqual(self.info(path), self.info(self.trace))

    def test_the_page_has_it_all_and_stays_short(self):
        done = run("info", self.trace)
        self.assert_silent(done)
        page, info = done.stdout.decode(), self.info(self.trace)
        self.assertLessEqual(len(page.splitlines()), 40)
        self.assertLessEqual(max(map(len, page.splitlines())), 100)
        for word in ["shop", str(2**64 - 1), DURATION, info["digest"], f"{info['records']:,}",
                     "zstd", "2025-01-06T06:40:00Z", "bytes a record", *info["services"],
                     *(fault["name"] for fault in info["faults"])]:
            self.assertIn(word, page)
        for name, counts in info["services"].items():
            line = next(line for line in page.splitlines() if line.startswith(name))
            self.assertEqual(line.split()[1:4], [f"{n:,}" for n in counts.values()])
        self.assertRegex(page, r"complete +yes")
        self.assertRegex(run("info", self.cut(self.footer_offset)).stdout, rb"complete +no")

    def test_the_page_elides_long_lists_of_occurrences(self):
        path = self.record("--duration", "120h")
        page = run("info", path).stdout.decode()
        self.assertIn("and 8 more", page)
        self.assertEqual(len(self.info(path)["faults"]), 20)
        self.assertLessEqual(len(page.splitlines()), 45)

    def test_what_is_no_trace_ends_with_2(self):
        for arguments in (["nowhere.ghog"], [self.folder], [self.write("empty", b"")], ["-"],
                          [PROGRAM], [self.cut(20), "--json"]):
            with self.subTest(arguments):
                self.assert_fails(run("info", *arguments), 2)

    def test_a_full_disk_is_told(self):
        for arguments in ([], ["--json"]):
            with open("/dev/full", "wb") as full:
                done = run("info", self.trace, *arguments, stdout=full)
            self.assert_fails(done, 2, "No space left on device")


if __name__ == "__main__":
    unittest.main()
