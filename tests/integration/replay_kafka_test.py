"""groundhog-replay into a real Kafka, read back with kcat, an independent client.

GROUNDHOG_TEST_KAFKA is the broker's address; without it the test skips (exit 77). The tests that
kill a broker start one of their own."""
import json
import os
import re
import signal
import subprocess
import time

from kafka_tests import (ADDRESS, BIN, KAFKA, PATIENCE_SECONDS, Broker, KafkaTest, by_field, by_key,
                         consume, main, program, start)


def milliseconds(line):
    """A timestamp of the trace's day, 2025-01-06, since 1970."""
    hour, minute, second, fraction = re.search(
        r'"timestamp":"2025-01-06T(\d\d):(\d\d):(\d\d)\.(\d\d\d)Z"', line).groups()
    of_day = (int(hour) * 60 + int(minute)) * 60 + int(second)
    return 1_736_121_600_000 + of_day * 1000 + int(fraction)


class DeliveryTest(KafkaTest):

    def test_what_kcat_reads_is_what_cat_prints(self):
        self.replay("--speed", "max")
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
        self.replay("--speed", "max")
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
        self.RANGE, self.alerts = ["--from", "6h40m", "--until", "7h"], "none"
        self.replay("--speed", "1440x", "--key", "trace_id")
        wanted = [line for line in self.lines if milliseconds(line) >= milliseconds(
            '"timestamp":"2025-01-06T06:40:00.000Z"')]
        messages = consume(ADDRESS, self.topic)
        self.assertEqual(sorted(m.line for m in messages), sorted(wanted))
        self.assertEqual(by_key(messages), by_field(wanted, "trace_id"))
        self.assertEqual(self.report()["alerts_acknowledged"], 0)

    def test_without_keys_every_record_arrives(self):
        self.replay("--speed", "max", "--key", "none")
        messages = consume(ADDRESS, self.topic)
        self.assertEqual(sorted(m.line for m in messages), sorted(self.lines))
        self.assertEqual({m.key for m in messages}, {""})

    def test_shifted_timestamps_are_those_of_the_payload(self):
        before = time.time()
        self.replay("--speed", "max", "--timestamps", "shift")
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
        self.replay("--speed", "max")
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
            self.trace, self.RANGE = "-", ["--until", "30m"]
            done = program("groundhog-replay", *self.command("--speed", "max"),
                           stdin=recorder.stdout)
            recorder.stdout.close()
            self.assertEqual(recorder.wait(PATIENCE_SECONDS), 0)
        self.assertEqual(done.returncode, 0, done.stderr)
        del self.trace  # the class's again
        wanted = program("groundhog", "cat", self.trace, "--until", "30m").stdout.decode()
        self.assertEqual(by_key(consume(ADDRESS, self.topic)),
                         by_field(wanted.splitlines(), "service"))

    def test_an_interrupted_replay_has_delivered_what_it_says(self):
        self.RANGE = ["--from", "6h30m"]
        process = start(*self.command("--speed", "360x"))
        time.sleep(3)
        process.send_signal(signal.SIGINT)
        self.end(process, code=130)
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
                self.address = address
                done = self.replay("--timeout", "2s", "--speed", "max", code=2)
                self.assert_one_line(done.stderr.decode(), address)
                self.assertLess(time.monotonic() - began, 30)


class BrokerGoneTest(KafkaTest):
    """A broker of its own, killed in the middle and started again with what it had on disk."""
    RANGE = ["--from", "6h30m"]

    def setUp(self):
        super().setUp()
        self.broker = Broker(self, os.path.join(self.folder, "broker"))
        self.address = self.broker.address

    def test_what_was_acknowledged_is_there_and_the_rest_is_told(self):
        process = start(*self.command("--speed", "360x", "--timeout", "5s"))
        time.sleep(4)
        self.broker.signal(signal.SIGKILL)
        killed = time.monotonic()
        message = self.end(process, code=1)
        self.assertLess(time.monotonic() - killed, 25)
        self.assertRegex(message, r"\d+ messages were sent but not acknowledged")
        report = self.report()
        self.assertGreater(report["messages_acknowledged"], 0)
        self.assertGreater(report["messages_failed"], 0)
        self.assertIs(report["complete"], False)
        self.assertIsNone(report["payload_xxh128"])

        self.broker.start_again()
        acknowledged = report["messages_acknowledged"] - report["alerts_acknowledged"]
        messages = self.consume_at_least(acknowledged, self.topic)
        alerts = self.consume_at_least(report["alerts_acknowledged"], self.alerts)
        self.assertGreaterEqual(len(messages), acknowledged)
        self.assertGreaterEqual(len(alerts), report["alerts_acknowledged"])
        self.assertLessEqual(len(messages), report["records_sent"])
        # The first records of each service, without a hole: nothing was sent after a failed one.
        wanted = by_field(self.lines, "service")
        for key, lines in by_key(messages).items():
            self.assertEqual(lines, wanted[key][:len(lines)])


if __name__ == "__main__":
    main()
