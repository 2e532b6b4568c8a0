"""--check against a real Kafka: it confirms a right topic, and finds every single fault."""

import json
import os
import re

import confluent_kafka
from confluent_kafka.admin import AdminClient, NewTopic

from kafka_tests import ADDRESS, KafkaTest, Message, consume, main, program

NO_FAULTS = {"missing": 0, "extra": 0, "doubled": 0, "reordered": 0, "moved": 0, "altered": 0}


class CheckTest(KafkaTest):
    """The messages of a replay are read once; each test stores them again, with one fault."""
    RANGE = ["--from", "6h35m", "--until", "6h50m"]
    stored, stored_alerts = [], []

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = AdminClient({"bootstrap.servers": ADDRESS})
        right = cls("test_what_was_replayed_is_right")
        right.setUp()
        right.replay("--speed", "max")
        cls.stored = consume(ADDRESS, right.topic)
        cls.stored_alerts = consume(ADDRESS, right.alerts)

    def setUp(self):
        super().setUp()
        self.records, self.copies = list(self.stored), list(self.stored_alerts)

    def produce(self, producer, topic, messages):
        for message in messages:
            while True:
                try:
                    producer.produce(topic, key=message.key, value=message.line.encode(),
                                     partition=message.partition, timestamp=message.timestamp)
                    break
                except BufferError:
                    producer.poll(0.1)
        self.assertEqual(producer.flush(60), 0)

    def store(self):
        topics = [NewTopic(topic, 3, config={"retention.ms": "-1"})
                  for topic in (self.topic, self.alerts)]
        for created in self.admin.create_topics(topics).values():
            created.result(60)
        producer = confluent_kafka.Producer({"bootstrap.servers": ADDRESS, "linger.ms": 5,
                                             # Otherwise a retry to a topic just made reorders.
                                             "enable.idempotence": True})
        self.produce(producer, self.topic, self.records)
        self.produce(producer, self.alerts, self.copies)

    def assert_finds(self, **faults):
        """Exactly these, in the main topic, and shows where."""
        self.store()
        report = self.check(code=1)
        self.assertIs(report["right"], False)
        main_topic, alerts = report["topics"]
        self.assertEqual({name: main_topic[name] for name in NO_FAULTS}, {**NO_FAULTS, **faults})
        self.assertEqual({example["finding"] for example in main_topic["examples"]}, set(faults))
        self.assertEqual({name: alerts[name] for name in NO_FAULTS}, NO_FAULTS)

    def place(self):
        """In the middle of a partition, next to another message of the same key."""
        for index in range(len(self.records) // 2, len(self.records)):
            if self.records[index].key == self.records[index + 1].key:
                return index
        raise AssertionError("no two messages of one key side by side")

    def test_what_was_replayed_is_right(self):
        self.store()
        report = self.check()
        self.assertIs(report["right"], True)
        self.assertEqual([topic["right"] for topic in report["topics"]],
                         [len(self.lines), len(self.errors)])

    def test_a_dropped_record_is_missing(self):
        del self.records[self.place()]
        self.assert_finds(missing=1)

    def test_a_doubled_record_is_doubled(self):
        self.records.insert(self.place(), self.records[self.place()])
        self.assert_finds(doubled=1)
        report = self.check("--at-least-once")
        self.assertEqual((report["right"], report["at_least_once"]), (True, True))
        self.assertEqual(report["topics"][0]["doubled"], 1)

    def test_at_least_once_allows_doubles_and_nothing_else(self):
        self.records.insert(self.place(), self.records[self.place()])
        del self.copies[0]
        self.store()
        report = self.check("--at-least-once", code=1)
        self.assertIs(report["right"], False)
        self.assertEqual((report["topics"][0]["doubled"], report["topics"][1]["missing"]), (1, 1))

    def test_two_swapped_records_are_reordered(self):
        at = self.place()
        self.records[at], self.records[at + 1] = self.records[at + 1], self.records[at]
        self.assert_finds(reordered=1)

    def test_one_other_byte_is_altered(self):
        message = self.records[self.place()]
        line = message.line.replace('"level":"INFO"', '"level":"INFo"').replace(
            '"level":"WARN"', '"level":"WARn"').replace('"level":"ERROR"', '"level":"ERROr"')
        self.assertNotEqual(line, message.line)
        self.records[self.place()] = message._replace(line=line)
        self.assert_finds(altered=1)

    def test_another_timestamp_is_altered(self):
        message = self.records[self.place()]
        self.records[self.place()] = message._replace(timestamp=message.timestamp + 1)
        self.assert_finds(altered=1)

    def test_another_key_is_altered(self):
        message = self.records[self.place()]
        self.records[self.place()] = message._replace(key="nobody-service")
        self.assert_finds(altered=1)

    def test_a_record_on_another_partition_is_moved(self):
        message = self.records[self.place()]
        self.records[self.place()] = message._replace(partition=(message.partition + 1) % 3)
        self.assert_finds(moved=1)

    def test_a_stranger_is_extra(self):
        self.records.insert(self.place(), Message(0, 1_736_121_600_000, "stranger", "hello"))
        self.assert_finds(extra=1)

    def test_an_alert_that_is_missing_or_too_much_is_found(self):
        del self.copies[len(self.copies) // 2]
        self.copies.append(next(m for m in self.records if '"level":"WARN"' in m.line))
        self.store()
        report = self.check(code=1)["topics"]
        self.assertEqual(report[0]["right"], len(self.lines))
        self.assertEqual({name: report[1][name] for name in NO_FAULTS},
                         {**NO_FAULTS, "missing": 1, "extra": 1})

    def test_what_was_never_committed_does_not_count(self):
        self.store()
        producer = confluent_kafka.Producer({"bootstrap.servers": ADDRESS,
                                             "transactional.id": self.topic})
        producer.init_transactions(60)
        producer.begin_transaction()
        self.produce(producer, self.topic, self.records[:10])
        producer.abort_transaction(60)
        self.check()
        producer.begin_transaction()
        self.produce(producer, self.topic, self.records[:10])
        done = program("groundhog-replay", self.trace, "--check", f"kafka://{ADDRESS}",
                       *self.topics(), *self.RANGE)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"a transaction is still open", done.stderr)

    def test_the_findings_are_told_to_a_person_too(self):
        del self.records[self.place()]
        self.store()
        done = program("groundhog-replay", self.trace, "--check", f"kafka://{ADDRESS}",
                       *self.topics(), *self.RANGE)
        self.assertEqual(done.returncode, 1)
        count = len(self.lines)
        self.assertIn(f"{self.topic}: {count - 1} of {count} messages right, 1 missing",
                      done.stderr.decode())
        message = done.stderr.decode()
        found = re.search(r"(?m)^  missing    record (\d+) for logs-\S+ partition \d", message)
        self.assertIn(f"\nto see such a record: groundhog cat {self.trace} --position {found[1]}\n",
                      message)

    def check_for_people(self, *arguments):
        done = program("groundhog-replay", self.trace, "--check", f"kafka://{ADDRESS}",
                       *self.topics(), *self.RANGE, *arguments)
        self.assertEqual(done.returncode, 1)
        return done.stderr.decode()

    def test_a_topic_with_another_trace_is_called_so(self):
        other = os.path.join(self.folder, "other.ghog")
        program("groundhog", "record", "shop", "--seed", "2", "--duration", "1h", "-o", other)
        self.store()
        for options in ([], ["--headers", "trace_digest"]):
            self.alerts = "none"
            self.topic += "-other"
            program("groundhog-replay", other, "--to", f"kafka://{ADDRESS}", "--speed", "max",
                    *self.topics(), *options)
            digest = program("groundhog", "digest", other).stdout.decode().split()[0]
            self.assertRegex(
                self.check_for_people(),
                f"topic {self.topic} holds another trace" + (f", with digest {digest}" if options
                                                             else "") + r": none of its \d+ ")
            self.assertIs(self.check(code=1)["topics"][0]["other_trace"], True)
        # Ours behind it: now the topic is partly right.
        self.replay("--speed", "max")
        self.assertNotIn("holds", self.check_for_people())
        self.assertIs(self.check(code=1)["topics"][0]["other_trace"], False)

    def test_a_trace_that_was_sent_in_another_way_is_not_called_another(self):
        self.records = [message._replace(timestamp=message.timestamp + 1)
                        for message in self.records]
        self.store()
        said = self.check_for_people()
        self.assertNotIn("another trace", said)
        self.assertIn(f"topic {self.topic} has no message that --check expects; if it holds this "
                      "trace, sent in another way, ", said)

    def test_a_plain_replay_says_that_a_topic_has_messages(self):
        words = f"topic {self.topic} has messages already: this replay adds to them"
        self.assertNotIn(words, self.replay("--speed", "max").stderr.decode())
        self.assertIn(words, self.replay("--speed", "max").stderr.decode())

    def test_a_topic_that_is_not_there_lacks_everything(self):
        done = program("groundhog-replay", self.trace, "--check", f"kafka://{ADDRESS}", "--topic",
                       "nowhere", "--alerts-topic", "none", *self.RANGE)
        self.assertEqual(done.returncode, 1)
        message = done.stderr.decode()
        self.assertIn("there is no topic nowhere", message)
        self.assertIn(f"nowhere: 0 of {len(self.lines)} messages right", message)
        self.assertRegex(message, r"(?m)^  missing    record \d+ for nowhere$")


class OtherOptionsTest(KafkaTest):
    """Messages with other keys, topics and headers are right when checked with the same options."""
    RANGE = ["--from", "6h35m", "--until", "6h45m"]

    def assert_right_by(self, *options):
        self.replay("--speed", "max", *options)
        self.assertIs(self.check(*options)["right"], True)

    def test_by_trace_id(self):
        self.assert_right_by("--key", "trace_id")
        self.assertIs(self.check("--key", "service", code=1)["right"], False)

    def test_without_keys(self):
        self.assert_right_by("--key", "none")

    def test_compressed(self):
        written = {}
        for codec in ("none", "gzip", "lz4", "snappy", "zstd"):
            with self.subTest(codec=codec):
                super().setUp()
                statistics = os.path.join(self.folder, codec)
                # Paced, so that the last statistics cover nearly all messages.
                self.replay("--speed", "600x", "-X", f"compression.codec={codec}", "--kafka-stats",
                            statistics, "-X", "statistics.interval.ms=10", "-X", "linger.ms=50")
                self.assertIs(self.check()["right"], True)
                with open(statistics, encoding="utf-8") as file:
                    last = json.loads(file.readlines()[-1])
                written[codec] = last["tx_bytes"]
        for codec in ("gzip", "lz4", "snappy", "zstd"):
            self.assertLess(written[codec], written["none"] * 0.7, written)

    def test_with_headers(self):
        self.assert_right_by("--headers", "position,cause,trace_digest")
        self.assertIs(self.check("--headers", "position", code=1)["right"], False)
        truths = program("groundhog", "cat", "--truth", "--level", "ERROR", self.trace, *self.RANGE)
        wanted = {json.loads(line)["truth"].get("cause") for line in truths.stdout.splitlines()}
        self.assertLessEqual({cause.decode() for cause in self.some_causes()}, wanted)

    def some_causes(self):
        consumer = confluent_kafka.Consumer({"bootstrap.servers": ADDRESS, "group.id": self.topic,
                                             "auto.offset.reset": "earliest"})
        consumer.subscribe([self.alerts])
        found = set()
        while len(found) < 1:
            message = consumer.poll(60)
            found.update(value for name, value in message.headers() if name == "cause")
        consumer.close()
        return found

    def test_with_routes_and_topics_by_service(self):
        self.topic += ".{service}"
        self.assert_right_by("--route", f"level=WARN,service=auth-service:{self.alerts}.auth")

    def test_with_filters_and_loops(self):
        self.assert_right_by("--service", "auth-service", "--service", "user-service", "--loop",
                             "3")

    def test_each_shard_whatever_came_between_its_messages(self):
        whole = ["--key", "trace_id", "--loop", "2", "--headers", "position"]
        for number in (3, 1, 2):
            self.replay("--speed", "max", *whole, "--shard", f"{number}/3")
        right = [self.check(*whole, "--shard", f"{number}/3")["topics"][0]["right"]
                 for number in (1, 2, 3)]
        self.assertGreater(min(right), 0)
        self.replay("--speed", "max", *whole, "--shard", "2/3")
        doubled = self.check(*whole, "--shard", "2/3", code=1)["topics"][0]["doubled"]
        self.assertEqual(doubled, right[1])
        self.check(*whole, "--shard", "1/3")

    def test_what_cannot_be_checked_is_refused(self):
        for arguments, words in ((["--timestamps", "wall"], "--timestamps original"),
                                 (["--shard", "1/3", "--key", "none"], "needs keys"),
                                 (["--loop", "forever"], "no end to check"),
                                 (["--speed", "max"], "--check reads what was sent")):
            with self.subTest(arguments=arguments):
                done = program("groundhog-replay", self.trace, "--check", f"kafka://{ADDRESS}",
                               *arguments)
                self.assertEqual(done.returncode, 2)
                self.assert_one_line(done.stderr.decode(), words)


if __name__ == "__main__":
    main()
