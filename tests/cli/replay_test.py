"""groundhog-replay, run as a person runs it: what it sends, what it says, how it ends."""
import json
import os
import signal
import subprocess
import tempfile
import time
import unittest

import xxhash

from groundhog import PROGRAM, run
from replaying import (PATIENCE_SECONDS, REPORT_KEYS, ReplayTest, milliseconds, replay, start)


class SameBytesTest(ReplayTest):

    def test_sends_the_bytes_of_cat(self):
        whole = run("cat", self.trace).stdout
        done = replay(self.trace, "--to", "jsonl:-", "--speed", "max", "--quiet")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertTrue(done.stdout == whole)
        piped = replay("-", "--to", "jsonl:-", "--speed", "max", "--quiet", stdin=self.data)
        self.assertTrue(piped.stdout == whole)

    def test_a_file_gets_the_same_bytes_and_its_name_at_the_end(self):
        done = replay(self.trace, "--to", "jsonl:" + self.path("out.jsonl"), "--speed", "max", "-q")
        self.assertEqual(done.returncode, 0)
        with open(self.path("out.jsonl"), "rb") as file:
            self.assertTrue(file.read() == run("cat", self.trace).stdout)
        self.assertFalse(os.path.exists(self.path("out.jsonl.partial")))

    def test_a_range_has_the_bytes_of_cat(self):
        for wanted in (["--from", "6h30m"], ["--until", "2025-01-06T01:00:00Z"],
                       ["--from", "2h", "--until", "2h1m"]):
            with self.subTest(range=wanted):
                done = replay(self.trace, "--to", "jsonl:-", "--speed", "max", "-q", *wanted)
                self.assertEqual(done.returncode, 0)
                self.assertTrue(done.stdout == run("cat", self.trace, *wanted).stdout)

    def test_pace_changes_no_byte(self):
        wanted = ["--from", "6h40m", "--until", "6h45m"]
        lines = run("cat", self.trace, *wanted).stdout
        for pace in (["--speed", "1440x"], ["--speed", "3001/7x"], ["--rate", "20000/s"],
                     ["--speed", "max", "--max-rate", "30000/s"]):
            with self.subTest(pace=pace):
                done = replay(self.trace, "--to", "jsonl:-", "-q", *wanted, *pace)
                self.assertTrue(done.stdout == lines)


class NoTruthTest(ReplayTest):
    KEYS = ["service", "level", "message", "timestamp", "latency_ms", "trace_id", "dependency",
            "error_code", "hostname"]
    # In the first incident, with records that it caused.
    RANGE = ["--from", "6h35m", "--until", "6h50m"]

    def assert_says_no_truth(self, lines, faults):
        self.assertGreater(len(lines), 1000)
        for line in lines:
            record = json.loads(line)
            self.assertEqual([key for key in self.KEYS if key in record], list(record))
            for word in (*faults, "truth", "cause"):
                self.assertNotIn(word.encode(), line)

    def test_no_line_says_what_caused_it(self):
        causes = {json.loads(line)["truth"].get("cause")
                  for line in self.lines(self.trace, "--truth", *self.RANGE)} - {None}
        self.assertEqual(causes, {"user-replicas-down/1"})
        faults = [cause.split("/")[0] for cause in causes]
        self.assert_says_no_truth(self.lines(self.trace, *self.RANGE), faults)
        for more in ([], ["--timestamps", "shift"], ["--timestamps", "wall"], ["--loop", "2"]):
            with self.subTest(options=more):
                done = replay(self.trace, "--to", "jsonl:-", "--speed", "max", "-q", *self.RANGE,
                              *more)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assert_says_no_truth(done.stdout.splitlines(), faults)


