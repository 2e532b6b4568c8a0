"""groundhog-replay ctl: commands for a running replay, from arguments, a pipe, a terminal."""
import os
import re
import socket
import subprocess
import threading
import time
import unittest

from groundhog import run
from replaying import PATIENCE_SECONDS, REPLAY, ReplayTest, replay, start
from terminal import Terminal

SOURCE = os.environ["GROUNDHOG_SOURCE_DIR"]


class CtlTest(ReplayTest):

    def setUp(self):
        self.socket_path = self.path("ctl.sock")

    def start(self, *arguments):
        """A replay that listens, or soon will: `ctl` waits for it."""
        process = start(self.trace, "--to", "null:", "-q", "--speed", "1x", "--control",
                        "unix:" + self.socket_path, *arguments)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        self.assertEqual(self.ctl("status", "--wait", "60s").returncode, 0)
        return process

    def ctl(self, *arguments, **options):
        return replay("ctl", self.socket_path, *arguments, **options)

    def assert_answers(self, done, *patterns, code=0):
        """One line of answer for each pattern, in order."""
        answers = done.stdout.decode().splitlines()
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(len(answers), len(patterns), answers)
        for answer, pattern in zip(answers, patterns):
            self.assertRegex(answer, r"\A" + pattern)

    def test_each_command_is_answered_by_a_line_in_order(self):
        process = self.start()
        self.assert_answers(self.ctl("pause"), r"ok time=2025-01-06T00:00:\d\d\.\d{9}Z\Z")
        self.assert_answers(self.ctl("goto", "2h", "speed", "60x", "step", "step 3", "status"),
                            "ok time=2025-01-06T02:00:00.000000000Z", "ok pace=60x ", "ok steps=1 ",
                            "ok steps=3 ", "ok state=paused .* records_sent=")
        # An address as --control takes it.
        done = replay("ctl", "unix:" + self.socket_path, "quit")
        self.assert_answers(done, "ok time=")
        self.assertEqual(process.wait(PATIENCE_SECONDS), 0)

    def test_an_error_is_an_answer_and_exit_code_1(self):
        self.start()
        done = self.ctl("goto", "99h", "pause", "dance")
        # A word that is no command belongs to the command before it.
        self.assert_answers(done, "error what is played goes from 2025-01-06T00:00:00Z to 2025-",
                            "error pause takes no value", code=1)
        self.assertEqual(done.stderr, b"")
        self.assert_answers(self.ctl("dance", "status"),
                            "error unknown command 'dance'; there are ", "ok state=playing",
                            code=1)

    def test_without_a_command_it_reads_lines(self):
        self.start()
        done = self.ctl(stdin=b"# of a file\n\n pause \nfaster\n   \nstatus")
        self.assert_answers(done, "ok time=", "ok pace=2x ", "ok state=paused ")
        self.assert_answers(self.ctl(stdin=b""))

    def test_at_a_terminal_one_can_talk_to_it(self):
        process = self.start()
        with Terminal([REPLAY, "ctl", self.socket_path]) as at:
            at.wait_for("commands: pause resume step .* quit")
            at.press("pause\n")
            at.wait_for("ok time=")
            at.press("speed 5x\n")
            at.wait_for("ok pace=5x")
            at.press("\x04")
            self.assertEqual(at.exit_code(), 0)
        with Terminal([REPLAY, "ctl", self.socket_path]) as at:
            at.wait_for("commands: ")
            process.kill()
            at.wait_for("the replay has ended")
            self.assertEqual(at.exit_code(), 0)

    def test_without_a_replay_it_says_what_to_do(self):
        cases = [(self.path("none.sock"), "--control unix:" + self.path("none.sock")),
                 (self.trace, "is no socket"), (self.path("x" * 120), "107 bytes")]
        with socket.socket(socket.AF_UNIX) as left_behind:
            left_behind.bind(self.path("dead.sock"))
        cases.append((self.path("dead.sock"), "has ended"))
        for path, *words in cases:
            self.assert_refused(replay("ctl", path, "status"), *words)
        begin = time.monotonic()
        self.assert_refused(replay("ctl", "--wait", "300ms", self.path("none.sock"), "status"),
                            "no replay listens there")
        self.assertGreater(time.monotonic() - begin, 0.3)

    def test_it_waits_for_a_replay_that_is_still_to_come(self):
        waiting = start("ctl", "--wait", "60s", self.socket_path, "status", "quit")
        time.sleep(0.3)
        process = start(self.trace, "--to", "null:", "-q", "--control", "unix:" + self.socket_path)
        self.assertEqual(process.wait(PATIENCE_SECONDS), 0)
        answers = waiting.communicate(timeout=PATIENCE_SECONDS)[0].decode().splitlines()
        self.assertEqual(waiting.returncode, 0)
        self.assertEqual([answer[:3] for answer in answers], ["ok ", "ok "])
        process.communicate()

    def test_a_replay_that_ends_before_it_answers_is_told(self):
        path = self.path("rude.sock")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            listener.listen()
            thread = threading.Thread(target=lambda: listener.accept()[0].close())
            thread.start()
            done = replay("ctl", path, "pause", "resume")
            thread.join()
        self.assert_refused(done, "ended before it answered 'pause'", code=1)

    def test_what_is_wrong_is_refused(self):
        self.assert_refused(replay("ctl"), "SOCKET is missing")
        self.assert_refused(replay("ctl", "x", "--wait", "soon"), "--wait 'soon'")
        self.assert_refused(replay(), "FILE is missing")
        self.assert_refused(replay(self.trace, "other.ghog", "--to", "null:"), "other.ghog")
        shown = replay("ctl", "--help")
        self.assertEqual(shown.returncode, 0)
        for words in (b"Examples:", b"Exit codes:", b"goto TIME"):
            self.assertIn(words, shown.stdout)
        self.assertIn(b"  ctl ", replay("--help").stdout)

    def test_a_trace_may_be_called_ctl(self):
        os.link(self.trace, self.path("ctl"))
        done = replay("./ctl", "--to", "null:", "--speed", "max", "-q", cwd=self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)


class DocumentedTest(ReplayTest):
    RECORD = ["shop", "--duration", "15h"]

    def test_the_documented_session_runs_as_it_stands(self):
        with open(os.path.join(SOURCE, "docs/REPLAY.md"), encoding="utf-8") as file:
            blocks = re.findall(r"```sh\n(.*?)```", file.read(), re.DOTALL)
        session = [block for block in blocks if " ctl " in block]
        self.assertEqual(len(session), 1)
        self.assertGreaterEqual(session[0].count(" ctl "), 3)
        script = session[0].replace("kafka://localhost:9092", "jsonl:" + self.path("out.jsonl"))
        environment = dict(os.environ, PATH=os.path.dirname(REPLAY) + ":" + os.environ["PATH"])
        done = subprocess.run(["bash", "-ec", script + "wait $!\n"], cwd=self.folder, check=False,
                              env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=PATIENCE_SECONDS)
        answers = done.stdout.decode().splitlines()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertGreaterEqual(len(answers), 5)
        for answer in answers:
            self.assertTrue(answer.startswith("ok "), answer)
        sent = self.path("out.jsonl")
        first = run("cat", self.trace, "--from", "14h5m", "--limit", "1").stdout
        with open(sent, "rb") as file:
            self.assertIn(file.readline(), (first, b""))  # also when it was ended very soon


if __name__ == "__main__":
    unittest.main()
