"""Faults while a replay runs, against real Kafkas of these tests' own: the replay survives a fault
with nothing lost, doubled or reordered, or it reports the fault."""
import json
import os
import signal
import time

from confluent_kafka.admin import AdminClient, NewTopic

from kafka_tests import Broker, KafkaTest, main, program, start
from tcp_proxy import TcpProxy

# The hour takes 6 s.
PACED = ["--speed", "600x"]
STOPPED_SECONDS = float(os.environ.get("GROUNDHOG_TEST_STOPPED_SECONDS", "6"))


class SurvivedTest(KafkaTest):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.proxy = TcpProxy()
        cls.addClassCleanup(cls.proxy.close)
        cls.broker = Broker(cls, os.path.join(cls.folder, "broker"), "--advertise",
                            cls.proxy.address)
        cls.proxy.begin(cls.broker.listener("PROXIED"))

    def setUp(self):
        super().setUp()
        self.address = self.broker.address

    def begin(self, *arguments):
        """A replay that has delivered something."""
        process = start(*self.command(*PACED, *arguments))
        self.await_messages(100)
        return process

    def test_the_broker_stands_still_for_a_while(self):
        process = self.begin()
        self.broker.stop_for(STOPPED_SECONDS)
        message = self.end(process)
        self.assertIn("does not answer", message)
        self.assertIn("answers again", message)
        self.assert_all_there_once()

    def test_the_broker_stands_still_in_a_transaction(self):
        process = self.begin("--exactly-once", "still", "--commit-interval", "200ms")
        self.broker.stop_for(STOPPED_SECONDS)
        self.end(process)
        self.assert_all_there_once()

    def test_the_replayer_stands_still(self):
        process = self.begin()
        process.send_signal(signal.SIGSTOP)
        time.sleep(3)
        process.send_signal(signal.SIGCONT)
        self.end(process)
        self.assert_all_there_once()
        self.assertGreater(self.report()["lateness_ms"]["max"], 2_000)

    def test_connections_are_cut(self):
        self.address = self.proxy.address
        before = self.proxy.connections
        process = self.begin()
        for _ in range(5):
            time.sleep(0.4)
            self.proxy.cut()
        self.end(process)
        self.assertGreater(self.proxy.connections, before + 5)
        self.address = self.broker.address
        self.assert_all_there_once()

    def test_connections_are_slow_and_cut(self):
        self.address = self.proxy.address
        self.proxy.delay_seconds = 0.05
        self.addCleanup(setattr, self.proxy, "delay_seconds", 0)
        process = self.begin("--exactly-once", "slow", "--commit-interval", "500ms")
        for _ in range(3):
            time.sleep(0.5)
            self.proxy.cut()
        self.end(process)
        self.assertGreater(self.report()["ack_ms"]["p50"], 50)
        self.address = self.broker.address
        self.assert_all_there_once()

    def test_a_message_that_the_topic_does_not_take_is_told(self):
        admin = AdminClient({"bootstrap.servers": self.address})
        for created in admin.create_topics([NewTopic(
                self.topic, 3, config={"max.message.bytes": "200"})]).values():
            created.result(60)
        done = self.replay("--speed", "max", "-X", "batch.num.messages=1", code=1)
        message = done.stderr.decode()
        self.assertIn("raise the topic's max.message.bytes", message)
        self.assertIn(self.topic, message)
        report = self.report()
        self.assertGreater(report["messages_failed"], 0)
        self.assertIs(report["complete"], False)

    def test_a_topic_that_is_deleted_under_it_is_not_called_delivered(self):
        process = self.begin("--timeout", "5s")
        admin = AdminClient({"bootstrap.servers": self.address})
        for deleted in admin.delete_topics([self.topic]).values():
            deleted.result(60)
        message = self.end(process, code=1)
        self.assertIs(self.report()["complete"], False)
        self.assertIn("was the topic deleted meanwhile?", message)


class RestartedTest(KafkaTest):

    def restart_in_the_middle(self, *arguments):
        broker = Broker(self, os.path.join(self.folder, self.topic))
        self.address = broker.address
        process = start(*self.command(*PACED, *arguments))
        self.await_messages(200)
        broker.signal(signal.SIGKILL)
        broker.start_again()
        self.assertNotIn("not acknowledged", self.end(process))

    def test_a_broker_that_died_and_comes_back_is_waited_for(self):
        self.restart_in_the_middle()
        # Nothing missing or out of order. A batch of old records may be doubled: docs/REPLAY.md.
        done = program("groundhog-replay", self.trace, "--check", f"kafka://{self.address}",
                       *self.topics(), "--report", "-", *self.RANGE)
        for topic, lines in zip(json.loads(done.stdout)["topics"], (self.lines, self.errors)):
            self.assertEqual(topic["right"], len(lines))
            self.assertEqual(topic["arrived"], len(lines) + topic["doubled"])

    def test_a_broker_that_died_in_a_transaction_is_waited_for(self):
        self.restart_in_the_middle("--exactly-once", "restart", "--commit-interval", "200ms")
        self.assert_all_there_once()


if __name__ == "__main__":
    main()
