"""--exactly-once and --resume against a real Kafka: killed, fenced, resumed, refused."""
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

from kafka_tests import (ADDRESS, BIN, PATIENCE_SECONDS, SOURCE, Broker, KafkaTest, consume, main,
                         start)

SHORT = ["--commit-interval", "20ms"]


class ExactlyOnceTest(KafkaTest):

    def once(self, *arguments):
        return self.command("--exactly-once", "test", *arguments)

    def replay_once(self, *arguments, code=0):
        return self.replay("--exactly-once", "test", *arguments, code=code)

    def start_and_let_it_commit(self, *arguments):
        process = start(*self.once("--speed", "120x", *SHORT, *arguments))
        self.await_messages(1)
        return process

    def test_one_run_delivers_everything_once_and_says_so(self):
        self.replay_once("--speed", "max")
        self.assert_all_there_once()
        report = self.report()
        self.assertEqual(report["messages_acknowledged"], len(self.lines) + len(self.errors))
        self.assertIsNone(report["resumed_at"])
        self.assertIs(report["complete"], True)

    def test_a_beginning_where_others_have_been_is_told(self):
        self.assertEqual(self.replay_once("--speed", "max").stderr, b"")
        done = self.replay("--exactly-once", "other", "--speed", "max", "--level", "ERROR")
        self.assert_one_line(
            done.stderr.decode(), f"topic {self.topic} has messages already, and Kafka knows of no",
            "position of --exactly-once other", "beginning anew")

    def test_a_second_run_finds_nothing_left(self):
        self.replay_once("--speed", "max")
        done = self.replay_once("--speed", "max")
        self.assertIn(b"resuming at position", done.stderr)
        self.assertIn(b"nothing was left to send: all was committed before", done.stderr)
        self.assertEqual(self.report()["records_sent"], 0)
        self.assert_all_there_once()

    def test_a_killed_run_is_resumed_where_it_had_committed(self):
        process = self.start_and_let_it_commit()
        process.kill()
        self.end(process, code=-signal.SIGKILL)
        done = self.replay_once("--speed", "max")
        self.assertGreater(self.report()["resumed_at"], 0)
        self.assertIn(b"up to there all is committed", done.stderr)
        self.assertLess(self.report()["records_sent"], len(self.lines))
        self.assert_all_there_once()

    def test_an_interrupted_run_commits_what_it_had_taken(self):
        process = self.start_and_let_it_commit()
        process.send_signal(signal.SIGINT)
        self.end(process, code=130)
        report = self.report()
        alerts = report["alerts_acknowledged"]
        records = report["messages_acknowledged"] - alerts
        self.assertEqual(len(self.consume_at_least(records, self.topic)), records)
        self.assertEqual(len(self.consume_at_least(alerts, self.alerts)), alerts)
        self.replay_once("--speed", "max")
        self.assert_all_there_once()

    def test_an_interrupted_run_commits_no_half_of_a_record(self):
        # Each record has a copy, and finds the producer's queue full as it makes it.
        errors = ["--level", "ERROR", "--speed", "max"]
        tight = ["-X", "queue.buffering.max.messages=1", "-X", "linger.ms=100"]
        for _ in range(3):
            process = start(*self.once(*errors, *tight))
            time.sleep(1.5)
            process.send_signal(signal.SIGINT)
            self.end(process, code=130)
        self.replay_once(*errors)
        self.assertGreater(self.report()["resumed_at"], 0)
        self.assertIs(self.check("--level", "ERROR")["right"], True)

    def test_a_second_replay_of_the_name_fences_the_first(self):
        first = self.start_and_let_it_commit()
        self.report_path += ".second"
        self.replay_once("--speed", "max")
        message = self.end(first, code=1)
        self.assertIn("has given our place to another replay of the same --exactly-once", message)
        self.assert_all_there_once()

    def test_a_pause_commits_and_there_is_no_way_back(self):
        path = os.path.join(self.folder, "control.sock")
        process = start(*self.once("--speed", "120x", "--commit-interval", "20s", "--control",
                                   f"unix:{path}"))
        self.addCleanup(process.kill)
        deadline = time.monotonic() + PATIENCE_SECONDS
        with socket.socket(socket.AF_UNIX) as control:
            while control.connect_ex(path) != 0:
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.05)
            lines = control.makefile("rw")

            def ask(word):
                lines.write(word + "\n")
                lines.flush()
                return lines.readline()

            while "records_sent=0 " in ask("status"):
                time.sleep(0.05)
            time.sleep(0.5)
            self.assertIn("messages_acknowledged=0 ", ask("status"))
            self.assertEqual(consume(ADDRESS, self.topic), [])
            self.assertTrue(ask("pause").startswith("ok"))
            sent = int(re.search(r" records_sent=(\d+)", ask("status")).group(1))
            # A commit that is acknowledged may take a moment to be seen.
            self.assertEqual(len(self.consume_at_least(sent, self.topic)), sent)
            self.assertIn("error --exactly-once goes forwards only", ask("goto 6h"))
            self.assertTrue(ask("speed max").startswith("ok"))
            self.assertTrue(ask("resume").startswith("ok"))
            self.end(process)
        self.assert_all_there_once()

    def test_a_transaction_that_the_brokers_ended_is_told_and_gone_on_with(self):
        process = start(*self.once("--speed", "120x", "--commit-interval", "2s",
                                   "-X", "transaction.timeout.ms=4000"))
        self.await_messages(1)
        time.sleep(0.7)  # into the next transaction, which is to be stopped
        process.send_signal(signal.SIGSTOP)
        # The brokers look every ten seconds for transactions that are older than their timeout.
        time.sleep(15)
        process.send_signal(signal.SIGCONT)
        message = self.end(process, code=1)
        self.assertIn("has ended our transaction, which was open for longer", message)
        self.replay_once("--speed", "max")
        self.assert_all_there_once()

    def test_shifted_timestamps_keep_their_anchor(self):
        process = self.start_and_let_it_commit("--timestamps", "shift")
        process.kill()
        self.end(process, code=-signal.SIGKILL)
        time.sleep(1.5)
        self.replay_once("--speed", "max", "--timestamps", "shift")
        messages = self.consume_at_least(len(self.lines), self.topic)
        self.assertEqual(len(messages), len(self.lines))
        arrived = sorted(message.timestamp for message in messages)
        shift = arrived[0] - self.milliseconds(self.lines[0])
        wanted = [self.milliseconds(line) + shift for line in self.lines]
        for one, other in zip(arrived, sorted(wanted)):
            self.assertLessEqual(abs(one - other), 1)

    @staticmethod
    def milliseconds(line):
        text = line.partition('"timestamp":"2025-01-06T')[2][:12]
        hours, minutes, seconds = text.split(":")
        return 1_736_121_600_000 + round((int(hours) * 60 + int(minutes)) * 60_000
                                         + float(seconds) * 1000)

    def test_other_options_are_refused_and_told_why(self):
        self.RANGE = ["--from", "6h", "--until", "6h10m"]
        self.replay_once("--speed", "max")
        before = self.report()["records_sent"]
        self.assertEqual(len(self.consume_at_least(before, self.topic)), before)
        for changed, words in (
                (["--level", "ERROR"], "--level was none when it began, and is 'ERROR'"),
                (["--key", "trace_id"], "--key was 'service' when it began, and is 'trace_id'"),
                (["--route", "level=WARN:" + self.alerts], "--route was none"),
                (["--timestamps", "shift"], "--timestamps was 'original'"),
                (["--headers", "position"], "--headers was none"),
                (["--loop", "2"], "--loop was '1'")):
            with self.subTest(changed=changed):
                done = self.replay_once("--speed", "max", *changed, code=2)
                self.assert_one_line(done.stderr.decode(), words, "--reset to begin anew")
        self.RANGE = ["--from", "6h", "--until", "6h20m"]
        done = self.replay_once("--speed", "max", code=2)
        self.assert_one_line(done.stderr.decode(), "--until was '2025-01-06T06:10:00")
        self.assertEqual(len(consume(ADDRESS, self.topic)), before)

    def test_another_trace_is_refused_and_reset_begins_anew(self):
        self.replay_once("--speed", "max")
        other = os.path.join(self.folder, "other.ghog")
        subprocess.run([os.path.join(BIN, "groundhog"), "record", "shop", "--seed", "2",
                        "--duration", "7h", "-q", "-o", other], check=True)
        self.trace = other
        done = self.replay_once("--speed", "max", code=2)
        self.assert_one_line(done.stderr.decode(), "the trace's digest was", "--reset")
        del self.trace
        self.replay_once("--speed", "max", "--reset")
        self.assertEqual(self.report()["records_sent"], len(self.lines))
        counts = self.check(code=1)["topics"][0]
        self.assertEqual((counts["right"], counts["missing"]), (len(self.lines), 0))

    def test_what_cannot_be_exactly_once_is_refused(self):
        for arguments, words in (
                (["--to", "kafka://embedded"], "a Kafka that keeps transactions"),
                (["--to", "null:"], "--exactly-once is for --to kafka://"),
                (["--to", f"kafka://{ADDRESS}", "--commit-interval", "40s"],
                 "commit after at most half of that"),
                (["--to", f"kafka://{ADDRESS}", "-X", "transactional.id=x"], "cannot be changed")):
            with self.subTest(arguments=arguments):
                done = subprocess.run(
                    [os.path.join(BIN, "groundhog-replay"), self.trace, "--exactly-once", "test",
                     *arguments], stderr=subprocess.PIPE, check=False)
                self.assertEqual(done.returncode, 2)
                self.assert_one_line(done.stderr.decode(), words)