class ReportTest(ReplayTest):

    def test_the_report_has_its_keys_in_order_and_agrees_with_the_lines(self):
        done = replay(self.trace, "--to", "jsonl:-", "--speed", "max", "--report",
                      self.path("report.json"))
        report = self.report()
        count = done.stdout.count(b"\n")
        self.assertEqual(list(report), REPORT_KEYS)
        for key in ("records_read", "records_sent", "messages_acknowledged"):
            self.assertEqual(report[key], count)
        self.assertEqual(report["bytes"], len(done.stdout) - count)
        self.assertEqual(report["payload_xxh128"], xxhash.xxh3_128_hexdigest(done.stdout))
        self.assertEqual(report["trace_digest"], self.info(self.trace)["digest"])
        self.assertEqual((report["speed_asked"], report["lateness_ms"], report["ack_ms"]),
                         (None, None, None))
        self.assertIs(report["complete"], True)
        self.assertIn(b"sent %s records to jsonl:-" % f"{count:,}".encode(), done.stderr)

    def test_a_paced_report_has_lateness_and_speed(self):
        done = replay(self.trace, "--to", "null:", "--speed", "36000x", "--until", "1h",
                      "--report", self.path("report.json"))
        self.assertEqual(done.returncode, 0)
        report = self.report()
        self.assertEqual(report["speed_asked"], 36000)
        self.assertGreater(report["duration_ms"], 98)
        self.assertEqual(sorted(report["lateness_ms"]), ["max", "p50", "p99"])
        self.assertLessEqual(report["speed_reached"], 36001)

    def test_the_report_may_go_to_standard_output(self):
        done = replay(self.trace, "--to", "null:", "--speed", "max", "--report", "-", "-q")
        self.assertEqual(list(json.loads(done.stdout)), REPORT_KEYS)

    def test_a_rate_is_not_exceeded(self):
        done = replay(self.trace, "--to", "null:", "--rate", "2000/s", "--until", "1m", "-q",
                      "--report", self.path("report.json"))
        self.assertEqual(done.returncode, 0)
        report = self.report()
        self.assertGreaterEqual(report["duration_ms"], (report["records_sent"] - 1) / 2)
        self.assertIsNone(report["speed_asked"])
        self.assertIsNotNone(report["lateness_ms"])

    def test_progress_goes_into_a_file_as_well(self):
        done = replay(self.trace, "--to", "null:", "--speed", "100000x", "--progress", "always")
        progress = done.stderr.decode().splitlines()[0]
        self.assertRegex(progress, r"^\d\d:\d\d:\d\d  \d+ %  \d+x .*0 failed  \d+ s left")


