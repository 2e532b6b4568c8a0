"""groundhog cat --format: each format is read back by a reader of that format, and says what the
JSON lines say."""
import csv
import decimal
import io
import json
import os
import pty
import re
import subprocess
import termios
import unittest

from google.protobuf import json_format
from opentelemetry.proto.logs.v1 import logs_pb2
from opentelemetry.proto.trace.v1 import trace_pb2

from groundhog import CliTest, PROGRAM, run

FORMATS = ["json", "text", "csv", "logfmt", "otlp-json", "perfetto", "loghub"]
FIELDS = ["service", "level", "message", "timestamp", "latency_ms", "trace_id", "dependency",
          "error_code", "hostname"]
TRUTH = ["cause", "root", "hops", "also", "span", "parent_span", "call_path", "attempt",
         "duration_ns", "queue_wait_ns", "clock_skew_ns", "template", "slots"]
# Some of the incident, so that there are attempts that are tried again.
MINUTE = ["--from", "6h41m", "--until", "6h42m"]


def flat(record):
    """The JSON line's fields and its truth's as texts, as csv and logfmt have them."""
    fields = dict(record)
    truth = fields.pop("truth", {})
    truth = {**truth, "slots": " ".join(map(str, truth.get("slots", [])))}
    return {key: str(value) for key, value in {**fields, **truth}.items() if value != ""}


class FormatCase(CliTest):

    def cat(self, path, name, *options, **more):
        done = run("cat", path, "--format", name, *options, **more)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.decode()

    def traces(self):
        """Of a shop in trouble, and one with every feature and names that need escaping."""
        return [(self.trace, MINUTE), (self.sample("golden"), [])]

    def records(self, path, *options):
        return [json.loads(line) for line in self.cat(path, "json", *options).splitlines()]


class TablesTest(FormatCase):

    def test_csv(self):
        for path, minute in self.traces():
            for truth in ([], ["--truth"]):
                text = self.cat(path, "csv", *minute, *truth)
                header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
                self.assertEqual(header, FIELDS + (TRUTH if truth else []))
                records = self.records(path, *minute, *truth)
                self.assertEqual(len(rows), len(records))
                for row, record in zip(rows, records):
                    self.assertEqual({key: value for key, value in zip(header, row) if value},
                                     flat(record))
                # All lines end alike, apart from those within quotation marks.
                bare = re.sub(r'"(?:[^"]|"")*"', "", text)
                self.assertEqual(bare.count("\n"), bare.count("\r\n"))

    def test_logfmt(self):
        pair = re.compile(r'([a-z_]+)=("(?:[^"\\]|\\.)*"|[^\s"=\\]+)(?: |$)')
        for path, minute in self.traces():
            for truth in ([], ["--truth"]):
                lines = self.cat(path, "logfmt", *minute, *truth).splitlines()
                records = self.records(path, *minute, *truth)
                self.assertEqual(len(lines), len(records))
                for line, record in zip(lines, records):
                    self.assertEqual(pair.sub("", line), "")
                    found = {key: json.loads(value) if value[0] == '"' else value
                             for key, value in pair.findall(line)}
                    self.assertEqual({key: value for key, value in found.items() if value},
                                     flat(record))

    def test_loghub(self):
        for path, minute in self.traces():
            text = self.cat(path, "loghub", *minute)
            rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
            records = self.records(path, *minute, "--truth")
            self.assertEqual(len(rows), len(records))
            templates = {}
            for number, (row, record) in enumerate(zip(rows, records), 1):
                self.assertEqual(row["LineId"], str(number))
                self.assertEqual(f"{row['Date']}T{row['Time']}Z", record["timestamp"])
                self.assertEqual((row["Level"], row["Component"], row["Content"]),
                                 (record["level"], record["service"], record["message"]))
                pattern = ".*?".join(map(re.escape, row["EventTemplate"].split("<*>")))
                self.assertRegex(row["Content"], re.compile(rf"\A{pattern}\Z", re.DOTALL))
                self.assertEqual(templates.setdefault(row["EventId"], row["EventTemplate"]),
                                 row["EventTemplate"])

    def test_loghub_has_no_place_for_truth(self):
        self.assert_fails(run("cat", self.trace, "--format", "loghub", "--truth"), 2, "--truth",
                          "loghub")


