"""A replay under control: by words at a socket, and by the keys of a terminal."""
import json
import os
import re
import signal
import socket
import stat
import subprocess
import time
import unittest

from groundhog import PROGRAM, run
from replaying import PATIENCE_SECONDS, REPLAY, ReplayTest, replay, start
from terminal import Terminal

WORDS = ["pause", "resume", "step", "speed", "faster", "slower", "next", "previous", "goto",
         "status", "quit"]


class Client:
    """A client of a control socket."""

    def __init__(self, path):
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(PATIENCE_SECONDS)
            try:
                self.socket.connect(path)
                break
            except (FileNotFoundError, ConnectionRefusedError, BlockingIOError):
                self.socket.close()
                if time.monotonic() > end:
                    raise
                time.sleep(0.02)
        self.answers = self.socket.makefile("r", encoding="utf-8")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.answers.close()
        self.socket.close()

    def ask(self, line):
        self.socket.sendall(line.encode() + b"\n")
        return self.answers.readline().rstrip("\n")


def fields(answer):
    """The NAME=VALUE pairs of an answer that is ok."""
    assert answer.startswith("ok "), answer
    return dict(word.split("=", 1) for word in answer.split()[1:])


class SocketTest(ReplayTest):

    def setUp(self):
        self.socket_path = self.path("control.sock")

    def start(self, *arguments, to="null:"):
        process = start(self.trace, "--to", to, "--control", "unix:" + self.socket_path,
                        *arguments)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def assert_ends(self, process, code=0):
        self.assertEqual(process.wait(PATIENCE_SECONDS), code, process.stderr)
        self.assertFalse(os.path.exists(self.socket_path))

    def test_a_script_steps_jumps_and_resumes_and_every_line_is_as_recorded(self):
        process = self.start("--start-paused", "--speed", "max", "-q", "--report",
                             self.path("report.json"), to="jsonl:" + self.path("out.jsonl"))
        with Client(self.socket_path) as client:
            self.assertEqual(fields(client.ask("status"))["state"], "paused")
            self.assertEqual(fields(client.ask("step 3"))["steps"], "3")
            self.assertEqual(fields(client.ask("next"))["incident"], "user-replicas-down/1")
            self.assertEqual(fields(client.ask("step"))["steps"], "1")
            self.assertEqual(fields(client.ask("goto 6h59m"))["time"],
                             "2025-01-06T06:59:00.000000000Z")
            self.assertTrue(client.ask("resume").startswith("ok time="))
        self.assert_ends(process)
        first = run("cat", self.trace, "--limit", "3").stdout
        incident = run("cat", self.trace, "--from", "6h40m", "--limit", "1").stdout
        rest = run("cat", self.trace, "--from", "6h59m").stdout
        with open(self.path("out.jsonl"), "rb") as file:
            self.assertTrue(file.read() == first + incident + rest)
        report = self.report()
        self.assertEqual(report["seeks"], 2)
        self.assertIs(report["complete"], False)

    def test_each_word_is_answered_by_one_line(self):
        process = self.start("--speed", "10x")
        with Client(self.socket_path) as client:
            status = fields(client.ask("status"))
            self.assertEqual((status["state"], status["pace"], status["messages_failed"]),
                             ("playing", "10x", "0"))
            self.assertEqual(fields(client.ask("speed 20x"))["pace"], "20x")
            self.assertEqual(fields(client.ask("faster"))["pace"], "40x")
            self.assertEqual(fields(client.ask("slower"))["pace"], "20x")
            self.assertIn("not paused", client.ask("step"))
            self.assertTrue(client.ask("pause").startswith("ok time="))
            paused = fields(client.ask("status"))
            self.assertEqual(paused["state"], "paused")
            self.assertEqual(fields(client.ask("next"))["time"], "2025-01-06T06:40:00.000000000Z")
            self.assertEqual(client.ask("next"), "error no incident begins later in what is played")
            self.assertEqual(client.ask("previous"),
                             "error no incident begins earlier in what is played")
            for nonsense in ("", "dance", "step x", "goto", "goto noon", "goto 99h", "speed 10"):
                answer = client.ask(nonsense)
                self.assertTrue(answer.startswith("error "), answer)
            for word in WORDS:
                self.assertIn(word, client.ask("help"))
            self.assertTrue(client.ask("quit").startswith("ok time="))
            self.assertEqual(client.answers.readline(), "")
        self.assert_ends(process)

    def test_who_sends_all_at_once_and_hangs_up_still_gets_all_answers(self):
        process = self.start("--speed", "1x")
        with Client(self.socket_path) as client:
            client.socket.sendall(b"status\npause\nquit")
            client.socket.shutdown(socket.SHUT_WR)
            answers = client.answers.read().splitlines()
        self.assertEqual([answer[:3] for answer in answers], ["ok ", "ok ", "ok "])
        self.assert_ends(process)

    def test_clients_that_misbehave_disturb_nobody(self):
        process = self.start("--speed", "1x")
        with Client(self.socket_path) as client, Client(self.socket_path) as endless, \
                Client(self.socket_path) as deaf, Client(self.socket_path):
            endless.socket.sendall(b"x" * 10_000)
            self.assertIn("4096", endless.answers.readline())
            deaf.socket.settimeout(0.2)
            try:
                while True:  # until both directions are full, or the replay closes the connection
                    deaf.socket.sendall(b"status\n" * 1000)
            except OSError:
                pass
            self.assertEqual(fields(client.ask("status"))["state"], "playing")
            crowd = [Client(self.socket_path) for _ in range(20)]
            self.assertIn("error too many clients\n",
                          [one.answers.readline() for one in crowd[-1:]])
            for one in crowd:
                one.__exit__()
            self.assertTrue(client.ask("quit").startswith("ok "))
        self.assert_ends(process)

    def test_the_socket_is_the_users_own_and_goes_with_the_replay(self):
        process = self.start("--speed", "1x")
        with Client(self.socket_path):
            self.assertEqual(stat.S_IMODE(os.stat(self.socket_path).st_mode), 0o600)
            done = replay(self.trace, "--to", "null:", "--control", "unix:" + self.socket_path)
            self.assert_refused(done, "another replay listens there")
        process.send_signal(signal.SIGINT)
        self.assert_ends(process, 130)

    def test_a_socket_left_behind_is_replaced(self):
        process = self.start("--speed", "1x")
        with Client(self.socket_path):
            process.kill()
        process.wait(PATIENCE_SECONDS)
        self.assertTrue(os.path.exists(self.socket_path))
        second = self.start("--speed", "1x")
        with Client(self.socket_path) as client:
            self.assertTrue(client.ask("quit").startswith("ok "))
        self.assert_ends(second)

    def test_where_there_can_be_no_socket_it_is_said_before_anything_is_sent(self):
        cases = [(self.trace, "no socket"), ("/nowhere/control", "No such file"),
                 (self.path("x" * 120), "107 bytes")]
        for path, *words in cases:
            done = replay(self.trace, "--to", "jsonl:-", "--control", "unix:" + path)
            self.assert_refused(done, "--control", *words)
        self.assert_refused(replay(self.trace, "--to", "null:", "--control", "tcp:1"), "unix:PATH")
        self.assertTrue(os.path.isfile(self.trace))

    def test_a_pipe_can_be_paused_but_not_sought(self):
        recorder = subprocess.Popen([PROGRAM, "record", "--duration", "forever", "-o", "-", "-q"],
                                    stdout=subprocess.PIPE)
        process = start("-", "--to", "null:", "--speed", "60x", "--control",
                        "unix:" + self.socket_path, stdin=recorder.stdout)
        recorder.stdout.close()
        with Client(self.socket_path) as client:
            self.assertIn("needs a file", client.ask("goto 1h"))
            self.assertTrue(client.ask("pause").startswith("ok "))
            self.assertTrue(client.ask("quit").startswith("ok "))
        self.assertEqual(process.wait(PATIENCE_SECONDS), 0)
        process.communicate()
        recorder.wait(PATIENCE_SECONDS)


