"""groundhog diff: it counts what the records say, and a trace differs in nothing from itself."""
import collections
import json
import os
import re
import unittest

from groundhog import CliTest, PROGRAM, entries, read, run, sealed
from terminal import Terminal

KEYS = ["identical", "complete", "first", "chain", "reached", "records", "differs_in", "services",
        "minutes", "causes", "scenario"]
DETAILS = ["services", "minutes", "causes"]
FAULT = "user-replicas-down"
FAULT_START = "2025-01-06T06:40:00"


class DiffTest(CliTest):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.healthy = cls.record("healthy.ghog", *cls.RECORD, "--without", FAULT)
        cls.report = cls.diff(cls.trace, cls.healthy, code=1)

    @classmethod
    def record(cls, name, *arguments):
        path = cls.path(name)
        done = run("record", *arguments, "--quiet", "-o", path)
        assert done.returncode == 0, done.stderr
        return path

    @staticmethod
    def diff(*arguments, code, **options):
        done = run("diff", "--json", *arguments, **options)
        assert done.returncode == code, (done.returncode, done.stderr)
        return json.loads(done.stdout)

    def records(self, path):
        return [json.loads(line) for line in self.lines("--truth", path)]

    def test_a_trace_is_identical_to_itself_however_it_is_encoded(self):
        other = self.record("other.ghog", *self.RECORD[:3], "--compression", "none",
                            "--chunk-records", "300")
        for path in (self.trace, other):
            done = run("diff", self.trace, path)
            self.assert_silent(done)
            self.assertTrue(done.stdout.startswith(b"The traces are identical.\n"), done.stdout)
            report = self.diff(self.trace, path, code=0)
            self.assertIs(report["identical"], True)
            self.assertIsNone(report["first"])
            self.assertEqual(report["records"]["equal"], self.info(self.trace)["records"])
            self.assertEqual((report["minutes"], report["causes"]), ([], []))
            self.assertEqual(report["scenario"]["keys"], [])

    def test_the_object_has_the_keys_promised_and_each_is_documented(self):
        self.assertEqual(list(self.report), KEYS)
        page = read(os.path.join(os.environ["GROUNDHOG_SOURCE_DIR"], "docs/DIFF.md")).decode()
        rows = re.findall(r"^\| (`[^|]+`) \|", page, re.MULTILINE)
        documented = [key for row in rows for key in re.findall("`([^`]+)`", row)]
        printed = []
        for key, value in self.report.items():
            printed.append(key)
            if key in ("first", "records", "scenario"):
                printed += [f"{key}.{name}" for name in value]
            if key in ("minutes", "causes"):
                printed += [f"{key}[].{name}" for name in value[0]]
        at = printed.index("scenario.keys") + 1
        printed[at:at] = [f"scenario.keys[].{name}" for name in self.report["scenario"]["keys"][0]]
        self.assertEqual(documented, printed)
        for field in self.report["differs_in"]:
            self.assertIn(f"`{field}`", page)

    def test_the_first_difference_is_the_records_that_cat_prints(self):
        first = self.report["first"]
        self.assertGreaterEqual(first["time"], FAULT_START)
        self.assertNotEqual(first["a"], first["b"])
        for side, path in (("a", self.trace), ("b", self.healthy)):
            lines = self.lines("--truth", "--trace-id", first["trace_id"], path)
            self.assertIn(first[side], [json.loads(line) for line in lines])
        self.assertEqual(first["a"]["truth"]["cause"], FAULT + "/1")
        self.assertIn("truth", first["differs_in"])
        # Up to there both are the same, and there they are not.
        until = first["time"]
        self.assertEqual(self.lines("--truth", "--until", until, self.trace),
                         self.lines("--truth", "--until", until, self.healthy))

    def test_counts_agree_with_one_another_and_with_the_traces(self):
        records = self.report["records"]
        self.assertEqual(records["a"], self.info(self.trace)["records"])
        self.assertEqual(records["b"], self.info(self.healthy)["records"])
        for side in ("a", "b"):
            self.assertEqual(records[side],
                             records["equal"] + records["different"] + records["only_" + side])
        sums, by_service = collections.Counter(), collections.Counter()
        for minute in self.report["minutes"]:
            self.assertGreaterEqual(minute["time"], FAULT_START)
            for service, counts in minute["services"].items():
                self.assertGreater(sum(counts.values()), 0)
                sums.update(counts)
                by_service.update({(service, name): n for name, n in counts.items()})
        for name in ("only_a", "only_b", "different"):
            self.assertEqual(sums[name], records[name])
            for service, counts in self.report["services"].items():
                self.assertEqual(by_service[service, name], counts[name])

    def test_counts_are_those_of_the_lines(self):
        """By trace id and place, with no regard to how the program does it."""
        sides = []
        for path in (self.trace, self.healthy):
            places = collections.defaultdict(list)
            for record in self.records(path):
                truth = record["truth"]
                if "call_path" in truth:
                    places[record["trace_id"], truth["call_path"], truth["span"],
                           truth["attempt"]].append(record)
            sides.append(places)
        a, b = sides
        only_a = sum(max(0, len(there) - len(b.get(place, []))) for place, there in a.items())
        only_b = sum(max(0, len(there) - len(a.get(place, []))) for place, there in b.items())
        self.assertGreater(only_a, 100)
        self.assertEqual(self.report["records"]["only_a"], only_a)
        self.assertEqual(self.report["records"]["only_b"], only_b)

    def test_causes_are_named(self):
        causes = {row["cause"]: row for row in self.report["causes"]}
        self.assertEqual(set(causes), {FAULT + "/1", None})
        labelled = sum(1 for record in self.records(self.trace) if "cause" in record["truth"])
        fault = causes[FAULT + "/1"]
        # A label differs by itself, so no record with one is equal in both.
        self.assertEqual(fault["only_a"] + fault["different"], labelled)
        self.assertEqual(fault["only_b"], 0)

    def test_ways_of_finding_the_truth_that_differ_are_named(self):
        exact = self.record("exact.ghog", *self.RECORD[:3], "--truth", "exact")
        told = self.diff(self.trace, exact, code=1)
        self.assertEqual((told["scenario"]["truth_a"], told["scenario"]["truth_b"]),
                         ("local", "exact"))
        self.assertEqual(told["differs_in"]["truth"], told["records"]["different"])
        line = b"\nThe truth was found in different ways: A local, B exact.\n"
        self.assertIn(line, run("diff", self.trace, exact).stdout)
        self.assertNotIn(b"different ways", run("diff", self.trace, self.healthy).stdout)

    def test_keys_of_the_scenario_that_differ_are_named(self):
        scenario = self.report["scenario"]
        self.assertEqual([row["key"] for row in scenario["keys"]], ["faults." + FAULT])
        self.assertIn("target: user-service", scenario["keys"][0]["a"])
        self.assertIsNone(scenario["keys"][0]["b"])
        self.assertEqual(scenario["overrides_b"][-1], "--without " + FAULT)
        short = ["shop", "--duration", "10m"]
        plain = self.record("plain.ghog", *short)
        other = self.record("changed.ghog", *short, "--seed", "9", "--set",
                            "services.auth-service.hosts=5")
        keys = {row["key"]: (row["a"], row["b"])
                for row in self.diff(plain, other, code=1)["scenario"]["keys"]}
        self.assertEqual(keys["seed"], ("1", "9"))
        self.assertEqual(keys["services.auth-service.hosts"][1], "5")
        self.assertEqual(len(keys), 2)
        # Also where no other fault is left.
        short = ["outage", "--duration", "10m"]
        plain = self.record("plain.ghog", *short)
        other = self.record("changed.ghog", *short, "--without", "auth-down")
        keys = [row["key"] for row in self.diff(plain, other, code=0)["scenario"]["keys"]]
        self.assertEqual(keys, ["faults.auth-down"])

    def test_another_start_is_one_difference(self):
        short = ["shop", "--duration", "10m", "--start"]
        monday = self.record("monday.ghog", *short, "2025-01-06T00:00:00Z")
        next_monday = self.record("next.ghog", *short, "2025-01-13T00:00:00Z")
        report = self.diff(monday, next_monday, code=1)
        self.assertIs(report["identical"], False)
        self.assertIsNone(report["first"])
        self.assertEqual(report["records"]["equal"], report["records"]["a"])
        self.assertEqual([row["key"] for row in report["scenario"]["keys"]], ["start"])
        self.assertIn(b"differ in their start only", run("diff", monday, next_monday).stdout)

    def test_a_shorter_trace_is_the_beginning_of_a_longer_one(self):
        short = self.record("short.ghog", "shop", "--duration", "1h")
        report = self.diff(self.trace, short, code=1)
        self.assertEqual(report["records"]["equal"], report["records"]["b"])
        self.assertEqual(report["records"]["only_b"], 0)
        self.assertGreaterEqual(report["first"]["time"], "2025-01-06T01:00:00")
        self.assertIsNone(report["first"]["b"])

    def test_the_page_fits_a_terminal(self):
        done = run("diff", self.trace, self.healthy)
        self.assert_silent(done, code=1)
        page = done.stdout.decode()
        self.assertTrue(page.startswith("The traces differ.\n"))
        for line in page.splitlines():
            self.assertLessEqual(len(line), 80, line)
            self.assertEqual(line, line.rstrip(), line)
            self.assertTrue(line.isprintable() or not line, line)
        for words in ("service ", "cause ", FAULT + "/1", "faults." + FAULT, "from, for "):
            self.assertIn(words, page)

    def sides(self, page):
        """{field: (mark, value in A, value in B)} of the first difference, as the page shows it."""
        shown, field = {}, None
        part = page.split("\nThe first difference, in trace ")[1].split("\n\n")[0]
        for line in part.splitlines()[2:]:
            name, a = line[:13].strip(), line[15:46].strip()
            mark, b = line[46:49].strip(), line[49:].strip()
            if name:
                field = name
                shown[field] = [mark, a, b]
            else:  # goes on
                shown[field][1] = f"{shown[field][1]} {a}".strip()
                shown[field][2] = f"{shown[field][2]} {b}".strip()
        return shown

    def test_both_records_are_shown_side_by_side(self):
        first = self.report["first"]
        page = run("diff", self.trace, self.healthy).stdout.decode()
        shown = self.sides(page)
        self.assertIn(f"\nThe first difference, in trace {first['trace_id']}:\n", page)
        for record, column in ((first["a"], 1), (first["b"], 2)):
            truth = record.pop("truth")
            for field, value in {**record, **truth}.items():
                if field in shown and field != "slots":
                    self.assertEqual(shown[field][column].replace(" ", ""),
                                     str(value).replace(" ", ""), field)
            for field in ("service", "level", "message", "hostname", "call_path"):
                self.assertIn(field, shown)
            record["truth"] = truth
        self.assertEqual(shown["time"][1], first["time"])
        for mark, a, b in shown.values():
            self.assertEqual(mark, "" if a == b else "|" if a and b else "<" if a else ">")
        self.assertEqual(shown["cause"], ["<", FAULT + "/1", ""])

    def test_a_record_that_only_one_has_is_shown_alone(self):
        short = self.record("short.ghog", "shop", "--duration", "1h")
        for arguments, side, mark in (((self.trace, short), "B", "<"),
                                      ((short, self.trace), "A", ">")):
            page = run("diff", *arguments).stdout.decode()
            self.assertIn(f"{side} has no such record", page)
            self.assertEqual({row[0] for row in self.sides(page).values()}, {mark})

    def test_the_chain_is_what_differs_in_the_request(self):
        chain, first = self.report["chain"], self.report["first"]
        self.assertEqual(chain[0], first)
        self.assertGreater(len(chain), 1)
        keys = []
        for step in chain:
            self.assertEqual(step["trace_id"], first["trace_id"])
            self.assertNotEqual(step["a"], step["b"])
            keys.append(step["time"])
        self.assertEqual(keys, sorted(keys))
        # By the lines of both traces, with no regard to how the program does it.
        counts = []
        for path in (self.trace, self.healthy):
            lines = self.lines("--truth", "--trace-id", first["trace_id"], path)
            counts.append(collections.Counter(json.dumps(json.loads(line)) for line in lines))
        for side, own, other in (("a", *counts), ("b", *reversed(counts))):
            differing = collections.Counter(json.dumps(step[side]) for step in chain if step[side])
            self.assertEqual(differing, own - other)
        page = run("diff", self.trace, self.healthy).stdout.decode()
        part = page.split("\nWhat follows in this request:\n")[1].split("\n\n")[0]
        self.assertEqual(len(part.splitlines()), 1 + len(chain))
        for line, step in zip(part.splitlines()[1:], chain):
            self.assertIn((step["a"] or step["b"])["hostname"], line)

    def test_each_service_is_reached_once_at_its_first_difference(self):
        reached = self.report["reached"]
        self.assertEqual(reached[0], self.report["first"])
        times = [step["time"] for step in reached]
        self.assertEqual(times, sorted(times))
        differing = [name for name, counts in self.report["services"].items()
                     if sum(counts.values()) > 0]
        self.assertEqual(sorted(step["service"] for step in reached), sorted(differing))
        first_minutes = {}
        for minute in self.report["minutes"]:
            for service in minute["services"]:
                first_minutes.setdefault(service, minute["time"])
        for step in reached:
            self.assertLessEqual(step["time"][:16], first_minutes[step["service"]][:16])
        page = run("diff", self.trace, self.healthy).stdout.decode()
        part = page.split("\nWhen it reaches each service:\n")[1].split("\n\n")[0]
        self.assertEqual([line.split()[1] for line in part.splitlines()[1:]],
                         [step["service"] for step in reached])
        self.assertIn(FAULT + "/1", part)

    def test_names_that_no_record_shows_are_named_where_only_the_digests_differ(self):
        later = self.record("later.ghog", *self.RECORD[:3], "--set",
                            "faults.search-slow.time_of_day=12:00")
        done = run("diff", self.trace, later)
        self.assert_silent(done)
        self.assertIn(b"\nNo record differs. The digests do", done.stdout)
        self.assertIn(b"\n  fault search-slow: not the same in both\n", done.stdout)
        self.assertNotIn(b"The digests do", run("diff", self.trace, self.trace).stdout)

    @staticmethod
    def on_terminal(*arguments):
        with Terminal([PROGRAM, "diff", *arguments]) as terminal:
            terminal.exit_code()
            terminal.watch(0.2)
            return terminal.shown.decode().replace("\r\n", "\n")

    def test_a_terminal_gets_colours_and_the_same_words(self):
        plain = run("diff", self.trace, self.healthy).stdout.decode()
        self.assertNotIn("\033", plain)
        os.environ.pop("NO_COLOR", None)
        shown = self.on_terminal(self.trace, self.healthy)
        self.assertTrue(shown.startswith("\033[31mThe traces differ.\033[0m\n"), shown[:99])
        words = [line.rstrip() for line in re.sub(r"\033\[\d*m", "", shown).splitlines()]
        self.assertEqual(words, plain.splitlines())
        for line in shown.splitlines():
            self.assertEqual(len(re.findall(r"\033\[[1-9]\d*m", line)), line.count("\033[0m"), line)
        os.environ["NO_COLOR"] = "1"
        self.assertEqual(self.on_terminal(self.trace, self.healthy), plain)
        del os.environ["NO_COLOR"]

    def test_a_summary_leaves_the_details_out(self):
        report = self.diff(self.trace, self.healthy, "--summary", code=1)
        self.assertEqual(report, {key: value for key, value in self.report.items()
                                if key not in DETAILS})
        page = run("diff", self.trace, self.healthy).stdout.decode()
        summary = run("diff", "--summary", self.trace, self.healthy).stdout.decode()
        self.assertTrue(page.startswith(summary))
        self.assertIn("\nall  ", page)
        self.assertNotIn("\nall  ", summary)

    def test_a_pipe_is_compared_like_a_file(self):
        for arguments in (["-", self.healthy], [self.trace, "-"]):
            data = self.data if arguments[0] == "-" else read(self.healthy)
            self.assertEqual(self.diff(*arguments, code=1, stdin=data), self.report)
        self.assert_fails(run("diff", "-", "-", stdin=self.data), 2, "standard input")

    def test_the_answer_is_the_same_when_the_reader_of_the_page_has_gone(self):
        for code, *arguments in ((1, self.healthy), (1, self.healthy, "--json"), (0, self.trace)):
            with self.subTest(arguments):
                read_end, write_end = os.pipe()
                os.close(read_end)
                with os.fdopen(write_end, "wb") as pipe:
                    done = run("diff", self.trace, *arguments, stdout=pipe)
                self.assertEqual((done.returncode, done.stderr), (code, b""))

    def test_what_is_missing_or_damaged_is_reported(self):
        cut = self.cut(len(self.data) // 2)
        done = run("diff", "--json", cut, cut)
        self.assertEqual(done.returncode, 3)
        self.assertIs(json.loads(done.stdout)["complete"], False)
        self.assertEqual(done.stderr.count(b"incomplete"), 2)
        self.assertIs(self.diff(cut, cut, "--quiet", code=3)["identical"], True)
        report = self.diff(self.trace, cut, code=1)
        self.assertIs(report["complete"], False)
        self.assertEqual(report["records"]["equal"], report["records"]["b"])
        for arguments in ([self.path("nowhere.ghog"), self.trace],
                          [self.trace, self.path("nowhere.ghog")]):
            self.assert_fails(run("diff", *arguments), 2, "nowhere.ghog")

    def test_a_scenario_of_another_program_is_compared_by_the_header(self):
        data = read(self.plain())
        size = entries(data)[0][1]
        self.assertIn(b"services:", data[:size])
        header = sealed(data[:size].replace(b"services:", b"sevrices:", 1))
        damaged = self.write("forged.ghog", header + data[size:])
        report = self.diff(self.trace, damaged, code=3, stdin=b"")
        self.assertIs(report["identical"], True)
        self.assertEqual([row["key"] for row in report["scenario"]["keys"]], ["scenario text"])


if __name__ == "__main__":
    unittest.main()
