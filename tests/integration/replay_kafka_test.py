"""groundhog-replay into a real Kafka, read back with kcat, an independent client.

GROUNDHOG_TEST_KAFKA is the broker's address; without it the test skips (exit 77). The tests that
kill a broker start one of their own."""
import collections
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from kafka_tests import (ADDRESS, BIN, KAFKA, PATIENCE_SECONDS, by_field, by_key, consume, main,
                         program)


def milliseconds(line):
    """A timestamp of the trace's day, 2025-01-06, since 1970."""
    hour, minute, second, fraction = re.search(
        r'"timestamp":"2025-01-06T(\d\d):(\d\d):(\d\d)\.(\d\d\d)Z"', line).groups()
    of_day = (int(hour) * 60 + int(minute)) * 60 + int(second)
    return 1_736_121_600_000 + of_day * 1000 + int(fraction)


class KafkaTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = temporary.name
        # Reaches into the first incident, 06:40.
        cls.trace = os.path.join(cls.folder, "morning.ghog")
        assert program("groundhog", "record", "shop", "--duration", "7h", "-q", "-o",
                       cls.trace).returncode == 0
        cls.range = ["--from", "6h", "--until", "7h"]
        cls.lines = program("groundhog", "cat", cls.trace, *cls.range).stdout.decode().splitlines()
        cls.errors = [line for line in cls.lines if '"level":"ERROR"' in line]
        assert cls.errors

    def setUp(self):
        # Topics of its own, so that tests neither meet nor find what an earlier run left.
        unique = f"{self.id().rsplit('.', 1)[-1]}-{os.getpid()}-{time.time_ns()}"
        self.topic, self.alerts = f"logs-{unique}", f"alerts-{unique}"
        self.report_path = os.path.join(self.folder, f"{unique}.json")

    def command(self, address, *arguments):
        alerts = () if "--alerts-topic" in arguments else ("--alerts-topic", self.alerts)
        return [self.trace, "--to", f"kafka://{address}", "--topic", self.topic, *alerts,
                "--report", self.report_path, *arguments]

    def replay(self, *arguments):
        done = program("groundhog-replay", *self.command(ADDRESS, *arguments))
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def report(self):
        with open(self.report_path, encoding="utf-8") as file:
            return json.load(file)