class TextTest(FormatCase):

    def test_lines_are_aligned_and_have_no_colour_in_a_pipe(self):
        lines = self.cat(self.trace, "text", *MINUTE).splitlines()
        records = self.records(self.trace, *MINUTE)
        self.assertEqual(len(lines), len(records))
        starts = set()
        for line, record in zip(lines, records):
            self.assertNotIn("\033", line)
            self.assertTrue(line.startswith(
                f"{record['timestamp'][:10]} {record['timestamp'][11:23]} {record['level']}"), line)
            self.assertIn(record["message"], line)
            self.assertIn(record["hostname"], line)
            starts.add(line.index(record["trace_id"][:8] + "  "))
        self.assertEqual(len(starts), 1)

    def on_terminal(self, columns=0, **environment):
        environment = {**os.environ, "NO_COLOR": "", **environment}
        environment = {name: value for name, value in environment.items() if value}
        master, terminal = pty.openpty()
        termios.tcsetwinsize(terminal, (24, columns))
        with subprocess.Popen([PROGRAM, "cat", self.trace, "--format", "text", "--limit", "3"],
                              stdout=terminal, env=environment) as process:
            os.close(terminal)
            shown = b""
            while True:
                try:
                    piece = os.read(master, 65536)
                except OSError:
                    break
                if not piece:
                    break
                shown += piece
            self.assertEqual(process.wait(60), 0)
        os.close(master)
        return shown.decode()

    def test_a_terminal_gets_colours_that_end_with_the_line(self):
        shown = self.on_terminal()
        self.assertEqual(len(shown.splitlines()), 3)
        for line in shown.splitlines():
            self.assertTrue(line.endswith("\033[0m"), line)
        self.assertNotIn("\033", self.on_terminal(NO_COLOR="1"))

    def test_a_message_that_does_not_fit_begins_a_line(self):
        pipe = self.cat(self.trace, "text", "--limit", "3").splitlines()
        width = max(map(len, pipe))
        self.assertGreater(width, 80)
        self.assertEqual(self.on_terminal(width, NO_COLOR="1").splitlines(), pipe)
        narrow = [re.sub(r"(?<= [0-9a-f]{8})  ", "\n    ", line) if len(line) == width else line
                  for line in pipe]
        self.assertEqual(self.on_terminal(width - 1, NO_COLOR="1").splitlines(),
                         "\n".join(narrow).splitlines())
        self.assertLessEqual(
            max(map(len, self.on_terminal(80, NO_COLOR="1").splitlines())), 80)
        for line in self.on_terminal(80).splitlines():
            self.assertTrue(line.endswith("\033[0m"), line)

    def test_names_do_not_act_on_a_terminal(self):
        shown = self.cat(self.sample("golden"), "text", "--truth")
        for line in shown.split("\n"):
            self.assertTrue(line.isprintable(), line)


