"""Topics and brokers with limits of their own: topics that the replay makes accept its messages; it
adapts to existing topics or reports the consequences; and it waits while a cluster cannot serve it.
Against real Kafkas of these tests' own."""
import os
import re
import signal
import socket
import subprocess
import time

from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic

from kafka_tests import KAFKA, PATIENCE_SECONDS, SOURCE, Broker, KafkaTest, by_field, by_key, \
    consume, main, program, start


def make_topic(address, topic, **config):
    admin = AdminClient({"bootstrap.servers": address})
    settings = {name.replace("_", "."): str(value) for name, value in config.items()}
    for created in admin.create_topics([NewTopic(topic, 3, config=settings)]).values():
        created.result(60)


def settings_of(address, topic):
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic)
    admin = AdminClient({"bootstrap.servers": address})
    described, = admin.describe_configs([resource]).values()
    return {name: entry.value for name, entry in described.result(60).items()}


class Kafka4Test(KafkaTest):
    """A Kafka that refuses what is dated more than an hour ahead, and has small batches."""
    RANGE = []
    VERSION, SETTINGS = "4.1", ["message.max.bytes=100000", "log.retention.bytes=1000000",
                                "log.cleanup.policy=compact"]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        options = [word for one in cls.SETTINGS for word in ("--set", one)]
        cls.broker = Broker(cls, os.path.join(cls.folder, "broker"), "--version", cls.VERSION,
                            *options)

    def setUp(self):
        super().setUp()
        self.address = self.broker.address

    def assert_all_arrived(self):
        report = self.report()
        self.assertEqual(report["messages_failed"], 0)
        self.assertIs(report["complete"], True)
        self.assertEqual(len(consume(self.address, self.topic)), report["records_sent"])

    def test_hours_ahead_of_now_are_taken(self):
        for number, options in enumerate((
                ("--speed", "max"), ("--speed", "10000x"),
                ("--speed", "max", "--exactly-once", "ahead"),
                ("--speed", "max", "--loop", "3"))):
            with self.subTest(options=options):
                self.topic, self.alerts = f"ahead-{number}", f"ahead-alerts-{number}"
                self.replay("--timestamps", "shift", *options)
                self.assert_all_arrived()

    def test_dates_of_the_future_are_taken(self):
        self.replay("--speed", "max", "--timestamps", "shift", "--start-at",
                    time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 2)), "--loop",
                    "20", "--service", "email-service")
        self.assert_all_arrived()

    def test_a_topic_that_it_makes_does_not_follow_the_brokers_defaults(self):
        self.replay("--speed", "max", "--until", "10m")
        self.assertEqual(
            {name: value for name, value in settings_of(self.address, self.topic).items()
             if re.match(r"retention|cleanup|message.timestamp.[tba]", name)},
            {"cleanup.policy": "delete", "retention.bytes": "-1", "retention.ms": "-1",
             "message.timestamp.type": "CreateTime",
             "message.timestamp.before.max.ms": "9223372036854775806",
             "message.timestamp.after.max.ms": "9223372036854775806"})

    def test_the_advice_about_dates_that_a_topic_refuses_helps(self):
        make_topic(self.address, self.topic, cleanup_policy="delete", retention_bytes=-1)
        self.alerts = "none"
        options = ["--speed", "max"]
        message = self.replay("--timestamps", "shift", *options, code=1).stderr.decode()
        self.assertIn("--timestamps wall", message)
        self.assertNotIn("shift", message)
        self.topic += "-again"
        make_topic(self.address, self.topic, cleanup_policy="delete", retention_bytes=-1)
        self.replay("--timestamps", "wall", *options)
        self.assert_all_arrived()

    def test_batches_fit_the_smallest_topic(self):
        make_topic(self.address, self.alerts, max_message_bytes=20_000, retention_ms=-1,
                   retention_bytes=-1, cleanup_policy="delete",
                   message_timestamp_before_max_ms=2**63 - 2)
        self.replay("--speed", "max")
        self.assert_all_arrived()

    def test_batches_that_the_user_wants_are_tried_and_told(self):
        message = self.replay("--speed", "max", "-X", "batch.size=900000", code=1).stderr.decode()
        self.assertIn("-X batch.size", message)

    def test_batches_fit_within_a_transaction(self):
        self.replay("--speed", "max", "--exactly-once", "small")
        self.assert_all_arrived()
        self.check()

    def test_a_topic_that_keeps_so_many_bytes_is_warned_about(self):
        make_topic(self.address, self.topic, retention_bytes=50_000, retention_ms=-1,
                   cleanup_policy="delete", message_timestamp_before_max_ms=2**63 - 2)
        message = self.replay("--speed", "max", "--until", "10m").stderr.decode()
        self.assertIn("retention.bytes=50000", message)
        self.assertNotIn(self.alerts, message)  # which was made

    def test_the_first_millisecond_of_1970_is_told_and_checked(self):
        scenario = os.path.join(self.folder, "1970.yaml")
        shop = program("groundhog", "scenario", "show", "shop").stdout.decode()
        self.assertRegex(shop, r"(?m)^name:")
        shop = re.sub(r"(?m)^start:.*\n", "", shop)
        with open(scenario, "w", encoding="utf-8") as file:
            file.write(re.sub(r"(?m)^(name:.*)$", r"\1\nstart: 1970-01-01T00:00:00Z", shop,
                              count=1))
        self.trace = os.path.join(self.folder, "1970.ghog")
        recorded = program("groundhog", "record", scenario, "--duration", "10m", "-q", "-o",
                           self.trace)
        self.assertEqual(recorded.returncode, 0, recorded.stderr)
        message = self.replay("--speed", "max").stderr.decode()
        first = program("groundhog", "cat", self.trace, "--until", "1ms").stdout.decode()
        self.assertEqual("1970-01-01T00:00:00.000Z get" in message, first != "")
        self.check()
        self.assertLess(max(m.timestamp for m in consume(self.address, self.topic)), 86_400_000)

    def test_a_quota_is_waited_for_and_told(self):
        subprocess.run([KAFKA, "run", "--dir", self.broker.folder, "kafka.admin.ConfigCommand",
                        "--bootstrap-server", self.address, "--alter", "--add-config",
                        "producer_byte_rate=50000", "--entity-type", "clients", "--entity-name",
                        "slow"], check=True, stdout=subprocess.DEVNULL, timeout=PATIENCE_SECONDS)
        self.alerts = "none"
        message = self.replay("--until", "7m", "--speed", "max", "-X", "client.id=slow",
                              "--timeout", "1500ms").stderr.decode()
        self.assertIn("as a quota says", message)
        self.assert_all_arrived()

    def test_more_topics_than_a_controller_makes_at_once(self):
        """1,300 topics: more than 10,000 lines in its log are a broker's limit."""
        scenario = os.path.join(self.folder, "many.yaml")
        with open(scenario, "w", encoding="utf-8") as file:
            subprocess.run([os.path.join(SOURCE, "scripts/many-services"), "1300"], stdout=file,
                           check=True)
        self.trace = os.path.join(self.folder, "many.ghog")
        recorded = program("groundhog", "record", scenario, "--duration", "31s", "-q", "-o",
                           self.trace)
        self.assertEqual(recorded.returncode, 0, recorded.stderr)
        self.topic, self.alerts = "many.{service}", "none"
        began = time.monotonic()
        self.replay("--speed", "max", "--partitions", "1")
        replayed = time.monotonic()
        topics = self.check()["topics"]
        checked = time.monotonic()
        self.assertEqual(len(topics), 1300)
        self.assertEqual(sum(topic["right"] for topic in topics), self.report()["records_sent"])
        # One after another they would take two minutes.
        self.assertLess(checked - replayed, max(30, 2 * (replayed - began)))