class DeliveryTest(KafkaTest):

    def test_what_kcat_reads_is_what_cat_prints(self):
        self.replay("--speed", "max", *self.range)
        messages = consume(ADDRESS, self.topic)
        # As a multiset, and in order per key.
        self.assertEqual(sorted(m.line for m in messages), sorted(self.lines))
        self.assertEqual(by_key(messages), by_field(self.lines, "service"))
        partitions = {(m.key, m.partition) for m in messages}
        self.assertEqual(len(partitions), len({m.key for m in messages}))
        self.assertGreater(len({m.partition for m in messages}), 1)
        for message in messages:
            self.assertEqual(message.timestamp, milliseconds(message.line))

    def test_the_alerts_topic_has_exactly_the_errors(self):
        self.replay("--speed", "max", *self.range)
        alerts = consume(ADDRESS, self.alerts)
        self.assertEqual(sorted(m.line for m in alerts), sorted(self.errors))
        self.assertEqual(by_key(alerts), by_field(self.errors, "service"))
        for message in alerts:
            self.assertEqual(message.timestamp, milliseconds(message.line))
        report = self.report()
        self.assertEqual(report["alerts_acknowledged"], len(self.errors))
        self.assertEqual(report["records_sent"], len(self.lines))
        self.assertEqual(report["messages_acknowledged"], len(self.lines) + len(self.errors))
        self.assertEqual(report["messages_failed"], 0)
        self.assertIs(report["complete"], True)
        self.assertEqual(sorted(report["ack_ms"]), ["max", "p50", "p99"])

    def test_pace_and_key_change_no_byte(self):
        self.replay("--speed", "1440x", "--key", "trace_id", "--alerts-topic", "none",
                    "--from", "6h40m", "--until", "7h")
        wanted = [line for line in self.lines if milliseconds(line) >= milliseconds(
            '"timestamp":"2025-01-06T06:40:00.000Z"')]
        messages = consume(ADDRESS, self.topic)
        self.assertEqual(sorted(m.line for m in messages), sorted(wanted))
        self.assertEqual(by_key(messages), by_field(wanted, "trace_id"))
        self.assertEqual(self.report()["alerts_acknowledged"], 0)

    def test_without_keys_every_record_arrives(self):
        self.replay("--speed", "max", "--key", "none", *self.range)
        messages = consume(ADDRESS, self.topic)
        self.assertEqual(sorted(m.line for m in messages), sorted(self.lines))
        self.assertEqual({m.key for m in messages}, {""})

    def test_shifted_timestamps_are_those_of_the_payload(self):
        before = time.time()
        self.replay("--speed", "max", "--timestamps", "shift", *self.range)
        messages = consume(ADDRESS, self.topic)
        self.assertEqual(len(messages), len(self.lines))
        for message in messages:
            whole, fraction = json.loads(message.line)["timestamp"].rstrip("Z").split(".")
            text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(message.timestamp // 1000))
            self.assertEqual((whole, int(fraction)), (text, message.timestamp % 1000))
        first = min(m.timestamp for m in messages) / 1000
        self.assertGreater(first, before - 1)
        self.assertLess(first, time.time() + 60)

    def test_topics_that_it_makes_keep_their_records(self):
        self.replay("--speed", "max", *self.range)
        for topic in (self.topic, self.alerts):
            shown = subprocess.run(
                [KAFKA, "run", "kafka.admin.ConfigCommand", "--bootstrap-server", ADDRESS,
                 "--entity-type", "topics", "--entity-name", topic, "--describe"],
                stdout=subprocess.PIPE, check=True, timeout=PATIENCE_SECONDS).stdout.decode()
            self.assertIn("retention.ms=-1", shown)
        listed = subprocess.run(["kcat", "-L", "-J", "-b", ADDRESS, "-t", self.topic],
                                stdout=subprocess.PIPE, check=True, timeout=PATIENCE_SECONDS)
        self.assertEqual(len(json.loads(listed.stdout)["topics"][0]["partitions"]), 3)

    def test_a_live_pipe_arrives_whole(self):
        with subprocess.Popen([os.path.join(BIN, "groundhog"), "record", "--duration", "forever",
                               "-q", "-o", "-"], stdout=subprocess.PIPE) as recorder:
            self.trace = "-"
            done = program("groundhog-replay",
                           *self.command(ADDRESS, "--speed", "max", "--until", "30m"),
                           stdin=recorder.stdout)
            recorder.stdout.close()
            self.assertEqual(recorder.wait(PATIENCE_SECONDS), 0)
        self.assertEqual(done.returncode, 0, done.stderr)
        del self.trace  # the class's again
        wanted = program("groundhog", "cat", self.trace, "--until", "30m").stdout.decode()
        self.assertEqual(by_key(consume(ADDRESS, self.topic)),
                         by_field(wanted.splitlines(), "service"))

    def test_an_interrupted_replay_has_delivered_what_it_says(self):
        process = subprocess.Popen(
            [os.path.join(BIN, "groundhog-replay"),
             *self.command(ADDRESS, "--speed", "360x", "--from", "6h30m")],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(3)
        process.send_signal(signal.SIGINT)
        _, message = process.communicate(timeout=PATIENCE_SECONDS)
        self.assertEqual(process.returncode, 130, message)
        report, messages = self.report(), consume(ADDRESS, self.topic)
        self.assertGreater(len(messages), 0)
        self.assertEqual(len(messages), report["records_sent"])
        self.assertEqual(report["messages_acknowledged"],
                         len(messages) + len(consume(ADDRESS, self.alerts)))
        self.assertIs(report["complete"], False)


class NoBrokerTest(KafkaTest):

    def test_a_wrong_address_is_told_in_time_and_nothing_is_claimed(self):
        for address in ("127.0.0.1:1", "no-such-host.invalid:9092"):
            with self.subTest(address=address):
                began = time.monotonic()
                done = program("groundhog-replay",
                               *self.command(address, "--timeout", "2s", "--speed", "max"))
                self.assertEqual(done.returncode, 2)
                self.assertRegex(done.stderr.decode(), r"\Agroundhog-replay: [^\n]+\n\Z")
                self.assertIn(address.encode(), done.stderr)
                self.assertLess(time.monotonic() - began, 30)


class BrokerGoneTest(KafkaTest):
    """A broker of its own, killed in the middle and started again with what it had on disk."""

    def setUp(self):
        super().setUp()
        self.broker = os.path.join(self.folder, "broker")
        started = subprocess.run([KAFKA, "start", "--dir", self.broker], stdout=subprocess.PIPE,
                                 check=True, timeout=PATIENCE_SECONDS)
        self.addCleanup(subprocess.run, [KAFKA, "stop", "--dir", self.broker], check=True)
        self.address = started.stdout.decode().splitlines()[-1]

    def kill_broker(self):
        with open(os.path.join(self.broker, "pid"), encoding="ascii") as file:
            pid = int(file.read())
        os.kill(pid, signal.SIGKILL)

    def start_again(self):
        broker = subprocess.Popen(
            [KAFKA, "run", "--dir", self.broker, "kafka.Kafka",
             os.path.join(self.broker, "server.properties")],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)

        def stop():
            os.killpg(broker.pid, signal.SIGKILL)
            broker.wait()
        self.addCleanup(stop)
        for _ in range(PATIENCE_SECONDS * 5):
            if subprocess.run(["kcat", "-L", "-m", "1", "-b", self.address, "-t", self.topic],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              check=False).returncode == 0:
                return
            time.sleep(0.2)
        self.fail("the broker did not come back")

    def consume_at_least(self, count, topic):
        """Reads again when the first reading is short, and says so: a broker that is just up again
        may show less for a moment. A loss stays."""
        for attempt in range(20):
            messages = consume(self.address, topic)
            if len(messages) >= count:
                break
            partitions = sorted(collections.Counter(m.partition for m in messages).items())
            print(f"{topic}: reading {attempt}: {len(messages)} of {count} acknowledged, by "
                  f"partition {partitions}", file=sys.stderr)
            time.sleep(1)
        return messages

    def test_what_was_acknowledged_is_there_and_the_rest_is_told(self):
        process = subprocess.Popen(
            [os.path.join(BIN, "groundhog-replay"),
             *self.command(self.address, "--speed", "360x", "--from", "6h30m", "--timeout", "5s")],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(4)
        self.kill_broker()
        killed = time.monotonic()
        _, message = process.communicate(timeout=PATIENCE_SECONDS)
        self.assertEqual(process.returncode, 1, message)
        self.assertLess(time.monotonic() - killed, 25)
        self.assertRegex(message, rb"\d+ messages were sent but not acknowledged")
        report = self.report()
        self.assertGreater(report["messages_acknowledged"], 0)
        self.assertGreater(report["messages_failed"], 0)
        self.assertIs(report["complete"], False)
        self.assertIsNone(report["payload_xxh128"])

        self.start_again()
        acknowledged = report["messages_acknowledged"] - report["alerts_acknowledged"]
        messages = self.consume_at_least(acknowledged, self.topic)
        alerts = self.consume_at_least(report["alerts_acknowledged"], self.alerts)
        self.assertGreaterEqual(len(messages), acknowledged)
        self.assertGreaterEqual(len(alerts), report["alerts_acknowledged"])
        self.assertLessEqual(len(messages), report["records_sent"])
        # Of every service the beginning, without a hole: nothing was sent past what failed.
        whole = program("groundhog", "cat", self.trace, "--from", "6h30m").stdout.decode()
        wanted = by_field(whole.splitlines(), "service")
        for key, lines in by_key(messages).items():
            self.assertEqual(lines, wanted[key][:len(lines)])


if __name__ == "__main__":
    main()
