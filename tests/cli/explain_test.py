"""groundhog explain: what it prints, which incident it takes, and what it does with bad traces.
tests/truth/explain_test.py checks that what it says is true."""
import collections
import json
import os
import re
import unittest

from groundhog import CliTest, entries, read, run, sealed

INCIDENT_KEYS = ["incident", "root", "nodes", "edges", "alarms", "impact", "recovery", "detectors",
                 "text"]
FAULT = "user-replicas-down"


def shown(told):
    """How many records show what."""
    counts = collections.Counter()
    for node in told["nodes"]:
        for state in node["states"]:
            counts[node["service"], state["state"]] = state["records"]
    for edge in told["edges"]:
        counts[edge["from"], edge["to"], edge["mechanism"]] = edge["records"]
    for alarm in told["alarms"]:
        for how in ("failed", "slowed", "missing"):
            counts[alarm["service"], how] = alarm[how]
    return counts


class ExplainTest(CliTest):
    # The fault comes twice.
    RECORD = ["shop", "--duration", "50m", "--chunk-records", "1000",
              "--set", f"faults.{FAULT}.time_of_day='00:15'", "--set", f"faults.{FAULT}.for=5m",
              "--set", f"faults.{FAULT}.every=20m"]

    def explain(self, *arguments, code=0):
        done = run("explain", *arguments)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def told(self, *arguments, code=0):
        """Of the one incident that is asked for."""
        told = json.loads(self.explain("--json", *arguments, code=code).stdout)
        self.assertEqual(len(told["incidents"]), 1)
        return told["incidents"][0]

    def refused(self, *arguments):
        done = self.explain(*arguments, code=2)
        self.assertEqual(done.stdout, b"")
        lines = done.stderr.decode().splitlines()
        self.assertEqual(len(lines), 1, lines)
        return lines[0]

    def test_the_object_has_the_keys_promised_and_each_is_documented(self):
        told = json.loads(self.explain("--json", self.trace).stdout)
        self.assertEqual(list(told), ["complete", "incidents"])
        incident = told["incidents"][0]
        self.assertEqual(list(incident), INCIDENT_KEYS)
        printed = list(told)

        def add(prefix, value):
            for key, inner in value.items():
                printed.append(prefix + key)
                if isinstance(inner, dict):
                    add(f"{prefix}{key}.", inner)
                elif isinstance(inner, list) and inner and isinstance(inner[0], dict):
                    add(f"{prefix}{key}[].", inner[0])

        add("", incident)
        page = read(os.path.join(os.environ["GROUNDHOG_SOURCE_DIR"], "docs/EXPLAIN.md")).decode()
        rows = re.findall(r"^\| (`[^|]+`) \|", page.split("## `--json`")[1], re.MULTILINE)
        documented = [key for row in rows for key in re.findall("`([^`]+)`", row)]
        self.assertEqual(sorted(documented), sorted(printed))
        for name in [state["state"] for node in incident["nodes"] for state in node["states"]]:
            self.assertIn(f"| `{name}` |", page)
        for edge in incident["edges"]:
            self.assertIn(f"`{edge['mechanism']}`", page)

    def test_the_page_says_the_same_in_80_columns(self):
        page = self.explain(self.trace).stdout.decode()
        told = self.told(self.trace)
        self.assertTrue(page.startswith(f"Incident {FAULT}/1\n"), page)
        for line in page.splitlines():
            self.assertLessEqual(len(line), 80, line)
        self.assertIn(told["text"], " ".join(page.split()))
        for edge in told["edges"]:
            self.assertRegex(page, rf"{edge['from']} +{edge['to']} +{edge['mechanism']} ")
        self.assertIn("How hard is it?", page)

    def test_hosts_are_named_where_not_all_are_affected(self):
        root = self.told(self.trace)["nodes"][0]
        self.assertEqual((root["service"], root["states"][0]["state"]), ("user-service", "down"))
        self.assertEqual(root["states"][0]["hosts"], ["user-service-2", "user-service-3"])
        self.assertIn("on user-service-2, user-service-3", self.explain(self.trace).stdout.decode())

    def test_an_incident_is_a_fault_or_one_of_its_occurrences(self):
        first, second = self.told(self.trace, FAULT), self.told(self.trace, FAULT + "/2")
        self.assertEqual(first, self.told(self.trace, FAULT + "/1"))
        self.assertEqual(first, self.told(self.trace))  # no other fault begins in this trace
        self.assertEqual([each["incident"]["cause"] for each in (first, second)],
                         [FAULT + "/1", FAULT + "/2"])
        self.assertEqual(first["incident"]["occurrences"], 2)
        # What differs counts for the last one that has begun.
        self.assertLess(first["recovery"]["last_effect"], second["incident"]["start"])
        self.assertGreaterEqual(second["nodes"][0]["states"][0]["onset"],
                                second["incident"]["start"])
        self.assertIn(b"  1 of 2 in the trace; name another as",
                      self.explain(self.trace, FAULT).stdout)

    def test_an_incident_that_is_not_there_is_refused_with_those_that_are(self):
        self.assertIn(f"did you mean '{FAULT}'", self.refused(self.trace, "user-replicas-dwn"))
        self.assertIn(f"it has {FAULT}", self.refused(self.trace, "xyzzy"))
        self.assertIn(f"its last {FAULT}/2", self.refused(self.trace, FAULT + "/3"))
        self.assertIn("instead of '-'", self.refused("-"))

    def test_a_trace_without_faults_has_nothing_to_explain(self):
        quiet = self.path("quiet.ghog")
        run("record", "quiet", "--duration", "1m", "--quiet", "-o", quiet)
        self.assertEqual(self.explain(quiet).stdout, b"No fault begins within the trace.\n")
        self.assertEqual(json.loads(self.explain("--json", quiet).stdout)["incidents"], [])

    def test_a_trace_that_this_program_does_not_live_again_is_refused(self):
        # Its scenario says another thing than that of its records, in as many bytes.
        data = read(self.plain())
        entry = entries(data)[0]
        header = data[entry[0]:entry[0] + entry[1]]
        self.assertIn(b"p50: 4ms, p95: 9ms", header)
        forged = sealed(header.replace(b"p50: 4ms, p95: 9ms", b"p50: 3ms, p95: 9ms"))
        path = self.write("foreign.ghog", data[:entry[0]] + forged + data[entry[0] + entry[1]:])
        line = self.refused(path)
        self.assertIn("before the fault begins", line)
        self.assertIn("2025-01-06T00:00:0", line)

    def assert_part_of(self, part, whole):
        """It shows nothing that the whole does not show, and nothing more often."""
        self.assertIn(part["root"], (whole["root"], None))
        known, all_of_it = shown(part), shown(whole)
        more = {key: (count, all_of_it[key]) for key, count in known.items()
                if count > all_of_it[key]}
        self.assertEqual(more, {})
        for day in ("with_fault", "without_fault"):
            self.assertLessEqual(part["impact"][day]["requests"], whole["impact"][day]["requests"])

    def test_what_a_trace_lacks_is_no_effect(self):
        whole = self.told(self.trace, FAULT)
        # Before the incident, in it, between it and the next, in that, and after it.
        for percent in (10, 35, 50, 75, 95):
            chunk = self.entries[len(self.entries) * percent // 100]
            torn = self.damaged(chunk[0] + chunk[1] // 2)
            recovered = self.path(f"recovered-{percent}.ghog")
            run("recover", "--quiet", torn, "-o", recovered)
            with self.subTest(percent=percent):
                self.assert_part_of(self.told(self.cut(chunk[0]), FAULT, code=3), whole)
                told = self.told(torn, FAULT, code=3)
                self.assert_part_of(told, whole)
                self.assertEqual(told["root"], whole["root"])
                self.assertEqual(self.told(recovered, FAULT), told)

    def test_what_is_missing_is_reported(self):
        middle = self.entries[len(self.entries) * 35 // 100][0]
        path = self.cut(middle)
        self.assertIn(b": incomplete: ", self.explain(path, code=3).stderr)
        self.assertEqual(self.explain("--quiet", path, code=3).stderr, b"")
        less, whole = self.told(path, FAULT, code=3), self.told(self.trace, FAULT)
        self.assertLess(less["impact"]["with_fault"]["requests"],
                        whole["impact"]["with_fault"]["requests"])
        self.assertEqual(self.explain(self.trace).stderr, b"")

    def test_a_cut_trace_in_which_no_fault_begins_is_called_incomplete(self):
        calm = self.path("calm.ghog")
        run("record", "quiet", "--duration", "5m", "--quiet", "-o", calm)
        data = read(calm)
        path = self.write("calm-cut.ghog", data[:len(data) // 2])
        done = self.explain(path, code=3)
        self.assertEqual(done.stdout, b"No fault begins within the trace.\n")
        self.assert_fails(done, 3, ": incomplete: ", prints=done.stdout)
        self.assertEqual(self.explain("--quiet", path, code=3).stderr, b"")

    def slice(self, *arguments):
        path = self.path("-".join(["slice", *arguments]) + ".ghog")
        done = run("slice", "--quiet", self.trace, *arguments, "-o", path)
        self.assertEqual(done.returncode, 0, done.stderr)
        return path

    def test_a_slice_shows_what_it_has_of_an_incident(self):
        whole = self.told(self.trace, FAULT)
        for arguments in (["--until", "15m30s"], ["--until", "17m30s"], ["--until", "19m45s"],
                          ["--from", "17m30s"], ["--from", "16m", "--until", "17m"]):
            with self.subTest(arguments=arguments):
                told = self.told(self.slice(*arguments), FAULT)
                self.assert_part_of(told, whole)
                self.assertEqual(told["root"], whole["root"])
                self.assertGreater(told["nodes"][0]["states"][0]["records"], 0)
        part = self.slice("--from", "17m")
        self.assertRegex(self.explain(part, FAULT).stderr.decode(),
                         r"^groundhog: .*: [0-9,]+ records of the day are not in it, the first at "
                         r"2025-01-06T00:00:0")
        self.assertEqual(self.explain("--quiet", part, FAULT).stderr, b"")

    def test_a_trace_without_the_incident_does_not_say_that_it_had_no_effect(self):
        # Also if it ended just before: later records say nothing of it.
        for arguments in (["--from", "40m"], ["--from", "30m"],
                          ["--from", "30m", "--until", "31m"]):
            told = self.told(self.slice(*arguments), FAULT)
            self.assertIn("The trace has no records of this time.", told["text"])
            self.assertIs(told["incident"]["in_trace"], False)
            self.assertIsNone(told["detectors"]["difficulty"])
            self.assertEqual({each["blames"] for each in told["detectors"]["verdicts"]}, {None})
        told = self.told(self.slice("--from", "14m59s", "--until", "15m0.3s"), FAULT)
        self.assertIn("In what the trace has of its day, it had no effect.", told["text"])
        self.assertIs(told["incident"]["in_trace"], True)

    def test_a_slice_without_records_says_that_it_has_none(self):
        empty = self.slice("--from", "15m", "--until", "15m0.000001s")
        done = self.explain(empty, FAULT)
        self.assertIn(b"The trace has no records of this time.", done.stdout)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertIn(b"the trace has no records", done.stderr)
        self.assertEqual(self.explain("--quiet", empty, FAULT).stderr, b"")

    def test_a_trace_that_covers_no_time_has_no_incident(self):
        recovered = self.path("nothing.ghog")
        run("recover", "--quiet", self.cut(self.entries[1][0] + 100), "-o", recovered)
        self.assertEqual(self.explain(recovered).stdout, b"No fault begins within the trace.\n")
        self.assertIn("no fault begins", self.refused(recovered, FAULT))

    def test_what_is_in_flight_at_the_end_is_not_missing(self):
        short, long = self.path("storm.ghog"), self.path("long-storm.ghog")
        run("record", "retry-storm", "--duration", "12m", "--quiet", "-o", short)
        run("record", "retry-storm", "--duration", "13m", "--quiet", "-o", long)
        told = self.told(short)
        self.assert_part_of(told, self.told(long))
        self.assertEqual([alarm["missing"] for alarm in told["alarms"]], [0])
        self.assertEqual(told["impact"]["with_fault"]["requests"],
                         told["impact"]["without_fault"]["requests"])

    def test_a_trace_that_was_cut_short_by_its_recorder_is_whole(self):
        short = self.path("short.ghog")
        run("record", *self.RECORD, "--duration", "18m", "--quiet", "-o", short)
        told = self.told(short)
        self.assertIsNone(told["recovery"]["after_end_ms"])
        self.assertIn("The trace ends before the fault does.", told["text"])


if __name__ == "__main__":
    unittest.main()