class KeysTest(ReplayTest):

    def terminal(self, *arguments, **options):
        return Terminal([REPLAY, self.trace, "--to", "null:", *arguments], **options)

    def test_space_pauses_and_plays_on_and_q_ends(self):
        with self.terminal("--speed", "60x") as at:
            at.wait_for("space pause")
            self.assertTrue(at.hands_over_keys())
            at.press(" ")
            at.wait_for(r"paused \(60x\)")
            shown = len(at.shown)
            at.press(" ")
            at.wait_for(r"\d+/s", after=shown)
            at.press("q")
            self.assertEqual(at.exit_code(), 0)
            self.assertTrue(at.has_its_mode())
            at.wait_for(r"paused for")

    def test_arrows_step_and_change_the_speed(self):
        with self.terminal("--speed", "10x", "--start-paused") as at:
            at.wait_for(r"paused \(10x\)")
            at.press("\x1b[A")
            at.wait_for(r"paused \(20x\)")
            at.press("\x1bOB\x1b[B")
            at.wait_for(r"paused \(5x\)")
            at.press("\x1b[C" * 3 + "q")
            self.assertEqual(at.exit_code(), 0)
            at.wait_for("sent 3 records")
            # Each step shows its record: time, level, service, message.
            records = [json.loads(line) for line in self.lines(self.trace, "--limit", "3")]
            shown = [line for line in at.lines() if line.startswith("sent 00:")]
            for record, line in zip(records, shown, strict=True):
                text = "  ".join([record["timestamp"][11:19], record["level"], record["service"],
                                  record["message"]])
                self.assertEqual(line, f"sent {text}" if len(text) <= 74 else f"sent {text[:73]}…")

    def test_n_and_p_and_t_jump(self):
        with self.terminal("--speed", "1x", "--start-paused") as at:
            at.wait_for("paused")
            at.press("n")
            at.wait_for(r"06:40:00 .*user-replicas-down")
            at.press("p")
            at.wait_for("no incident begins earlier")
            at.press("t06:35:30\r")
            at.wait_for("06:35:30 ")
            at.press("t1h3x\x7f0m")
            at.wait_for(r"go to \(.*\): 1h30m")
            at.press("\r")
            at.wait_for("01:30:00 ")
            at.press("tnoon\r")
            at.wait_for("'noon': ")
            shown = len(at.shown)
            at.press("t2h")
            at.wait_for(r"go to \(.*\): 2h", after=shown)
            # Alone: together with the bytes after it, it would be another key.
            shown = len(at.shown)
            at.press("\x1b")
            at.wait_for("01:30:00 ", after=shown)
            at.press("?")
            at.wait_for(r"\nkeys: space pause", after=shown)  # as it fits 80 columns
            at.press("q")
            self.assertEqual(at.exit_code(), 0)

    def test_the_terminal_is_put_back_whatever_ends_the_replay(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT,
                       signal.SIGABRT, signal.SIGSEGV):
            with self.subTest(signal=number), self.terminal("--speed", "1x") as at:
                at.wait_for("space pause")
                at.send(number)
                is_clean = number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
                code = at.exit_code()
                if is_clean:
                    self.assertEqual(code, 130)
                else:
                    self.assertNotEqual(code, 0)  # a sanitizer has a code of its own
                self.assertTrue(at.has_its_mode())

    def test_ctrl_c_is_still_a_signal(self):
        with self.terminal("--speed", "1x") as at:
            at.wait_for("space pause")
            at.press("\x03")
            self.assertEqual(at.exit_code(), 130)
            self.assertTrue(at.has_its_mode())

    def test_a_second_ctrl_c_kills_and_the_terminal_is_put_back(self):
        reader, writer = os.pipe()
        with Terminal(["sh", "-c", f'exec "$0" "$@" >&{writer}', REPLAY, self.trace, "--to",
                       "jsonl:-", "--speed", "max"], pass_fds=[writer]) as at:
            at.wait_for("space pause")
            at.watch(0.5)  # the pipe is full, and the replay waits
            at.press("\x03")
            at.watch(0.5)  # shorter than the wait for acknowledgements after a stop
            at.press("\x03")
            self.assertEqual(at.exit_code(), -signal.SIGINT)
            self.assertTrue(at.has_its_mode())
        os.close(reader)
        os.close(writer)

    def test_ctrl_z_gives_the_terminal_back_and_going_on_takes_the_keys_again(self):
        with self.terminal("--speed", "60x") as at:
            at.wait_for("space pause")
            for _ in range(2):
                at.press("\x1a")
                self.assertEqual(at.wait_for_report(), "stopped")
                self.assertTrue(at.has_its_mode())
                at.send(signal.SIGCONT)
                self.assertEqual(at.wait_for_report(), "goes on")
                shown = len(at.shown)
                at.wait_for(r"\d+/s", after=shown)
                self.assertTrue(at.hands_over_keys())
            at.press("q")
            self.assertEqual(at.exit_code(), 0)

    def test_in_the_background_the_terminal_is_left_alone(self):
        with self.terminal("--speed", "36000x", "--until", "2h", foreground=False) as at:
            at.press("q")  # for the shell, not for the replay
            self.assertEqual(at.exit_code(), 0)
            self.assertNotIn(b"space pause", at.shown)
            self.assertTrue(at.has_its_mode())
            at.wait_for("100 %")

    def test_keys_never_come_from_a_pipe(self):
        reader, writer = os.pipe()
        os.write(writer, b"q" * 10)
        with self.terminal("--speed", "36000x", "--until", "2h", stdin=reader) as at:
            self.assertEqual(at.exit_code(), 0)
            at.wait_for("100 %")
        os.close(reader)
        os.close(writer)

    def test_a_trace_from_a_pipe_leaves_the_keys_to_the_terminal(self):
        with open(self.trace, "rb") as trace, \
                Terminal([REPLAY, "-", "--to", "null:", "--speed", "10x"], stdin=trace) as at:
            at.wait_for("space pause")
            at.press(" ")
            at.wait_for(r"paused \(10x\)")
            at.press("q")
            self.assertEqual(at.exit_code(), 0)
            self.assertTrue(at.has_its_mode())

    def test_no_line_is_wider_than_the_terminal(self):
        for columns in (80, 50, 20):
            with self.subTest(columns=columns), \
                    self.terminal("--speed", "900x", "--from", "6h30m", columns=columns) as at:
                self.assertEqual(at.exit_code(), 0)
                progress = [line for line in at.lines() if line.startswith("06:")]
                self.assertGreater(len(progress), 2)
                for line in progress:
                    self.assertLess(len(line), columns, line)
                if columns == 80:
                    self.assertRegex("\n".join(progress), r"/s  late .* left  user-replicas-down/1")
                    for line in at.lines():
                        self.assertLess(len(line), columns)

    def test_a_long_notice_is_broken_between_words(self):
        notice = "it speaks Kafka 2.3's protocol: a client that knows only newer ones, such as " \
            "@platformatic/kafka, gets nothing from it"
        command = [self.trace, "--to", "kafka://embedded", "--speed", "max", "--linger", "0s"]
        with Terminal([REPLAY, *command]) as at:
            self.assertEqual(at.exit_code(), 0)
            shown = at.lines()
        first = next(i for i, line in enumerate(shown) if "it speaks Kafka" in line)
        self.assertEqual(shown[first:first + 2],
                         ["groundhog-replay: it speaks Kafka 2.3's protocol: a client that knows "
                          "only",
                          "  newer ones, such as @platformatic/kafka, gets nothing from it"])
        for line in shown:
            self.assertLess(len(line), 80)
        # Without a terminal a message is one line.
        self.assertIn(f"groundhog-replay: {notice}\n", replay(*command).stderr.decode())

    def test_the_time_left_only_falls_and_keeps_its_units(self):
        with self.terminal("--speed", "60x", "--from", "5h", "--until", "6h59m") as at:
            at.wait_for("1m58s left")
            for _ in range(4):
                at.press("\x1b[A")
            at.wait_for(r"[78] s left")
            at.wait_for(r"[34] s left")
            self.assertEqual(at.exit_code(), 0)
            left = re.findall(r"  (\d+h)?(\d+m)?(?:(\d+) ?s)? left", at.shown.decode())
            self.assertGreater(len(left), 10)
            seconds = [int(m[:-1] or 0) * 60 + int(s or 0) if m else int(s) for _, m, s in left]
            self.assertEqual(seconds, sorted(seconds, reverse=True))

    def test_speeds_are_rounded_for_people_and_exact_for_scripts(self):
        socket_path = self.path("speeds.sock")
        with self.terminal("--speed", "7/3x", "--start-paused", "--control",
                           "unix:" + socket_path) as at, Client(socket_path) as client:
            at.wait_for(r"paused \(2.33x\)")
            self.assertEqual(fields(client.ask("status"))["pace"], "7/3x")
            at.press("\x1b[B" * 6)
            at.wait_for(r"paused \(0.0365x\)")
            self.assertEqual(fields(client.ask("status"))["pace"], "7/192x")
            self.assertEqual(fields(client.ask("speed 1000000x"))["pace"], "1000000x")
            at.wait_for(r"paused \(1000000x\)")
            at.press("q")
            self.assertEqual(at.exit_code(), 0)
            at.wait_for(r"\(asked 1000000x\)")

    def test_status_knows_no_stale_rates(self):
        socket_path = self.path("rates.sock")
        with self.terminal("--speed", "600x", "--control", "unix:" + socket_path) as at, \
                Client(socket_path) as client:
            at.wait_for(r"600x .*/s")
            client.ask("pause")
            paused = fields(client.ask("status"))
            self.assertEqual((paused["speed_reached"], paused["records_per_second"]), ("0", "0"))
            self.assertNotIn("lateness_p99_ms", paused)
            time.sleep(0.5)
            client.ask("resume")
            self.assertNotIn("speed_reached", fields(client.ask("status")))
            time.sleep(0.3)
            self.assertGreater(float(fields(client.ask("status"))["speed_reached"]), 300)
            at.press("q")
            self.assertEqual(at.exit_code(), 0)


