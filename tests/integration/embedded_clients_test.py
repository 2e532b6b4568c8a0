"""kafka://embedded for other programs: different client libraries get every record from it, and a
replay says in advance what it will forget, and counts it afterwards."""
import collections
import contextlib
import os
import re
import signal
import subprocess
import unittest

import confluent_kafka
import kafka

from kafka_tests import BIN, KAFKA, PATIENCE_SECONDS, KafkaTest, main, program, start

FORGETS = "the embedded Kafka keeps the newest 5 MiB of each partition"


class EmbeddedTest(KafkaTest):
    RANGE = ["--from", "6h30m", "--until", "7h"]

    @contextlib.contextmanager
    def embedded(self, *arguments, lines=2):
        """Its address, once all has been sent; expects `lines` lines before that."""
        process = start(*self.command("--speed", "max", "--linger", "10m", *arguments))
        try:
            self.said = [process.stderr.readline().decode() for _ in range(lines)]
            address = re.search(r"embedded Kafka at (\S+)\n", self.said[0]).group(1)
            yield address
        finally:
            process.send_signal(signal.SIGINT)
            self.rest = process.communicate(timeout=PATIENCE_SECONDS)[1].decode()
        self.assertIn(process.returncode, (0, 130), self.rest)

    def command(self, *arguments):
        self.address = "embedded"
        return super().command(*arguments)

    def assert_all(self, lines):
        self.assertEqual(collections.Counter(lines), collections.Counter(self.lines))


class ClientsTest(EmbeddedTest):

    def java(self, address, version):
        done = subprocess.run(
            [KAFKA, "run", "--dir", self.folder, "org.apache.kafka.tools.consumer.ConsoleConsumer",
             "--bootstrap-server", address, "--topic", self.topic, "--from-beginning",
             "--max-messages", str(len(self.lines)), "--timeout-ms", "60000"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
            timeout=PATIENCE_SECONDS, env=dict(os.environ, GROUNDHOG_KAFKA_VERSION=version))
        # Its logging says something on standard output, too.
        return [line for line in done.stdout.decode().splitlines() if line.startswith("{")]

    def test_java_reads_all(self):
        with self.embedded() as address:
            for version in ("3.9", "4.1"):
                with self.subTest(version):
                    self.assert_all(self.java(address, version))

    def test_java_lists_topics(self):
        with self.embedded() as address:
            done = subprocess.run(
                [KAFKA, "run", "--dir", self.folder, "org.apache.kafka.tools.TopicCommand",
                 "--bootstrap-server", address, "--list"], stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, check=True, timeout=PATIENCE_SECONDS)
        self.assertLessEqual({self.topic, self.alerts}, set(done.stdout.decode().split()))

    def test_kafka_python_reads_all(self):
        with self.embedded() as address:
            for group in (None, "a-group"):
                with self.subTest(group):
                    consumer = kafka.KafkaConsumer(
                        self.topic, bootstrap_servers=address, auto_offset_reset="earliest",
                        group_id=group, consumer_timeout_ms=30_000)
                    lines = []
                    while len(lines) < len(self.lines):
                        lines.append(next(consumer).value.decode())
                    consumer.close()
                    self.assert_all(lines)

    def test_confluent_kafka_reads_all(self):
        with self.embedded() as address:
            consumer = confluent_kafka.Consumer({"bootstrap.servers": address, "group.id": "g",
                                                 "auto.offset.reset": "earliest"})
            consumer.subscribe([self.topic])
            lines = []
            while len(lines) < len(self.lines):
                message = consumer.poll(30)
                self.assertIsNotNone(message)
                lines.append(message.value().decode())
            consumer.close()
        self.assert_all(lines)

    def test_who_is_not_served_is_said(self):
        with self.embedded():
            pass
        self.assertIn("a client that knows only newer ones, such as @platformatic/kafka, gets "
                      "nothing", self.said[1])


class ForgettingTest(EmbeddedTest):

    def test_where_everything_fits_nothing_is_said_and_nothing_is_gone(self):
        done = self.replay("--speed", "max", "--linger", "10ms")
        self.assertNotIn(FORGETS, done.stderr.decode())
        self.assertEqual(self.report()["messages_forgotten"], 0)

    def test_what_does_not_fit_is_said_before_and_counted_exactly(self):
        with self.embedded("--loop", "4", lines=3) as address:
            self.assertIn(FORGETS + f", and topic {self.topic} will get more", self.said[2])
            read_all = ["kcat", "-C", "-q", "-e", "-b", address, "-o", "beginning", "-t"]
            sent = 4 * len(self.lines)
            self.await_end(address, sent)
            left = sum(len(subprocess.run(read_all + [topic], stdout=subprocess.PIPE,
                                          check=True, timeout=PATIENCE_SECONDS)
                           .stdout.splitlines()) for topic in (self.topic, self.alerts))
        report = self.report()
        self.assertEqual(report["records_sent"], sent)
        self.assertGreater(report["messages_forgotten"], 0)
        self.assertEqual(report["messages_acknowledged"] - report["messages_forgotten"], left)

    def await_end(self, address, records):
        """Until the topic's partitions end where all has been sent."""
        consumer = confluent_kafka.Consumer({"bootstrap.servers": address, "group.id": "ends"})
        partitions = [confluent_kafka.TopicPartition(self.topic, number) for number in range(3)]
        for _ in range(PATIENCE_SECONDS * 5):
            if sum(consumer.get_watermark_offsets(one, timeout=30)[1]
                   for one in partitions) == records:
                break
        else:
            self.fail(f"{records} records were never there")
        consumer.close()

    def test_the_report_for_people_says_it_too(self):
        done = program("groundhog-replay", self.trace, "--to", "kafka://embedded", "--speed", "max",
                       "--linger", "10ms")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stderr.decode(), r"(?m)^  gone by now   [\d,]+ messages: the embedded"
                                               r" Kafka keeps 5 MiB a partition$")

    def test_of_a_pipe_the_rule_is_said(self):
        with open(self.trace, "rb") as file:
            done = subprocess.run(
                [os.path.join(BIN, "groundhog-replay"), "-", "--to", "kafka://embedded", "--speed",
                 "max", "--linger", "10ms", *self.RANGE], input=file.read(),
                stderr=subprocess.PIPE, check=True, timeout=PATIENCE_SECONDS)
        self.assertIn(FORGETS + ": a consumer that comes later", done.stderr.decode())

    def test_a_dry_run_says_it_too(self):
        done = program("groundhog-replay", self.trace, "--to", "kafka://embedded", "--dry-run")
        self.assertIn(FORGETS, done.stderr.decode())


if __name__ == "__main__":
    main()
