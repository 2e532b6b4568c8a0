"""groundhog audit: it finds what a transform does wrong, each kind of it, and nothing else."""
import csv
import gzip
import io
import json
import os
import re
import unittest

from groundhog import CliTest, read, run

COUNTS = ["missing", "extra", "doubled", "altered", "reordered", "wrongly_kept", "split", "late",
          "fields_missing"]
NAMES = ["service", "level", "message", "timestamp", "latency_ms", "trace_id", "dependency",
         "error_code", "hostname"]


def ndjson(records):
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def as_csv(records, names=tuple(NAMES)):
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue().encode()


class AuditCase(CliTest):
    RECORD = ["shop", "--duration", "20m", "--start", "2025-01-06T06:35:00Z", "--chunk-records",
              "1000"]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        done = run("cat", "--truth", cls.trace)
        assert done.returncode == 0, done.stderr
        cls.truths = [json.loads(line) for line in done.stdout.splitlines()]

    def records(self):
        """A pipeline's input, for its transform to change."""
        return [{name: truth[name] for name in NAMES if name in truth} for truth in self.truths]

    def audit(self, *arguments, code, **options):
        done = run("audit", "--json", self.trace, *arguments, **options)
        self.assertEqual((done.returncode, done.stderr), (code, b""), done.stdout[:2000])
        return json.loads(done.stdout)

    def audit_rows(self, rows, *arguments, **found):
        """The report, after a look at what it counts: all that is not named is zero."""
        data = rows if isinstance(rows, bytes) else ndjson(rows)
        report = self.audit("-", *arguments, code=1 if found else 0, stdin=data)
        counts = {name: report[name] for name in COUNTS if report[name]}
        self.assertEqual(counts, found)
        self.assertIs(report["ok"], not found)
        return report

    def only_example(self, report):
        self.assertEqual(len(report["examples"]), 1)
        return report["examples"][0]


