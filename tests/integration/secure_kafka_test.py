"""TLS, passwords and permissions, against a real Kafka with a CA of its own: right settings work,
and a wrong one is reported in one line, soon, and without the password."""
import os
import subprocess
import time

from confluent_kafka.admin import (AclBinding, AclBindingFilter, AclOperation, AclPermissionType,
                                   AdminClient, ResourcePatternType, ResourceType)

from kafka_tests import PATIENCE_SECONDS, Broker, KafkaTest, main, program

PASSWORD = "alice-secret"
SOON_SECONDS = 20


class SecureTest(KafkaTest):
    RANGE = ["--from", "6h40m", "--until", "6h42m"]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.broker = Broker(cls, os.path.join(cls.folder, "broker"), "--secure")
        cls.ca = os.path.join(cls.broker.folder, "tls/ca.pem")
        cls.admin = AdminClient({"bootstrap.servers": cls.broker.address})
        cls.other_ca = os.path.join(cls.folder, "other.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1",
                        "-subj", "/CN=somebody else", "-keyout", cls.other_ca + ".key", "-out",
                        cls.other_ca], check=True, stderr=subprocess.DEVNULL)

    @staticmethod
    def tls(ca):
        return ["-X", "security.protocol=ssl", "-X", f"ssl.ca.location={ca}"]

    def sasl(self, password=PASSWORD, mechanism="PLAIN"):
        """By a file, as passwords should be."""
        path = os.path.join(self.folder, f"{self.topic}.properties")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"# Alice\nsecurity.protocol=sasl_ssl\nssl.ca.location={self.ca}\n"
                       f"sasl.mechanism={mechanism}\nsasl.username=alice\n"
                       f"sasl.password={password}\n")
        return ["--kafka-config", path]

    def allow(self, kind, name, *operations):
        bindings = [AclBinding(kind, name, ResourcePatternType.LITERAL, "User:alice", "*",
                               operation, AclPermissionType.ALLOW) for operation in operations]
        for created in self.admin.create_acls(bindings).values():
            created.result(60)
        # The controller has them; the broker gets them a moment later.
        those = AclBindingFilter(kind, name, ResourcePatternType.LITERAL, "User:alice", "*",
                                 AclOperation.ANY, AclPermissionType.ALLOW)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not set(operations) <= {acl.operation
                                      for acl in self.admin.describe_acls(those).result(60)}:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)

    def allow_topics(self, *operations):
        for topic in (self.topic, self.alerts):
            self.allow(ResourceType.TOPIC, topic, *operations)

    def assert_refused(self, listener, *arguments, words, code=2):
        self.address = self.broker.listener(listener)
        began = time.monotonic()
        done = self.replay("--speed", "max", *arguments, code=code)
        self.assertLess(time.monotonic() - began, SOON_SECONDS)
        message = done.stderr.decode()
        self.assertNotIn(PASSWORD, message)
        self.assertNotIn("wrong-guess", message)
        self.assertRegex(message.splitlines()[-1], r"\Agroundhog-replay: ")
        self.assertIn(words, message)
        return message

    def test_tls_with_the_right_ca_delivers(self):
        self.address = self.broker.listener("SSL")
        self.replay("--speed", "max", *self.tls(self.ca))
        self.assertIs(self.check(*self.tls(self.ca))["right"], True)

    def test_an_unknown_ca_is_told(self):
        message = self.assert_refused("SSL", *self.tls(self.other_ca),
                                      words="certificate verify failed")
        self.assert_one_line(message, "ssl.ca.location right?")

    def test_a_ca_that_is_no_file_is_told(self):
        message = self.assert_refused("SSL", *self.tls("/no/such/ca.pem"), words="ssl.ca.location")
        self.assert_one_line(message, "is the file there")

    def test_tls_where_there_is_none_and_none_where_there_is(self):
        self.assert_refused("SSL", "--timeout", "3s", words="incorrect security.protocol")
        self.assert_refused("PLAINTEXT", *self.tls(self.ca), words="security.protocol")

    def test_a_wrong_password_is_told(self):
        message = self.assert_refused("SASL_SSL", *self.sasl("wrong-guess"),
                                      words="does not let us in")
        self.assert_one_line(message, "sasl.password right?")

    def test_scram_delivers_or_its_fault_is_told(self):
        scram = self.sasl(mechanism="SCRAM-SHA-256")
        self.allow_topics(AclOperation.CREATE, AclOperation.DESCRIBE, AclOperation.WRITE,
                          AclOperation.READ)
        self.address = self.broker.listener("SASL_SSL")
        done = program("groundhog-replay", *self.command("--speed", "max", *scram))
        if done.returncode == 0:
            self.assertIs(self.check(*scram)["right"], True)
            return
        # A librdkafka before 2.6.1 and a Kafka from 4.0 on.
        self.assertGreaterEqual(self.broker.release(), (4, 0))
        self.assertEqual(done.returncode, 2)
        self.assert_one_line(done.stderr.decode(), "cannot log in to Kafka 4 by SCRAM; 2.6.1 can")

    def test_a_topic_without_the_right_to_it_is_told_and_with_it_used(self):
        message = self.assert_refused("SASL_SSL", *self.sasl(), words="we may not create it")
        self.assert_one_line(message, self.topic)
        self.allow_topics(AclOperation.CREATE, AclOperation.DESCRIBE)
        message = self.assert_refused("SASL_SSL", *self.sasl(), words="right to write")
        self.assertIn("authorization failed", message)
        self.allow_topics(AclOperation.WRITE)
        self.replay("--speed", "max", *self.sasl())
        done = program("groundhog-replay", self.trace, "--check", f"kafka://{self.address}",
                       *self.topics(), *self.RANGE, *self.sasl())
        self.assertEqual(done.returncode, 2)
        self.assert_one_line(done.stderr.decode(), "may not read topic", "right Read")
        self.allow_topics(AclOperation.READ)
        self.assertIs(self.check(*self.sasl())["right"], True)

    def test_exactly_once_asks_for_each_right_that_it_lacks(self):
        self.allow_topics(AclOperation.CREATE, AclOperation.DESCRIBE, AclOperation.WRITE,
                          AclOperation.READ)
        once = ["--exactly-once", "alices", *self.sasl()]
        name = f"groundhog-alices/{self.topic}"
        self.assert_refused("SASL_SSL", *once, words=f"Write on the transactional id {name}")
        self.allow(ResourceType.TRANSACTIONAL_ID, name, AclOperation.DESCRIBE, AclOperation.WRITE)
        self.assert_refused("SASL_SSL", *once, words=f"the consumer group {name}")
        self.allow(ResourceType.GROUP, name, AclOperation.READ)
        self.replay("--speed", "max", *once)
        self.assertIs(self.check(*self.sasl())["right"], True)

    def test_a_dump_shows_what_is_set_without_the_password(self):
        done = self.replay(*self.sasl(), "-X", "dump", "-X", "ssl.key.password=another-secret")
        text = done.stdout.decode()
        self.assertIn("sasl.username = alice\n", text)
        self.assertIn("sasl.password = (secret)\n", text)
        self.assertNotIn(PASSWORD, text)
        self.assertNotIn("another-secret", text)


if __name__ == "__main__":
    main()