class KillsTest(unittest.TestCase):
    """scripts/check-exactly-once, short."""

    def torture(self, address, binaries, code=0):
        done = subprocess.run(
            [sys.executable, os.path.join(SOURCE, "scripts/check-exactly-once"), "--kafka", address,
             "--kills", "5", "--bin", binaries], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=PATIENCE_SECONDS, check=False)
        self.assertEqual(done.returncode, code, done.stdout.decode())
        return done.stdout.decode()

    def test_five_kills_lose_and_double_nothing(self):
        self.assertIn("5 kills", self.torture(ADDRESS, BIN))

    def test_nor_do_they_with_one_partition_of_the_offsets_topic(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)  # after the broker has been stopped
        broker = Broker(self, folder.name, "--set", "offsets.topic.num.partitions=1")
        self.assertIn("5 kills", self.torture(broker.address, BIN))

    def test_a_crash_of_a_run_that_is_to_be_killed_is_found(self):
        with tempfile.TemporaryDirectory() as folder:
            os.symlink(os.path.join(BIN, "groundhog"), os.path.join(folder, "groundhog"))
            path = os.path.join(folder, "groundhog-replay")
            with open(path, "w", encoding="utf-8") as script:
                # Two runs measure how long it takes to start; the fifth is the third of the kills.
                script.write(f"#!/bin/sh\necho >>{folder}/runs\n"
                             f"[ $(wc -l <{folder}/runs) != 5 ] || kill -SEGV $$\n"
                             f"exec {BIN}/groundhog-replay \"$@\"\n")
            os.chmod(path, 0o755)
            self.assertIn("a run crashed by SIGSEGV", self.torture(ADDRESS, folder, code=1))