class FindingsTest(AuditCase):
    """One bug is planted a test."""

    def test_a_pipeline_without_a_bug(self):
        report = self.audit_rows(self.records())
        self.assertEqual(report["as_expected"], len(self.truths))
        self.assertEqual((report["records"], report["rows"]), (len(self.truths),) * 2)
        self.assertEqual((report["examples"], report["hint"]), ([], None))
        self.assertEqual(report["compared"], {name: name for name in NAMES})

    def test_a_record_is_dropped(self):
        rows = self.records()
        at = next(i for i, truth in enumerate(self.truths) if "cause" in truth["truth"])
        lost = rows.pop(at)
        example = self.only_example(self.audit_rows(rows, missing=1))
        self.assertEqual(example["record"], lost)
        self.assertEqual(example["position"], at)
        self.assertEqual(example["cause"], self.truths[at]["truth"]["cause"])
        self.assertTrue(example["time"].startswith(lost["timestamp"][:-1]), example["time"])
        self.assertIsNone(example["line"])
        one = run("cat", "--position", str(example["position"]), self.trace).stdout
        self.assertEqual(json.loads(one), lost)

    def test_a_record_is_doubled(self):
        rows = self.records()
        rows.insert(200, rows[100])
        example = self.only_example(self.audit_rows(rows, doubled=1))
        self.assertEqual(example["record"], rows[100])
        self.assertEqual((example["output"], example["line"]), ("-", 201))
        self.assertEqual(example["other"]["line"], 101)

    def test_a_value_is_altered(self):
        for name, value in (("level", "DEBUG"), ("latency_ms", 999), ("hostname", None),
                            ("message", "redacted"), ("timestamp", "2025-01-06T07:00:00Z"),
                            ("service", "payments"), ("trace_id", "0" * 32)):
            with self.subTest(name):
                rows = self.records()
                at = 321
                sent = dict(rows[at])
                rows[at][name] = value
                report = self.audit_rows(rows, altered=1)
                self.assertEqual(report["altered_in"], {name: 1})
                example = self.only_example(report)
                self.assertEqual((example["record"], example["line"]), (sent, at + 1))
                text = None if value is None else str(value)
                self.assertEqual(example["altered"],
                                 {name: {"expected": str(sent[name]), "found": text}})

    def test_an_optional_value_is_lost(self):
        rows = self.records()
        errors = [row for row in rows if "error_code" in row]
        del errors[1]["error_code"]
        report = self.audit_rows(rows, altered=1)
        self.assertEqual(report["altered_in"], {"error_code": 1})

    def test_records_of_a_service_change_places(self):
        rows = self.records()
        mine = [i for i, row in enumerate(rows) if row["service"] == "auth-service"]
        a, b = next((a, b) for a, b in zip(mine, mine[1:])
                    if rows[a]["timestamp"] != rows[b]["timestamp"])
        rows[a], rows[b] = rows[b], rows[a]
        example = self.only_example(self.audit_rows(rows, reordered=1))
        self.assertEqual((example["position"], example["line"]), (a, b + 1))
        self.assertEqual((example["other"]["position"], example["other"]["line"]), (b, a + 1))
        report = self.audit_rows(rows, "--order-by", "none")
        self.assertIsNone(report["reordered"])

    def test_a_row_comes_from_nowhere(self):
        rows = self.records()
        rows.insert(5, {**rows[5], "message": "hello", "trace_id": "f" * 32})
        example = self.only_example(self.audit_rows(rows, extra=1))
        self.assertIsNone(example["record"])
        self.assertEqual(example["found"]["message"], "hello")
        self.assertEqual(example["line"], 6)

    def test_a_filter_lets_through_too_much_or_too_little(self):
        errors = [row for row in self.records() if row["level"] == "ERROR"]
        self.assertGreater(len(errors), 10)
        report = self.audit_rows(errors, "--keep", "level=ERROR")
        self.assertEqual(report["records"], len(errors))
        slow = [row for row in self.records() if row["latency_ms"] > 100]
        self.audit_rows(slow, "--keep", "latency_ms>100")
        warning = next(row for row in self.records() if row["level"] == "WARN")
        example = self.only_example(self.audit_rows([*errors, warning], "--keep", "level=ERROR",
                                                    wrongly_kept=1))
        self.assertEqual(example["record"], warning)
        self.audit_rows(errors[1:], "--keep", "level=ERROR", missing=1)

    def test_requests_are_split_across_outputs(self):
        parts = [[], []]
        for row in self.records():
            parts[int(row["trace_id"], 16) % 2].append(row)
        at = next(i for i in range(100, 1000) if len(
            [row for row in parts[0] if row["trace_id"] == parts[0][i]["trace_id"]]) > 1)
        moved = parts[0].pop(at)
        parts[1].append(moved)
        paths = [self.write(f"part-{i}.ndjson", ndjson(part)) for i, part in enumerate(parts)]
        self.audit(*paths, "--order-by", "none", code=0)
        report = self.audit(*paths, "--order-by", "none", "--whole", "trace_id", code=1)
        self.assertEqual(report["split"], 1)
        example = self.only_example(report)
        self.assertEqual(example["record"]["trace_id"], moved["trace_id"])
        self.assertEqual({example["output"], example["other"]["output"]}, set(paths))

    def test_several_bugs_are_counted_each(self):
        rows = self.records()
        for row in rows[1000:1010]:
            row["level"] = row["level"].lower()
        doubled = rows[500:503]
        rows = rows[:700] + rows[707:] + doubled
        report = self.audit_rows(rows, "--examples", "2", "--order-by", "none",
                                 missing=7, doubled=3, altered=10)
        self.assertEqual([example["finding"] for example in report["examples"]],
                         ["missing"] * 2 + ["doubled"] * 2 + ["altered"] * 2)
        self.assertEqual(report["as_expected"], len(self.truths) - 17)


