"""groundhog tree: the calls of one request."""
import json
import unittest
from collections import Counter

from groundhog import CliTest, run


class TreeTest(CliTest):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        lines = run("cat", cls.trace, "--truth").stdout.splitlines()
        cls.requests = {}
        for line in lines:
            record = json.loads(line)
            cls.requests.setdefault(record["trace_id"], []).append(record)
        # One with attempts that were tried again and a cause, and one where all went well.
        cls.bad = max(cls.requests, key=lambda each: (
            any("cause" in record["truth"] for record in cls.requests[each]),
            len(cls.requests[each]) - len({r["truth"].get("span") for r in cls.requests[each]})))
        cls.good = next(each for each, records in cls.requests.items() if len(records) > 3 and
                        all(record["level"] == "INFO" for record in records))

    def tree(self, trace_id):
        done = run("tree", self.trace, trace_id, "--json")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        return json.loads(done.stdout)

    def test_every_record_of_the_request_is_there_once(self):
        for trace_id in (self.bad, self.good):
            tree = self.tree(trace_id)
            records = self.requests[trace_id]
            self.assertEqual((tree["trace_id"], tree["records"]), (trace_id, len(records)))
            found = Counter()
            for span in tree["spans"]:
                for one in [span] + span["tried_again"]:
                    found[one["message"], one["level"], one["duration_ns"], one["queue_wait_ns"],
                          one["error_code"], one["dependency"], one["cause"], span["host"],
                          span["service"], span["call_path"], span["attempt"]] += 1
            wanted = Counter((r["message"], r["level"], r["truth"]["duration_ns"],
                              r["truth"]["queue_wait_ns"], r.get("error_code"),
                              r.get("dependency"), r["truth"].get("cause"), r["hostname"],
                              r["service"], r["truth"]["call_path"], r["truth"]["attempt"])
                             for r in records)
            self.assertEqual(found, wanted)

    def test_calls_are_below_their_callers_and_within_their_time(self):
        for trace_id in (self.bad, self.good):
            open_spans = []
            for span in self.tree(trace_id)["spans"]:
                del open_spans[span["depth"]:]
                if open_spans:
                    self.assertEqual(span["parent_span"], open_spans[-1]["span"])
                    self.assertGreaterEqual(span["start"], open_spans[-1]["start"])
                else:
                    self.assertEqual(span["depth"], 0)
                open_spans.append(span)

    def test_the_bad_request_has_what_the_test_is_for(self):
        spans = self.tree(self.bad)["spans"]
        self.assertTrue(any(span["tried_again"] for span in spans))
        self.assertTrue(any(span["cause"] for span in spans))

    def test_the_page(self):
        for trace_id in (self.bad, self.good):
            done = run("tree", self.trace, trace_id)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            lines = done.stdout.decode().splitlines()
            self.assertIn(trace_id, lines[0])
            for line in lines:
                self.assertLessEqual(len(line), 80, line)
                self.assertTrue(line == line.rstrip() and line.isprintable(), line)
            text = "\n".join(lines)
            tree = self.tree(trace_id)
            for span in tree["spans"]:
                self.assertIn(span["host"], text)
            self.assertEqual(text.count("tried again:"),
                             sum(len(span["tried_again"]) for span in tree["spans"]))

    def test_some_digits_are_enough(self):
        whole = run("tree", self.trace, self.bad).stdout
        self.assertEqual(run("tree", self.trace, self.bad[:12]).stdout, whole)
        self.assertEqual(run("tree", "-", self.bad[:8], stdin=self.data).stdout, whole)

    def test_no_such_request(self):
        self.assert_fails(run("tree", self.trace, "0" * 32), 1, "no request")
        self.assert_silent(run("tree", self.trace, "0" * 32, "-q"), 1)

    def test_what_is_no_trace_id(self):
        for wrong in ("", "1234567", "x" * 32, "0" * 33, self.bad.upper() + "X"):
            self.assert_fails(run("tree", self.trace, wrong), 2, "TRACE_ID")

    def test_every_request_of_a_trace_with_rare_features(self):
        sample = self.sample("golden")
        lines = run("cat", sample).stdout.splitlines()
        ids = {json.loads(line)["trace_id"] for line in lines}
        count = 0
        for trace_id in ids:
            page = run("tree", sample, trace_id)
            self.assertEqual((page.returncode, page.stderr), (0, b""))
            for line in page.stdout.decode().split("\n"):
                self.assertTrue(line.isprintable(), line)
            count += json.loads(run("tree", sample, trace_id, "--json").stdout)["records"]
        self.assertEqual(count, len(lines))

    def test_an_incomplete_trace_gives_what_there_is(self):
        first = next(iter(self.requests))
        done = run("tree", self.cut(len(self.data) // 2), first)
        self.assert_fails(done, 3, "incomplete", prints=None)
        self.assertIn(first.encode(), done.stdout)


if __name__ == "__main__":
    unittest.main()
