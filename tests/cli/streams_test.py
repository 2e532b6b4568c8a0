"""Both programs with standard streams that are closed or full, and when their terminal goes."""
import os
import signal
import subprocess
import time
import unittest

from groundhog import PROGRAM, CliTest, read, run
from replaying import PATIENCE_SECONDS, REPLAY, ReplayTest, start

KAFKA = ["--to", "kafka://embedded", "--linger", "0s"]


def run_with(redirections, command):
    """Runs it by a shell, which knows `<&-`; what it says on stderr, unless that is closed."""
    return subprocess.run(["sh", "-c", f'exec "$@" {redirections}', "sh", *command],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=PATIENCE_SECONDS, check=False)


def printing(trace):
    """Every way to have data on standard output."""
    return [
        [PROGRAM, "--help"], [PROGRAM, "--version"], [PROGRAM, "cat", "--help"],
        [PROGRAM, "scenario", "show", "--help"], [PROGRAM, "record", "--version"],
        [PROGRAM, "record", "--duration", "5m", "-o", "-"],
        [PROGRAM, "info", trace], [PROGRAM, "info", "--json", trace],
        [PROGRAM, "cat", trace], [PROGRAM, "digest", trace],
        [PROGRAM, "stats", trace], [PROGRAM, "stats", "--json", trace],
        [PROGRAM, "digest", trace, trace], [PROGRAM, "diff", trace, trace],
        [PROGRAM, "scenario", "list"],
        [PROGRAM, "scenario", "show"], [PROGRAM, "scenario", "schema"],
        [REPLAY, "--help"], [REPLAY, "--version"], [REPLAY, "-X", "list"],
        [REPLAY, trace, *KAFKA, "-X", "dump"],
        [REPLAY, trace, "--to", "jsonl:-", "--speed", "max", "-q"],
        [REPLAY, trace, "--to", "null:", "--speed", "max", "-q", "--report", "-"],
        [REPLAY, trace, "--dry-run", "-q", "--report", "-"]]


def reading():
    """Every command that takes a trace from standard input."""
    return [[PROGRAM, command, "-"] for command in ("info", "cat", "stats", "digest", "verify")] + [
        [REPLAY, "-", "--to", "null:"], [REPLAY, "-", "--dry-run"]]


class FullTest(CliTest):

    def test_what_cannot_be_printed_is_an_error(self):
        for command in printing(self.trace):
            with self.subTest(command):
                done = run_with(">/dev/full", command)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertRegex(done.stderr, rb"(?m)^groundhog[^\n]*: cannot write standard "
                                 rb"output: No space left on device")

    def test_statistics_that_cannot_be_written_stop_no_replay_and_are_an_error(self):
        done = run_with("", [REPLAY, self.trace, *KAFKA, "--until", "2h", "--speed", "7200x",
                             "--kafka-stats", "/dev/full", "-X", "statistics.interval.ms=100"])
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn(b"cannot write /dev/full: No space left", done.stderr)
        self.assertRegex(done.stderr, rb"failed +0\n")

    def test_a_replay_too_short_for_statistics_says_so(self):
        path = self.path("stats.json")
        done = run_with("", [REPLAY, self.trace, *KAFKA, "--until", "1h", "--speed", "max",
                             "--kafka-stats", path])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"is empty", done.stderr)
        self.assertEqual(read(path), b"")