class LongNamesTest(ReplayTest):
    """An incident with a long name and a sink with a long path, at 80 columns."""
    FAULT = "the-payment-provider-times-out-in-the-second-zone"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        scenario = cls.path("long.yaml")
        with open(scenario, "w", encoding="utf-8") as file:
            file.write("name: long\nduration: 2h\nservices: {a: {service_time: 5ms}}\n"
                       "journeys: {j: {rate: 5/s, deadline: 1s, entry: a}}\n"
                       f"faults:\n  {cls.FAULT}: {{kind: outage, target: a, at: 10m, for: 100m}}\n")
        cls.long_trace = cls.path("long.ghog")
        done = run("record", scenario, "-q", "-o", cls.long_trace)
        assert done.returncode == 0, done.stderr

    def test_the_name_stays_whole_and_no_line_wraps(self):
        sink = "jsonl:" + self.path("out-" + "x" * 90 + ".jsonl")
        with Terminal([REPLAY, self.long_trace, "--to", sink, "--speed", "1000x", "--from", "12m",
                       "--until", "40m"]) as at:
            self.assertEqual(at.exit_code(), 0)
            progress = [line for line in at.lines() if re.match(r"\d\d:", line)]
            self.assertGreater(len(progress), 2)
            for line in progress:
                self.assertIn("x", line)
                self.assertTrue(line.endswith("  " + self.FAULT), line)
            for line in at.lines():
                self.assertLess(len(line), 80, line)
            self.assertRegex("\n".join(at.lines()),
                             r"\n  to            jsonl:/.*….*xxx\.jsonl\n")

    def test_a_file_gets_the_whole_line(self):
        done = replay(self.long_trace, "--to", "null:", "--speed", "1000x", "--from", "12m",
                      "--until", "40m", "--progress", "always")
        self.assertEqual(done.returncode, 0)
        progress = [line for line in done.stderr.decode().splitlines() if re.match(r"\d\d:", line)]
        self.assertGreater(len(progress), 0)
        for line in progress:
            self.assertRegex(line, r"\d\d:\d\d:\d\d  \d+ %  .*x of 1000x  .*/s  late .*  0 failed  "
                                   r"\d+ s left  " + self.FAULT + r"\Z")


if __name__ == "__main__":
    unittest.main()