class MissingFieldsTest(AuditCase):
    """A consumer that loses a field in all rows, or in the first ones."""

    def page(self, rows, *arguments, code=0):
        done = run("audit", self.trace, "-", *arguments, stdin=ndjson(rows))
        self.assert_silent(done, code)
        return done.stdout.decode()

    def test_a_field_that_no_row_has_is_named_and_with_strict_a_finding(self):
        for name in NAMES:
            with self.subTest(name):
                rows = self.records()
                for row in rows:
                    row.pop(name, None)
                    if name == "level":
                        row["lvl"] = "INFO"
                report = self.audit_rows(rows)
                self.assertEqual((report["not_found"], report["not_compared"]), ([name],) * 2)
                page = self.page(rows)
                self.assertTrue(page.startswith("All that was compared is as expected; not "
                                                f"compared: {name}.\n"), page)
                report = self.audit_rows(rows, "--strict", fields_missing=1)
                self.assertEqual(report["not_found"], [name])
                page = self.page(rows, "--strict", code=1)
                self.assertTrue(page.startswith("Not all is as expected.\n"), page)
                self.assertIn(f"\nfields missing  1: {name}\n", page)
                self.audit_rows(rows, "--strict", "--fields", f"{name}=-")
                page = self.page(rows, "--strict", "--fields", f"{name}=-")
                self.assertTrue(page.startswith("All is as expected.\n"), page)
                self.assertRegex(page, rf"\nleft out +{name}\n")

    def test_strict_asks_nothing_of_a_sound_pipeline(self):
        self.assertEqual(self.audit_rows(self.records(), "--strict")["not_found"], [])
        # No record without an error has an error's code.
        calm = [row for row in self.records() if "error_code" not in row]
        self.audit_rows(calm, "--strict", "--keep", "error_code=")

    def test_a_field_that_the_first_rows_lack_is_compared_in_all(self):
        for name in ("latency_ms", "level", "error_code"):
            for lacking in (1, 999, 2000):
                with self.subTest(name=name, lacking=lacking):
                    rows = self.records()
                    self.assertGreater(len(rows), lacking)
                    lost = sum(row.pop(name, None) is not None for row in rows[:lacking])
                    for options in ([], ["--strict"], ["--fields", f"{name}={name}"]):
                        found = {"altered": lost} if lost else {}
                        report = self.audit_rows(rows, *options, **found)
                        self.assertEqual(report["altered_in"], {name: lost} if lost else {})
                        for example in report["examples"]:
                            self.assertIsNone(example["altered"][name]["found"])
                            self.assertIn(name, example["record"])
        rows = self.records()
        for row in rows[:2000]:
            del row["latency_ms"]
        self.assertIn(f"latency_ms: {self.truths[0]['latency_ms']} became nothing\n",
                      self.page(rows, code=1))

    def test_a_column_that_is_empty_is_compared(self):
        rows = [{**row, "error_code": None} for row in self.records()]
        lost = sum("error_code" in truth for truth in self.truths)
        self.assertGreater(lost, 10)
        self.audit_rows(rows, altered=lost)
        self.audit_rows(as_csv(rows), altered=lost)

    def test_names_of_later_rows_are_named_too(self):
        rows = self.records()
        rows[2000]["colour"] = "green"
        self.assertEqual(self.audit_rows(rows)["unused_names"], ["colour"])

    def test_a_key_that_hardly_tells_records_is_pointed_out(self):
        rows = [{"timestamp": row["timestamp"], "level": row["level"]} for row in self.records()]
        report = self.audit_rows(rows, "--order-by", "none")
        self.assertEqual(report["key"], ["timestamp"])
        self.assertIn("The key is timestamp alone", report["hint"])
        report = self.audit_rows(rows, "--order-by", "none", "--key", "timestamp")
        self.assertIsNone(report["hint"])