class TimestampsTest(ReplayTest):
    RANGE = ["--from", "1h", "--until", "1h10m"]

    def send(self, *arguments):
        done = replay(self.trace, "--to", "jsonl:-", "-q", *self.RANGE, *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.splitlines()

    def test_shift_moves_t0_to_now_and_keeps_everything_else(self):
        original = run("cat", self.trace, *self.RANGE).stdout.splitlines()
        before = int(time.time() * 1000)
        shifted = self.send("--speed", "max", "--timestamps", "shift")
        after = int(time.time() * 1000)
        t0 = milliseconds(original[0]) // 3_600_000 * 3_600_000
        moves = {milliseconds(b) - milliseconds(a) + t0 for a, b in zip(original, shifted)}
        # All timestamps move by one amount; rounding down to milliseconds makes it two.
        self.assertLessEqual(max(moves) - min(moves), 1)
        self.assertGreaterEqual(min(moves), before - 1)
        self.assertLessEqual(max(moves), after + 1)
        for a, b in zip(original, shifted):
            a, b = json.loads(a), json.loads(b)
            a["timestamp"] = b["timestamp"] = ""
            self.assertEqual(list(a.items()), list(b.items()))

    def test_wall_is_when_each_record_is_due(self):
        original = run("cat", self.trace, *self.RANGE).stdout.splitlines()
        before = int(time.time() * 1000)
        walled = self.send("--speed", "600x", "--timestamps", "wall")
        t0 = milliseconds(original[0]) // 3_600_000 * 3_600_000
        anchors = [milliseconds(b) - (milliseconds(a) - t0) / 600
                   for a, b in zip(original, walled)]
        self.assertLess(max(anchors) - min(anchors), 2.1)
        self.assertGreaterEqual(min(anchors), before - 2.1)
        self.assertLessEqual(max(anchors), int(time.time() * 1000))


class UsageTest(ReplayTest):

    def test_what_is_wrong_with_a_command_line_is_one_line_and_exit_2(self):
        trace, null = self.trace, ["--to", "null:"]
        cases = [
            ([trace], "--to"),
            ([*null], "FILE"),
            ([trace, "--to", "fax:1"], "names no sink", "jsonl:PATH"),
            ([trace, "--to", "jsonl:"], "path"),
            ([trace, *null, "--speed", "60"], "--speed '60'", "60x"),
            ([trace, *null, "--speed", "0x"], "--speed '0x'"),
            ([trace, *null, "--rate", "60x"], "--rate '60x'", "1000/s"),
            ([trace, *null, "--max-rate", "fast"], "--max-rate 'fast'"),
            ([trace, *null, "--speed", "2x", "--rate", "1/s"],
             "--speed", "--rate", "exclude each other"),
            ([trace, *null, "--speed", "2x", "--speed", "3x"], "--speed"),
            ([trace, *null, "--from", "noon"], "--from", "2h30m"),
            ([trace, *null, "--from", "2h", "--until", "1h"], "--until"),
            ([trace, *null, "--from", "100h"], "--from '100h'", "the trace covers 0s to 7h"),
            ([trace, *null, "--loop", "2", "--until", "0s"], "--until '0s'", "covers 0s to 7h"),
            ([trace, *null, "--dry-run", "--from", "7h"], "--from '7h'", "covers 0s to 7h"),
            ([trace, "--check", "kafka://localhost:1", "--from", "7h"], "covers 0s to 7h"),
            ([trace, "--audit", "kafka://localhost:1/x", "--from", "7h"], "covers 0s to 7h"),
            ([trace, "--audit", "kafka://localhost:1"], "a topic is missing"),
            ([trace, "--audit", "kafka://embedded/x"], "can be read back"),
            ([trace, "--audit", "out.ndjson"], "only kafka://HOST:PORT/TOPIC"),
            ([trace, "--audit", "kafka://h:1/x", "--check", "kafka://h:1"], "exclude each other"),
            ([trace, "--audit", "kafka://h:1/x", "--to", "null:"], "--to is for sending"),
            ([trace, "--audit", "kafka://h:1/x", "--topic", "y"], "--topic", "has its topic"),
            ([trace, "--audit", "kafka://h:1/x", "--key", "service"], "--audit-key"),
            ([trace, "--audit", "kafka://h:1/x", "--loop", "forever"], "no end"),
            ([trace, *null, "--keep", "level=ERROR"], "--keep is for --audit"),
            ([trace, "--audit", "kafka://127.0.0.1:1/x", "--timeout", "300ms"], "127.0.0.1:1"),
            ([trace, *null, "--timestamps", "now"], "--timestamps"),
            ([trace, *null, "--timeout", "soon"], "--timeout 'soon'"),
            ([trace, *null, "--timeout", "0"], "--timeout '0'", "1ms"),
            ([trace, *null, "--topic", "t"], "--topic", "kafka://"),
            ([trace, *null, "--linger", "1s"], "--linger", "kafka://embedded"),
            ([trace, "--to", "kafka://h:1", "-X", "nonsense"], "KEY=VALUE"),
            ([trace, "--to", "kafka://h:1", "--key", "level"], "--key"),
            ([trace, "--to", "kafka://h:1", "--route", "x"], ": --route 'x': the topic is missing"),
            ([trace, "--to", "kafka://h:1", "-X", "security.protocol=sasl_plaintext"],
             "is -X sasl.mechanism what it should be"),
            ([trace, *null, "--resume", "/tmp"], "cannot read /tmp: Is a directory"),
            ([trace, "--to", "kafka://h:1", "--kafka-config", "/nowhere"], "/nowhere"),
            ([trace, "--to", "jsonl:-", "--report", "-"], "--report", "standard output"),
            ([trace, *null, "--sped", "1x"], "--sped"),
        ]
        for arguments, *words in cases:
            with self.subTest(arguments=arguments):
                self.assert_refused(replay(*arguments), *words)

    def test_all_properties_of_librdkafka_are_listed(self):
        done = replay("-X", "list")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertIn(b"queue.buffering.max.ms", done.stdout)

    def test_a_config_file_that_is_wrong_is_told_by_line_and_not_by_content(self):
        config = self.write("kafka.conf", b"# mine\nacks=all\n\nsasl.password secret\n")
        done = replay(self.trace, "--to", "kafka://h:1", "--kafka-config", config)
        self.assert_refused(done, "kafka.conf:4")
        self.assertNotIn(b"secret", done.stderr)

    def test_help_and_version_succeed(self):
        self.assertIn(b"Examples:", replay("--help").stdout)
        self.assertRegex(replay("--version").stdout, rb"\Agroundhog-replay \d+\.\d+\.\d+\n\Z")


class BadInputTest(ReplayTest):

    def test_what_is_no_trace_is_refused(self):
        cases = [("missing.ghog", None, "No such file"), ("empty.ghog", b"", "empty"),
                 ("foreign.ghog", b'{"not":"a trace"}\n' * 100, "not a Groundhog trace"),
                 ("stub.ghog", self.data[:100], "header")]
        for name, data, word in cases:
            with self.subTest(name=name):
                path = self.path(name) if data is None else self.write(name, data)
                self.assert_refused(replay(path, "--to", "jsonl:-"), name, word)
        self.assert_refused(replay(self.folder, "--to", "jsonl:-"), "directory")
        self.assert_refused(replay("-", "--to", "jsonl:-"), "standard input", "empty")

    def assert_sent_what_cat_prints(self, done, path):
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertTrue(done.stdout == run("cat", path).stdout)
        self.assertIn(b"not whole", done.stderr)
        report = self.report()
        self.assertEqual(report["records_sent"], done.stdout.count(b"\n"))
        self.assertIs(report["complete"], False)
        self.assertEqual(report["payload_xxh128"], xxhash.xxh3_128_hexdigest(done.stdout))

    def test_of_a_cut_trace_everything_whole_is_sent(self):
        path = self.cut(self.entries[5][0] + 77)
        arguments = ["--to", "jsonl:-", "--speed", "max", "-q", "--report",
                     self.path("report.json")]
        done = replay(path, *arguments)
        self.assert_sent_what_cat_prints(done, path)
        self.assertEqual(done.stdout.count(b"\n"), sum(map(self.chunk_records, range(1, 5))))
        self.assertIsNone(self.report()["trace_digest"])
        with open(path, "rb") as file:
            self.assert_sent_what_cat_prints(replay("-", *arguments, stdin=file.read()), path)

    def test_with_a_damaged_header_all_is_sent_and_the_damage_told(self):
        path = self.damaged(100)
        for more in ([], ["--dry-run"]):
            done = replay(path, "--to", "jsonl:-", "--speed", "max", "-q", *more)
            self.assertEqual(done.returncode, 3)
            self.assertIn(b"damaged in the header, the entry at byte 0", done.stderr)
            if not more:
                self.assertTrue(done.stdout == run("cat", self.trace).stdout)

    def test_of_a_damaged_trace_the_rest_is_sent(self):
        path = self.damaged(self.entries[3][0] + 200)
        done = replay(path, "--to", "jsonl:-", "--speed", "max", "-q", "--report",
                      self.path("report.json"))
        self.assert_sent_what_cat_prints(done, path)
        self.assertEqual(done.stdout.count(b"\n"),
                         self.info(self.trace)["records"] - self.chunk_records(3))


class BadOutputTest(ReplayTest):

    def test_what_cannot_be_written_is_told_before_anything_is_sent(self):
        self.assert_refused(replay(self.trace, "--to", "jsonl:/nowhere/x.jsonl"), "/nowhere")
        self.assert_refused(replay(self.trace, "--to", "jsonl:" + self.folder), self.folder)
        self.assert_refused(
            replay(self.trace, "--to", "jsonl:-", "--report", "/nowhere/report.json"), "/nowhere")

    def test_a_full_disk_is_told_and_what_is_lost_is_counted(self):
        done = replay(self.trace, "--to", "jsonl:/dev/full", "--speed", "max", "--report",
                      self.path("report.json"))
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"No space left", done.stderr)
        self.assertRegex(done.stderr, rb"[1-9]\d* messages were sent but not acknowledged")
        report = self.report()
        self.assertEqual(report["messages_acknowledged"], 0)
        self.assertGreater(report["messages_failed"], 0)
        self.assertIsNone(report["payload_xxh128"])
        self.assertIs(report["complete"], False)

    def test_a_reader_that_has_seen_enough_ends_it_quietly(self):
        for pace in (["--speed", "max"], ["--speed", "1440x"]):
            with self.subTest(pace=pace):
                process = start(self.trace, "--to", "jsonl:-", *pace, "--report",
                                self.path("report.json"))
                process.stdout.readline()
                process.stdout.close()
                self.assertEqual(process.stderr.read(), b"")
                process.stderr.close()
                self.assertEqual(process.wait(PATIENCE_SECONDS), 0)
                self.assertIs(self.report()["complete"], False)

    def test_the_report_replaces_an_older_one_only_when_it_is_whole(self):
        report = self.write("report.json", b"old")
        process = start(self.trace, "--to", "jsonl:-", "--speed", "1x", "--report", report)
        process.stdout.readline()
        process.kill()
        process.communicate()
        with open(report, "rb") as file:
            self.assertEqual(file.read(), b"old")
        replay(self.trace, "--to", "null:", "--speed", "max", "--report", report)
        self.assertEqual(list(self.report()), REPORT_KEYS)
        self.assertFalse(os.path.exists(report + ".partial"))


