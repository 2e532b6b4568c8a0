"""--audit against a real Kafka: what topics are, of which replays, and how late rows were."""
import json
import time

import confluent_kafka
from confluent_kafka.admin import AdminClient, NewTopic

from kafka_tests import ADDRESS, KafkaTest, main, program


class AuditTest(KafkaTest):
    """The pipeline does nothing: what the replay sent is what comes out."""
    RANGE = ["--from", "6h35m", "--until", "6h50m"]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = AdminClient({"bootstrap.servers": ADDRESS})

    def make_topic(self, **config):
        config = {key.replace("_", "."): value for key, value in config.items()}
        topic = NewTopic(self.topic, 3, config={"retention.ms": "-1", **config})
        for created in self.admin.create_topics([topic]).values():
            created.result(60)

    def send(self, *values):
        producer = confluent_kafka.Producer({"bootstrap.servers": ADDRESS})
        for value in values:
            producer.produce(self.topic, value, partition=0)
        self.assertEqual(producer.flush(60), 0)

    def start_audit(self, *arguments, topic=None):
        return program("groundhog-replay", self.trace, "--audit",
                       f"kafka://{self.address}/{topic or self.topic}", *self.RANGE, *arguments)

    def audit(self, *arguments, code=0):
        done = self.start_audit("--json", *arguments)
        self.assertEqual((done.returncode, done.stderr), (code, b""), done.stdout[:2000])
        return json.loads(done.stdout)

    def assert_refused(self, done, *words):
        self.assertEqual((done.returncode, done.stdout), (2, b""))
        self.assert_one_line(done.stderr.decode(), *words)

    def test_a_replay_is_its_trace(self):
        self.replay("--speed", "max", "--headers", "position")
        report = self.audit()
        self.assertEqual(report["as_expected"], len(self.lines))
        self.assertIsNone(report["lateness_ms"], "the messages have the records' timestamps")
        page = self.start_audit().stdout.decode()
        self.assertTrue(page.startswith("All is as expected.\n"), page)
        self.assertNotIn("lateness", page)

    def test_how_far_it_is(self):
        self.replay("--speed", "max")
        done = self.start_audit("--progress", "always")
        self.assertEqual(done.returncode, 0, done.stderr)
        shown = done.stderr.decode().splitlines()
        self.assertRegex(shown[0], r"\Areading .+\.ghog: \d+ %, \d+\.\d of \d+\.\d MB\Z")
        count = f"{len(self.lines):,}"
        self.assertRegex(shown[-1], rf"\Areading {self.topic}: \d+ %, [\d,]+ of {count} messages\Z")

    def test_an_example_says_topic_partition_and_offset(self):
        self.replay("--speed", "max")
        report = self.audit("--keep", "level!=ERROR", code=1)
        self.assertEqual(report["wrongly_kept"], len(self.errors))
        example = report["examples"][0]
        self.assertRegex(example["output"], rf"\A{self.topic}/[012]\Z")
        consumer = confluent_kafka.Consumer({"bootstrap.servers": ADDRESS, "group.id": "audit"})
        consumer.assign([confluent_kafka.TopicPartition(
            self.topic, int(example["output"].rsplit("/", 1)[1]), example["line"])])
        self.assertEqual(json.loads(consumer.poll(60).value()), example["record"])
        consumer.close()

    def test_the_report_goes_to_a_file_too(self):
        self.replay("--speed", "max")
        done = self.start_audit("--report", self.report_path, "--examples", "0")
        self.assertTrue(done.stdout.startswith(b"All is"))
        self.assertEqual(self.report(), self.audit("--examples", "0"))

    def test_loops_and_shifted_timestamps_are_known(self):
        options = ["--loop", "2", "--timestamps", "shift", "--start-at", "2026-01-31T12:00:00Z"]
        self.replay("--speed", "max", *options)
        self.assertEqual(self.audit(*options)["as_expected"], 2 * len(self.lines))

    def test_timestamps_that_are_not_known_are_not_compared(self):
        self.replay("--speed", "max", "--timestamps", "shift")
        self.audit(code=1)
        for timestamps in ("shift", "wall"):
            report = self.audit("--timestamps", timestamps)
            self.assertIn("timestamp", report["not_compared"])

    def test_a_shard_is_audited_by_itself(self):
        self.replay("--speed", "max", "--key", "trace_id", "--shard", "2/3")
        self.audit("--key", "trace_id", "--shard", "2/3")
        self.audit("--key", "trace_id", "--shard", "1/3", code=1)

    def test_lateness_is_counted_from_when_each_record_was_due(self):
        self.make_topic(message_timestamp_type="LogAppendTime")
        start = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 2))
        known = ["--speed", "900x", "--start-at", start]
        self.replay(*known)
        started_late = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3600))
        for options, least in ((known, 0), (known[:2], 0),
                               (["--speed", "900x", "--start-at", started_late], 3_500_000)):
            lateness = self.audit(*options)["lateness_ms"]
            self.assertGreaterEqual(lateness["p50"], least)
            self.assertLess(lateness["p99"], least + 200_000)
        report = self.audit("--speed", "900x", "--start-at", started_late, "--late-after", "1m",
                            code=1)
        self.assertEqual((report["late"], report["missing"]), (len(self.lines), 0))
        self.assertGreater(report["examples"][0]["lateness_ms"], 3_500_000)
        for unknown in ([], ["--speed", "max"]):
            self.assertIsNone(self.audit(*unknown)["lateness_ms"])
        self.audit(*known, "--late-after", "1h")

    def test_rows_say_when_they_were_due(self):
        self.make_topic(message_timestamp_type="LogAppendTime")
        self.replay("--speed", "900x", "--timestamps", "wall")
        lateness = self.audit("--timestamps", "wall")["lateness_ms"]
        self.assertGreater(lateness["max"], -1000)  # hosts' clocks are off
        self.assertLess(lateness["p50"], 100_000)

    def test_an_empty_topic_misses_everything(self):
        self.make_topic()
        self.assertEqual(self.audit(code=1)["missing"], len(self.lines))

    def test_a_topic_that_is_not_there_is_said(self):
        self.assert_refused(self.start_audit(), f"there is no topic {self.topic}")
        self.replay("--speed", "max")
        self.assert_refused(self.start_audit(topic=self.topic + ",none-such"),
                            "there is no topic none-such")

    def test_several_topics_are_one_output(self):
        name, self.topic = self.topic, self.topic + ".{level}"
        self.replay("--speed", "max")
        self.topic = ",".join(f"{name}.{level}" for level in ("INFO", "WARN", "ERROR"))
        self.audit()

    def test_what_is_no_record_is_said_with_its_offset(self):
        self.make_topic()
        self.send(self.lines[0].encode(), b"hello")
        self.assert_refused(self.start_audit(), f"{self.topic}/0:1: not JSON")

    def test_another_mapping_is_explained(self):
        self.make_topic()
        rows = [json.loads(line) for line in self.lines]
        self.send(*(json.dumps({"id": row["trace_id"], "text": row["message"]}).encode()
                    for row in rows))
        self.assert_refused(self.start_audit(), "nothing in the output tells", "id, text",
                            "--audit-key")
        self.audit("--fields", "trace_id=id,message=text", "--order-by", "none")


if __name__ == "__main__":
    main()