class ColdBrokerTest(KafkaTest):
    """A broker of its own that has just started, or started again after a kill: its coordinators
    are not ready yet."""
    OPTIONS = []

    def setUp(self):
        super().setUp()
        self.broker = Broker(self, os.path.join(self.folder, self.topic), *self.OPTIONS)
        self.address = self.broker.address

    def replay_once(self, *arguments):
        return self.replay("--exactly-once", "cold", "--speed", "max", *arguments)

    def assert_nothing_was_left(self):
        self.assertGreater(self.report()["resumed_at"], 0)
        self.assertEqual(self.report()["records_sent"], 0)

    def test_the_first_replay_begins_and_the_next_goes_on(self):
        self.replay_once()
        self.assertEqual(self.report()["records_sent"], len(self.lines))
        self.replay_once()
        self.assert_nothing_was_left()
        self.assert_all_there_once()

    def test_a_broker_that_comes_back_is_waited_for(self):
        self.replay_once()
        for _ in range(2):
            self.broker.signal(signal.SIGKILL)
            self.broker.start_again()
            self.replay_once()
            self.assert_nothing_was_left()
        self.assert_all_there_once()


class ColdBrokerOfOnePartitionTest(ColdBrokerTest):
    """Here coordinators answer that they are loading, instead of that there is none."""
    OPTIONS = ["--set", "offsets.topic.num.partitions=1"]


class ResumeTest(KafkaTest):

    @staticmethod
    def noted(path):
        try:
            with open(path, encoding="ascii") as file:
                return int(file.readline().split()[1])
        except FileNotFoundError:
            return 0

    def test_a_killed_run_is_resumed_and_repeats_little(self):
        position = os.path.join(self.folder, "position")
        process = start(*self.command("--resume", position, "--speed", "120x", *SHORT))
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self.noted(position):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        process.kill()
        self.end(process, code=-signal.SIGKILL)
        sent = len(consume(ADDRESS, self.topic))
        done = self.replay("--resume", position, "--speed", "max")
        self.assertIn(b"what was sent after it is sent again", done.stderr)
        self.assertGreater(self.report()["resumed_at"], 0)
        messages = [message.line for message in consume(ADDRESS, self.topic)]
        self.assertEqual(set(messages), set(self.lines))
        repeated = len(messages) - len(self.lines)
        self.assertEqual(sent + self.report()["records_sent"], len(messages))
        self.assertLess(repeated, sent)
        report = self.check(code=1 if repeated else 0)["topics"][0]
        self.assertIs(self.check("--at-least-once")["right"], True)
        self.assertEqual((report["right"], report["doubled"], report["missing"]),
                         (len(self.lines), repeated, 0))
        # And now there is nothing left.
        done = self.replay("--resume", position, "--speed", "max")
        self.assertEqual(self.report()["records_sent"], 0)
        self.assertIn(b"nothing was left to send: all was acknowledged before", done.stderr)


if __name__ == "__main__":
    main()