class SignalTest(ReplayTest):

    def test_a_signal_flushes_reports_and_exits_130(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(signal=number):
                process = start(self.trace, "--to", "jsonl:-", "--speed", "60x", "--report",
                                self.path("report.json"))
                first = process.stdout.readline()
                process.send_signal(number)
                rest, message = process.communicate(timeout=PATIENCE_SECONDS)
                self.assertEqual(process.returncode, 130, message)
                self.assertIn(b"interrupted", message)
                lines = first + rest
                self.assertTrue(run("cat", self.trace).stdout.startswith(lines))
                report = self.report()
                self.assertEqual(report["records_sent"], lines.count(b"\n"))
                self.assertEqual(report["messages_acknowledged"], lines.count(b"\n"))
                self.assertEqual(report["payload_xxh128"], xxhash.xxh3_128_hexdigest(lines))
                self.assertIs(report["complete"], False)

    def test_a_signal_during_a_long_sleep_ends_it_at_once(self):
        process = start(self.trace, "--to", "jsonl:-", "--speed", "0.00001x")
        time.sleep(0.5)  # it sleeps by now; if not, the test still passes
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE_SECONDS)
        self.assertEqual(process.returncode, 130)
        self.assertLess(time.monotonic() - began, 10)

    def test_a_signal_ends_the_wait_for_a_pipe(self):
        for sent in (b"", self.data[:self.entries[2][0]]):
            with self.subTest(sent=len(sent)):
                process = start("-", "--to", "jsonl:-", "--speed", "max", stdin=subprocess.PIPE)
                process.stdin.write(sent)
                process.stdin.flush()
                if sent:
                    process.stdout.readline()
                else:
                    time.sleep(0.5)  # the signal handlers are installed by then
                process.send_signal(signal.SIGINT)
                self.assertEqual(process.wait(PATIENCE_SECONDS), 130)
                process.communicate()

    def test_lines_do_not_wait_for_the_next_chunk_of_a_pipe(self):
        process = start("-", "--to", "jsonl:-", "--speed", "max", stdin=subprocess.PIPE)
        process.stdin.write(self.data[:self.entries[3][0]])  # two chunks
        process.stdin.flush()
        for _ in range(self.chunk_records(1) + self.chunk_records(2)):
            self.assertNotEqual(process.stdout.readline(), b"")
        process.stdin.close()
        process.stdin = None
        process.communicate(timeout=PATIENCE_SECONDS)
        self.assertEqual(process.returncode, 3)

    def test_a_second_signal_kills(self):
        process = start(self.trace, "--to", "jsonl:-", "--speed", "max")
        process.stdout.read(1)  # and read no further: the pipe is full and the replay waits
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        time.sleep(0.5)  # shorter than the wait for acknowledgements after a stop
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(PATIENCE_SECONDS), -signal.SIGTERM)
        process.communicate()