class InputTest(AuditCase):
    """Forms of output, and mappings of names."""

    def test_csv_is_as_good(self):
        rows = self.records()
        path = self.write("out.csv", as_csv(rows))
        self.audit(path, code=0)
        rows[7]["level"] = "a,\"b\"\nc"
        report = self.audit(self.write("out.csv", as_csv(rows)), code=1)
        self.assertEqual(self.only_example(report)["altered"]["level"]["found"], "a,\"b\"\nc")
        # The cell with a line end moves what is below it.
        del rows[20]["hostname"]
        report = self.audit(self.write("out.csv", as_csv(rows)), code=1)
        self.assertEqual([example["line"] for example in report["examples"]], [9, 23])

    def test_values_are_equal_in_other_forms(self):
        rows = self.records()
        for i, row in enumerate(rows):
            seconds = row["timestamp"]
            row["latency_ms"] = [str, float, int][i % 3](row["latency_ms"])
            row["timestamp"] = [seconds.replace("T", " ")[:-1], seconds.replace("Z", "+00:00"),
                                seconds][i % 3]
            row.setdefault("dependency", [None, ""][i % 2])
        self.audit_rows(rows)

    def test_names_are_mapped_and_left_out(self):
        rows = [{"traceId": row["trace_id"], "svc": {"name": row["service"]},
                 "at": row["timestamp"], "message": row["message"], "level": row["level"],
                 "extra": 1}
                for row in self.records()]
        fields = ["--fields", "trace_id=traceId,service=svc.name", "--fields", "timestamp=at"]
        report = self.audit_rows(rows, *fields)
        self.assertEqual(report["not_compared"],
                         ["latency_ms", "dependency", "error_code", "hostname"])
        self.assertEqual(report["unused_names"], ["extra"])
        self.assertEqual(report["compared"]["service"], "svc.name")
        self.assertEqual(report["key"], ["service", "message", "timestamp", "trace_id"])
        rows[3]["svc"]["name"] = "x"
        self.audit_rows(rows, *fields, altered=1)
        self.audit_rows(rows, "--fields", "trace_id=traceId,service=-", "--fields", "timestamp=at")

    def test_a_wrong_mapping_is_explained(self):
        rows = [{"traceId": row["trace_id"], "msg": row["message"]} for row in self.records()]
        path = self.write("out.ndjson", ndjson(rows))
        self.assert_fails(run("audit", self.trace, path), 2, "traceId, msg", "trace_id", "--fields")
        self.assert_fails(run("audit", self.trace, path, "--fields", "trace_id=traceID"), 2,
                          "no 'traceID'; did you mean 'traceId'?", "which row is which record")
        report = self.audit(path, "--fields", "trace_id=msg,message=traceId", code=1)
        self.assertEqual((report["missing"], report["extra"]), (len(rows),) * 2)
        self.assertIn("the output has traceId, msg", report["hint"])
        self.assertIn("The values of message are in 'msg', those of trace_id in 'traceId'",
                      report["hint"])
        page = run("audit", self.trace, path, "--fields", "trace_id=msg,message=traceId").stdout
        self.assertIn(b"\n\nMost rows are no record of this trace.", page)

    def test_names_that_are_alike_are_pointed_out(self):
        rows = self.records()
        for row in rows:
            row["traceId"] = row.pop("trace_id")
            row["log"] = {"hostName": row.pop("hostname")}
        report = self.audit_rows(rows)
        self.assertEqual(report["not_compared"], ["trace_id", "hostname"])
        self.assertIn("try --fields trace_id=traceId,hostname=log.hostName", report["hint"])
        report = self.audit_rows(rows, "--fields", "trace_id=traceId,hostname=-")
        self.assertIsNone(report["hint"])

    def test_a_mapped_name_that_no_row_has_is_a_finding(self):
        rows = [{**row, "latency": row.pop("latency_ms")} for row in self.records()]
        report = self.audit_rows(rows, "--fields", "latency_ms=latncy", fields_missing=1)
        self.assertEqual(report["hint"], "No row has 'latncy', which --fields gives for "
                         "latency_ms; did you mean 'latency'?")
        self.audit_rows(rows, "--fields", "latency_ms=latency")

    def test_a_key_that_the_pipeline_alters_is_pointed_out(self):
        rows = self.records()
        for number, row in enumerate(rows):
            row["trace_id"] = f"{number:032x}"
            row["timestamp"] = "2030-01-01T00:00:00Z"
        report = self.audit(self.write("out.ndjson", ndjson(rows)), code=1)
        self.assertIn("service 100%, message 100%, timestamp 0%, trace_id 0%", report["hint"])

    def test_only_what_was_replayed_is_expected(self):
        lines = self.lines("--from", "5m", "--until", "10m", "--service", "auth-service",
                           self.trace)
        self.audit("-", "--from", "5m", "--until", "10m", "--service", "auth-service", code=0,
                   stdin=b"\n".join(lines))
        report = self.audit("-", "--from", "5m", "--until", "10m", "--service", "auth-service",
                            code=1, stdin=b"\n".join(lines[1:]))
        self.assertEqual(self.only_example(report)["record"], json.loads(lines[0]))

    def test_an_audit_of_nothing_proves_nothing(self):
        report = self.audit("-", "--keep", "latency_ms>1e9", code=1, stdin=b"")
        self.assertEqual((report["ok"], report["records"], report["rows"]), (False, 0, 0))

    def test_an_empty_output_is_everything_missing(self):
        for data in (b"", ",".join(NAMES).encode() + b"\n"):
            for options in ([], ["--strict"]):
                report = self.audit_rows(data, *options, missing=len(self.truths))
                self.assertEqual(report["hint"], "The output is empty: it has no row.")
                self.assertEqual(report["compared"], {})

    def test_what_cannot_be_read_is_one_line_with_its_row(self):
        rows = ndjson(self.records()[:50])
        for data, *words in ((rows + b'{"level":', "standard input:51: not JSON", ': "{\\"level'),
                             (rows + b"shutting down\n", "standard input:51: not JSON",
                              ': "shutting down"'),
                             (json.dumps(self.records()[0], indent=1).encode(), "jq -c"),
                             (as_csv(self.records()[:3]).replace(b",", b";"), ":1: not CSV",
                              "semicolons"),
                             (as_csv(self.records()[:3]).split(b"\n", 1)[1], "header missing?"),
                             (rows + b"\xff\n", "standard input:51: not JSON"),
                             (b"[" + rows, "JSON array"),
                             (as_csv(self.records()[:3]) + b"1,2\n", "standard input:5: fewer"),
                             (b"level,level\n1,2\n", "standard input:1: ", "two columns 'level'"),
                             (rows + b'{"level":"INFO","level":"WARN"}\n', "standard input:51: ",
                              "two values 'level'"),
                             (gzip.compress(rows), "gzip -dc OUT | groundhog audit FILE -"),
                             (self.logfmt(), "standard input:1: neither NDJSON nor CSV"),
                             (b"\x00\xff" * 500, "names")):
            with self.subTest(data[-20:]):
                done = run("audit", self.trace, "-", stdin=data)
                self.assert_fails(done, 2, *(words if words != ["names"] else ["the output has"]))
        self.assert_fails(run("audit", self.trace, self.path("none.ndjson")), 2, "none.ndjson")
        self.assert_fails(run("audit", self.trace, "-", "-"), 2, "give - once")
        self.assert_fails(run("audit", "-", self.trace, stdin=self.data), 2, "not a pipe")
        self.assert_fails(run("audit", self.trace, "-", "--key", "hostname", stdin=b'{"level":1}'),
                          2, "--key hostname")
        self.assert_fails(run("audit", self.trace, "-", "--key", "level,level", stdin=rows),
                          2, "--key", "level is given twice")

    def logfmt(self):
        done = run("cat", "--format", "logfmt", self.trace)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_an_incomplete_trace(self):
        path = self.cut(len(self.data) // 2)
        lines = self.lines("--quiet", path, code=3)
        done = run("audit", "--quiet", path, "-", stdin=b"\n".join(lines))
        self.assert_silent(done, 3)
        done = run("audit", "--quiet", path, "-", stdin=b"\n".join(lines[1:]))
        self.assert_silent(done, 1)
        report = json.loads(run("audit", "--quiet", "--json", path, "-",
                                stdin=ndjson(self.records())).stdout)
        self.assertEqual((report["missing"], report["extra"]),
                         (0, len(self.truths) - len(lines)))
        self.assertIn("rows of the records that cannot be read are extra", report["hint"])

    def test_a_level_that_no_record_has_is_refused(self):
        for word, words in (("WARNING", "did you mean WARN?"), ("FATAL", "INFO, WARN, ERROR")):
            self.assert_fails(run("audit", self.trace, "-", "--keep", f"level={word}"), 2,
                              f"'{word}'", words)

    def test_a_long_list_of_fields_is_not_repeated(self):
        fields = ", ".join(f"{name}=a_name_for_{name}" for name in NAMES)
        done = run("audit", self.trace, "-", "--fields", fields + ", trace=x")
        self.assert_fails(done, 2, "no field 'trace'", "'trace_id'")
        self.assertLess(len(done.stderr), 200)
        self.assertNotIn(b"hostname", done.stderr)


class ReportTest(AuditCase):

    def test_the_object_has_the_keys_promised_and_each_is_documented(self):
        rows = self.records()
        rows[0]["level"] = "x"
        rows.append(rows[1])
        report = self.audit_rows(rows, altered=1, doubled=1)
        page = read(os.path.join(os.environ["GROUNDHOG_SOURCE_DIR"], "docs/AUDIT.md")).decode()
        cells = re.findall(r"^\| (`[^|]+`) \|", page, re.MULTILINE)
        documented = [key for cell in cells for key in re.findall("`([^`]+)`", cell)]
        printed = list(report) + [f"examples[].{key}" for key in report["examples"][0]]
        printed += [f"examples[].other.{key}" for key in report["examples"][0]["other"]]
        self.assertEqual(sorted(documented), sorted(printed))
        top = [key for key in documented if "." not in key]
        self.assertEqual(top, list(report))

    def test_the_page_says_the_same_to_a_person(self):
        rows = self.records()
        level = rows[10]["level"]
        rows[10]["level"] = "x\x1b[31m"
        lost = rows.pop(20)
        path = self.write("out.ndjson", ndjson(rows))
        done = run("audit", self.trace, path)
        self.assert_silent(done, 1)
        page = done.stdout.decode()
        self.assertTrue(page.startswith("Not all is as expected.\n"), page)
        self.assertIn("altered       1: level 1\n", page)
        self.assertIn("missing       1\n", page)
        self.assertIn(f"altered in level, {path}:11\n", page)
        self.assertIn(f'level: "{level}" became "x\\u001b[31m"\n', page)
        self.assertTrue(page.endswith(
            f"\n  groundhog cat {self.trace} --position 10 --truth\n"
            f"  groundhog tree {self.trace} TRACE_ID\n"), page[-300:])
        self.assertIn(json.dumps(lost, separators=(",", ":")), page)
        self.assertNotIn("\x1b", page)
        for line in page.splitlines():
            self.assertTrue(len(line) <= 80 or line.startswith("  {") or path in line
                            or self.trace in line, line)
        well = run("audit", self.trace, "-", stdin=ndjson(self.records()))
        self.assertTrue(well.stdout.startswith(b"All is as expected.\n"), well.stdout)
        self.assertNotIn(b"groundhog cat", well.stdout)

    def page_of(self, rows):
        done = run("audit", self.trace, "-", "--order-by", "none", stdin=ndjson(rows))
        self.assert_silent(done, 1)
        return done.stdout.decode()

    def test_a_change_at_the_end_of_a_text_is_shown(self):
        for tail in (" ", "x", "\u00c4" * 99):
            rows = self.records()
            message = rows[7]["message"]
            rows[7]["message"] += tail
            page = self.page_of(rows)
            if len(tail) == 1:
                self.assertIn(f'  message: "{message}"\n    became "{message}{tail}"\n', page)
                continue
            shown = "..." + message[-20:]
            self.assertIn(f'  message: "{shown}"\n    became "{shown}\u00c4\u00c4', page)

    def test_numbers_are_without_quotes(self):
        rows = self.records()
        rows[7]["latency_ms"] = "12 ms"
        was = self.truths[7]["latency_ms"]
        self.assertIn(f'  latency_ms: {was} became "12 ms"\n', self.page_of(rows))

    def test_an_extra_row_is_shown_as_it_is(self):
        row = {"message": "no \\ such", "trace_id": "f" * 32, "latency_ms": 3, "colour": "red"}
        page = self.page_of([*self.records(), row])
        self.assertIn(f"\n  {json.dumps(row)}\n", page)
        report = self.audit_rows([*self.records(), row], extra=1)
        self.assertEqual(self.only_example(report)["row"], json.dumps(row))


if __name__ == "__main__":
    unittest.main()