class OldBoundTest(Kafka4Test):
    """A Kafka 3.9 with the old bound: in both directions, and for topics that set none."""
    VERSION, SETTINGS = "3.9", ["log.message.timestamp.difference.max.ms=3600000",
                                "message.max.bytes=100000", "log.retention.bytes=1000000",
                                "log.cleanup.policy=compact"]


class PastBoundTest(KafkaTest):

    def test_old_records_are_taken(self):
        broker = Broker(self, os.path.join(self.folder, "past"), "--version", "3.9", "--set",
                        "log.message.timestamp.before.max.ms=3600000")
        self.address = broker.address
        self.replay("--speed", "max")
        self.assert_all_there_once()


class BrokerDownTest(KafkaTest):
    """Two brokers that keep everything twice, one of which is down."""

    def setUp(self):
        super().setUp()
        self.broker = Broker(self, os.path.join(self.folder, self.topic), "--version", "4.1",
                             "--set", "default.replication.factor=2")
        self.address = self.broker.address

    def start_second(self):
        folder = self.broker.folder + "-second"
        os.mkdir(folder)
        with open(os.path.join(self.broker.folder, "server.properties"), encoding="utf-8") as file:
            properties = dict(line.rstrip().split("=", 1) for line in file if "=" in line)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            listener = f"PLAINTEXT://127.0.0.1:{free.getsockname()[1]}"
        properties.update({"process.roles": "broker", "node.id": "2", "listeners": listener,
                           "advertised.listeners": listener,
                           "log.dirs": os.path.join(folder, "data")})
        path = os.path.join(folder, "server.properties")
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(f"{name}={value}\n" for name, value in properties.items())
        with open(os.path.join(self.broker.folder, "data/meta.properties"),
                  encoding="utf-8") as file:
            cluster = re.search(r"(?m)^cluster\.id=(.*)$", file.read()).group(1)
        run = [KAFKA, "run", "--dir", self.broker.folder]
        subprocess.run([*run, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", path],
                       check=True, stdout=subprocess.DEVNULL, timeout=PATIENCE_SECONDS)
        second = subprocess.Popen([*run, "kafka.Kafka", path], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL, start_new_session=True)

        def stop():
            os.killpg(second.pid, signal.SIGKILL)
            second.wait()
        self.addCleanup(stop)

    def test_a_topic_is_made_when_the_broker_is_back(self):
        process = start(*self.command("--speed", "max", "--timeout", "90s"))
        time.sleep(3)
        self.assertIsNone(process.poll())
        self.start_second()
        message = self.end(process)
        self.assertRegex(message, r"topic \S+ cannot be created yet: .*eplica")
        self.assertEqual(by_key(consume(self.address, self.topic)),
                         by_field(self.lines, "service"))

    def test_the_reason_is_told_when_it_does_not_come_back(self):
        began = time.monotonic()
        done = self.replay("--speed", "max", "--timeout", "3s", code=2)
        self.assertGreater(time.monotonic() - began, 2.5)
        message = done.stderr.decode().splitlines()[-1]
        self.assertRegex(message, r"could not be created within 3s: .*eplica")


if __name__ == "__main__":
    main()