class ClosedTest(CliTest):

    def test_a_closed_output_is_an_error_of_those_that_print(self):
        for command in printing(self.trace):
            for stdin in ("", "<&-"):
                with self.subTest(command, stdin=stdin):
                    done = run_with(f"{stdin} >&-", command)
                    self.assertEqual(done.returncode, 2, done.stderr)
                    self.assertRegex(done.stderr, rb"\Agroundhog[^\n]*: cannot write standard "
                                     rb"output: it is closed, [^\n]+\n\Z")

    def test_a_closed_input_is_an_error_of_those_that_read_it(self):
        for command in reading():
            with self.subTest(command):
                done = run_with("<&-", command)
                self.assertEqual((done.returncode, done.stdout), (2, b""), done.stderr)
                self.assertRegex(done.stderr, rb"\Agroundhog[^\n]*: cannot read standard input: it "
                                 rb"is closed, [^\n]+\n\Z")

    def test_an_output_open_for_reading_alone_is_no_better(self):
        done = run_with("</dev/null >&0", [PROGRAM, "digest", self.trace])
        self.assertEqual(done.returncode, 2)
        done = run_with("0>/dev/null", [REPLAY, "-", "--to", "null:"])
        self.assertEqual(done.returncode, 2)

    def test_the_name_of_a_closed_stream_is_no_way_around(self):
        out = run_with(">&-", [PROGRAM, "record", "--duration", "5m", "-o", "/dev/stdout"])
        self.assertEqual(out.returncode, 2, out.stderr)
        self.assertIn(b"/dev/stdout", out.stderr)
        out = run_with(">&-", [REPLAY, self.trace, "--to", "jsonl:/dev/stdout", "--speed", "max"])
        self.assertEqual(out.returncode, 2, out.stderr)

    def test_no_stream_at_all_changes_no_file(self):
        """The first file that is opened must not get a closed stream's number: messages for a
        person would be written into it."""
        again, lines = self.path("again.ghog"), self.path("lines.jsonl")
        done = run_with("<&- >&- 2>&-", [PROGRAM, "record", *self.RECORD, "-o", again])
        self.assertEqual(done.returncode, 0)
        self.assertTrue(read(again) == self.data)
        report = self.path("report.json")
        done = run_with("<&- >&- 2>&-", [REPLAY, again, "--to", f"jsonl:{lines}", "--speed", "max",
                                         "--report", report, "--progress", "always"])
        self.assertEqual(done.returncode, 0)
        self.assertTrue(read(lines) == run("cat", self.trace).stdout)
        self.assertIn(b'"complete":true', read(report).replace(b" ", b""))
        done = run_with("2>&-", [PROGRAM, "info", "nowhere.ghog"])
        self.assertEqual(done.returncode, 2)


class HangUpTest(ReplayTest):
    """SIGHUP: what a program gets when its terminal is closed."""

    def recording(self, *wrapper):
        output = self.path("endless.ghog")
        command = [*wrapper, PROGRAM, "record", "--duration", "3650d", "-o", output]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.addCleanup(process.stderr.close)
        partial, deadline = output + ".partial", time.monotonic() + PATIENCE_SECONDS
        while not os.path.exists(partial) or os.path.getsize(partial) < 1 << 20:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)
        return process, output

    def test_a_recording_ends_as_a_shorter_valid_trace(self):
        process, output = self.recording()
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGHUP)  # a shell sends one, and the system another
        self.assertEqual(process.wait(PATIENCE_SECONDS), 130)
        self.assert_silent(run("verify", output))

    def test_a_replay_flushes_and_reports(self):
        process = start(self.trace, "--to", "jsonl:-", "--speed", "60x", "--report",
                        self.path("report.json"))
        first = process.stdout.readline()
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGHUP)
        rest, message = process.communicate(timeout=PATIENCE_SECONDS)
        self.assertEqual(process.returncode, 130, message)
        lines = (first + rest).count(b"\n")
        report = self.report()
        self.assertEqual((report["records_sent"], report["messages_acknowledged"]), (lines, lines))

    def test_a_replay_that_waits_for_the_reader_of_a_fifo_ends(self):
        fifo = self.path("fifo")
        os.mkfifo(fifo)
        for outputs in (["--to", f"jsonl:{fifo}"], ["--to", "null:", "--report", fifo]):
            for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
                process = start(self.trace, *outputs, "--speed", "max", "-q")
                # Some kernels hide where a process waits; then it has had two seconds.
                deadline = time.monotonic() + 2
                while (b"wait_for_partner" not in read(f"/proc/{process.pid}/wchan")
                       and time.monotonic() < deadline):
                    time.sleep(0.01)
                process.send_signal(number)
                message = process.communicate(timeout=PATIENCE_SECONDS)[1]
                self.assertEqual((process.returncode, message), (130, b""))

    def test_nohup_keeps_its_meaning(self):
        process, output = self.recording("nohup")
        process.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        self.assertIsNone(process.poll())
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(PATIENCE_SECONDS), 130)
        self.assert_silent(run("verify", output))
        process = subprocess.Popen(["nohup", REPLAY, self.trace, "--to", "null:", "--speed", "60x"],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE)
        time.sleep(0.5)
        process.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        self.assertIsNone(process.poll())
        process.send_signal(signal.SIGTERM)
        _, message = process.communicate(timeout=PATIENCE_SECONDS)
        self.assertEqual(process.returncode, 130, message)


if __name__ == "__main__":
    unittest.main()