class OtlpTest(FormatCase):

    def batches(self, path, *options):
        """The log records and the spans, each with its resource's attributes."""
        logs, spans = [], []
        for line in self.cat(path, "otlp-json", *options).splitlines():
            if line.startswith('{"resourceLogs"'):
                for resource in json_format.Parse(line, logs_pb2.LogsData()).resource_logs:
                    about = self.attributes(resource.resource)
                    logs += [(about, log) for scope in resource.scope_logs
                             for log in scope.log_records]
            else:
                for resource in json_format.Parse(line, trace_pb2.TracesData()).resource_spans:
                    about = self.attributes(resource.resource)
                    spans += [(about, span) for scope in resource.scope_spans
                              for span in scope.spans]
        return logs, spans

    @staticmethod
    def attributes(message):
        return {one.key: getattr(one.value, one.value.WhichOneof("value"))
                for one in message.attributes}

    @staticmethod
    def ids(line):
        """Trace and span ids as they stand in the line: protobuf's own mapping reads base64."""
        found = []
        for batch in json.loads(line).get("resourceSpans", []):
            for scope in batch["scopeSpans"]:
                found += [(span["traceId"], span["spanId"], span.get("parentSpanId"))
                          for span in scope["spans"]]
        return found

    def test_logs_are_the_records(self):
        for path, minute in self.traces():
            logs, _ = self.batches(path, *minute)
            records = self.records(path, *minute)
            self.assertEqual(len(logs), len(records))
            key = json.dumps
            found = sorted(key([about["host.name"], about["service.name"], log.severity_text,
                                log.body.string_value, self.attributes(log).get("error_code"),
                                self.attributes(log).get("dependency"),
                                self.attributes(log)["latency_ms"],
                                log.time_unix_nano // 1_000_000 % 1000])
                           for about, log in logs)
            wanted = sorted(key([record["hostname"], record["service"], record["level"],
                                 record["message"], record.get("error_code"),
                                 record.get("dependency"), record["latency_ms"],
                                 int(record["timestamp"][20:23])]) for record in records)
            self.assertEqual(found, wanted)

    def test_each_span_is_there_once_with_its_parent(self):
        ids = []
        for line in self.cat(self.trace, "otlp-json").splitlines():
            ids += self.ids(line)
        records = self.records(self.trace, "--truth")
        ended = {(record["trace_id"], record["truth"]["span"]): record["truth"].get("parent_span")
                 for record in records if "span" in record["truth"]}
        self.assertEqual(len(ids), len(ended))
        for trace_id, span, parent in ids:
            self.assertEqual(span[:8], "00000000")
            wanted = ended.pop((trace_id, span[8:]))
            self.assertEqual(parent, wanted and "00000000" + wanted)
        self.assertEqual(ended, {})

    def test_attempts_that_are_tried_again_end_no_span(self):
        """There are some: spans with two records, of which the last ended it."""
        records = self.records(self.trace, "--truth", *MINUTE)
        last = {}
        for record in records:
            if "span" in record["truth"]:
                last.setdefault((record["trace_id"], record["truth"]["span"]), []).append(record)
        self.assertTrue(any(len(each) > 1 for each in last.values()))
        _, spans = self.batches(self.trace, *MINUTE)
        found = sorted((span.end_time_unix_nano - span.start_time_unix_nano, span.name)
                       for _, span in spans)
        wanted = sorted((each[-1]["truth"]["duration_ns"], each[-1]["truth"]["call_path"])
                        for each in last.values())
        self.assertEqual(found, wanted)

    def test_errors_and_truth(self):
        _, spans = self.batches(self.trace, *MINUTE, "--truth")
        records = self.records(self.trace, *MINUTE, "--truth")
        errors = [span for _, span in spans
                  if span.status.code == trace_pb2.Status.STATUS_CODE_ERROR]
        self.assertEqual(len(errors), sum(record["level"] == "ERROR" for record in records))
        self.assertGreater(len(errors), 0)
        causes = {self.attributes(span).get("groundhog.cause") for span in errors}
        self.assertTrue(causes & {record["truth"].get("cause") for record in records} - {None})


class PerfettoTest(FormatCase):

    def test_slices_are_the_records_of_spans(self):
        for path, minute in self.traces():
            for truth in ([], ["--truth"]):
                events = json.loads(self.cat(path, "perfetto", *minute, *truth),
                                    parse_float=decimal.Decimal)
                slices = [event for event in events if event["ph"] == "X"]
                instants = [event for event in events if event["ph"] == "i"]
                records = self.records(path, *minute, "--truth")
                spans = [record for record in records if "span" in record["truth"]]
                self.assertEqual((len(slices), len(instants)),
                                 (len(spans), len(records) - len(spans)))
                for event, record in zip(slices, spans):
                    self.assertEqual(event["dur"] * 1000, record["truth"]["duration_ns"])
                    self.assertEqual(event["args"]["trace_id"], record["trace_id"])
                    self.assertEqual(event["bind_id"], "0x" + record["trace_id"][16:])
                    self.assertEqual("flow_in" in event, "parent_span" in record["truth"])
                    self.assertEqual("duration_ns" in event["args"], bool(truth))
                    self.assertEqual(event["args"]["latency_ms"], record["latency_ms"])
                    journey, *callers, _ = record["truth"]["call_path"].split("/")
                    self.assertEqual(
                        event["name"],
                        f"{journey} from {callers[-1]}" if callers else journey)
                    if truth:
                        self.assertEqual(event["args"].get("attempt", 0),
                                         record["truth"].get("attempt", 0))

    def test_processes_are_services_and_threads_hosts(self):
        events = json.loads(self.cat(self.trace, "perfetto", *MINUTE))
        names = {(event["name"], event["pid"], event["tid"]): event["args"]["name"]
                 for event in events if event["ph"] == "M"}
        for event in events:
            if event["ph"] == "M":
                continue
            self.assertEqual(names["process_name", event["pid"], 0], event["args"]["service"])
            thread = names["thread_name", event["pid"], event["tid"]]
            self.assertEqual(thread.split(" #")[0], event["args"]["hostname"])

    def test_slices_of_a_thread_do_not_overlap(self):
        events = json.loads(self.cat(self.trace, "perfetto", *MINUTE))
        by_thread = {}
        for event in events:
            if event["ph"] == "X":
                begin = round(event["ts"] * 1000)
                by_thread.setdefault(event["tid"], []).append(
                    (begin, begin + round(event["dur"] * 1000)))
        self.assertTrue(any(len(slices) > 10 for slices in by_thread.values()))
        for slices in by_thread.values():
            slices.sort()
            for before, after in zip(slices, slices[1:]):
                self.assertLessEqual(before[1], after[0])


class EveryFormatTest(FormatCase):

    def test_an_empty_trace_and_one_record(self):
        empty = self.path("empty.ghog")
        run("record", "--duration", "1ms", "-q", "-o", empty)
        for path, options, count in ((empty, ["-q"], 0), (self.trace, ["--limit", "1"], 1),
                                     (self.trace, ["--position", "5"], 1)):
            with self.subTest(path=path, options=options):
                for name in ("csv", "loghub"):
                    rows = list(csv.DictReader(io.StringIO(self.cat(path, name, *options))))
                    self.assertEqual(len(rows), count)
                for name in ("json", "text", "logfmt"):
                    self.assertEqual(len(self.cat(path, name, *options).splitlines()), count)
                events = json.loads(self.cat(path, "perfetto", *options))
                self.assertEqual(sum(event["ph"] in "Xi" for event in events), count)
                self.assertEqual(
                    self.cat(path, "otlp-json", *options).count('"timeUnixNano"'), count)

    def test_a_pipe_gives_the_same(self):
        for name in FORMATS:
            with self.subTest(name):
                read = self.cat(self.trace, name)
                piped = self.cat("-", name, stdin=self.data)
                if name == "otlp-json":  # batches end with the chunks that came
                    read, piped = (text.count('"timeUnixNano"') for text in (read, piped))
                self.assertEqual(read, piped)

    def test_a_reader_that_goes_ends_it_quietly(self):
        for name in FORMATS:
            with self.subTest(name), subprocess.Popen(
                    [PROGRAM, "cat", self.trace, "--format", name], stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE) as process:
                process.stdout.read(100)
                process.stdout.close()
                self.assertEqual((process.wait(60), process.stderr.read()), (0, b""))

    def test_damage_is_told_and_the_rest_printed(self):
        offset, size = self.entries[3]
        for name in FORMATS:
            with self.subTest(name):
                done = run("cat", self.damaged(offset + size // 2), "--format", name)
                self.assert_fails(done, 3, f"byte {offset}", prints=None)
                self.assertGreater(len(done.stdout), 1000)


if __name__ == "__main__":
    unittest.main()