class StalledReaderTest(ReplayTest):

    def test_a_reader_that_never_reads_is_waited_for_until_the_timeout(self):
        process = start(self.trace, "--to", "jsonl:-", "--speed", "max", "--timeout", "500ms",
                        "--report", self.path("report.json"))
        self.assertEqual(process.wait(PATIENCE_SECONDS), 1)
        message = process.stderr.read()
        self.assertIn(b"--timeout", message)
        lines = process.stdout.read()
        process.communicate()
        report = self.report()
        # A line that the pipe took only in part is not acknowledged.
        self.assertEqual(report["messages_acknowledged"], lines.count(b"\n"))
        self.assertGreater(report["messages_failed"], 0)


class LivePipeTest(ReplayTest):

    def pipe(self, *arguments):
        recorder = subprocess.Popen([PROGRAM, "record", "--duration", "forever", "-o", "-", "-q"],
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        player = start("-", "--to", "jsonl:-", *arguments, stdin=recorder.stdout)
        recorder.stdout.close()
        recorder.stdout = None
        self.addCleanup(recorder.stderr.close)
        self.addCleanup(player.stderr.close)
        return recorder, player

    def test_a_recording_without_end_plays_on_until_the_reader_leaves(self):
        recorder, player = self.pipe("--speed", "max")
        expected = run("cat", self.trace).stdout.splitlines(keepends=True)
        for line in expected[:20_000]:
            self.assertEqual(player.stdout.readline(), line)
        player.stdout.close()
        self.assertEqual(player.wait(PATIENCE_SECONDS), 0)
        self.assertEqual(recorder.wait(PATIENCE_SECONDS), 0)
        self.assertEqual((recorder.stderr.read(), player.stderr.read()), (b"", b""))

    def test_until_ends_a_live_pipe(self):
        recorder, player = self.pipe("--speed", "max", "--until", "10m", "-q")
        lines = player.stdout.read()
        player.stdout.close()
        self.assertTrue(lines == run("cat", self.trace, "--until", "10m").stdout)
        self.assertEqual(player.wait(PATIENCE_SECONDS), 0)
        self.assertEqual(recorder.wait(PATIENCE_SECONDS), 0)

    def test_a_paced_pipe_holds_the_recorder_back_and_both_end_on_ctrl_c(self):
        recorder, player = self.pipe("--speed", "3600x", "-q")
        for _ in range(1000):
            player.stdout.readline()
        # As at a terminal: both processes get the signal.
        recorder.send_signal(signal.SIGINT)
        player.send_signal(signal.SIGINT)
        player.stdout.read()
        player.stdout.close()
        self.assertEqual(player.wait(PATIENCE_SECONDS), 130)
        self.assertEqual(recorder.wait(PATIENCE_SECONDS), 130)
        self.assertRegex(player.stderr.read().decode(), r"^groundhog-replay: .*interrupted\n$")


class KafkaConfigTest(unittest.TestCase):

    def test_a_dump_shows_the_lines_of_a_file_and_no_secret(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "client.properties")
            with open(path, "w", encoding="utf-8") as file:
                file.write("sasl.username=alice\nsasl.password=alice-secret\n")
            done = replay("--kafka-config", path, "-X", "dump")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"sasl.username = alice\n", done.stdout)
        self.assertIn(b"sasl.password = (secret)\n", done.stdout)
        self.assertNotIn(b"alice-secret", done.stdout)


if __name__ == "__main__":
    unittest.main()
