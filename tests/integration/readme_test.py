"""Every command line of the README's "By hand" runs, in order, in one shell, with a real Kafka
where it names one; and what the README shows of a record is what `cat` prints."""
import glob
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

from postgres_tests import PostgresServer

SOURCE = os.environ["GROUNDHOG_SOURCE_DIR"]
KAFKA = os.environ.get("GROUNDHOG_TEST_KAFKA")
# Left out: scripts/test itself, what it has already done, and setting the programs' path.
RUN_OTHERWISE = {"scripts/build", 'export PATH="$PWD/build/release/cli:$PATH"'}
# Two days that differ: that is the answer.
DIFFERING = "groundhog diff "


def section(title):
    with open(os.path.join(SOURCE, "README.md"), encoding="utf-8") as file:
        text = file.read()
    return re.split(r"^## ", text.partition(f"## {title}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]


def commands():
    """The lines of the first shell block of "By hand"."""
    block = re.search(r"```sh\n(.*?)```", section("By hand"), re.DOTALL).group(1)
    return [line for line in block.splitlines() if line.strip()]


class ReadmeTest(unittest.TestCase):

    def test_every_command_runs(self):
        lines = commands()
        self.assertGreater(len(lines), 10)
        self.assertLessEqual(RUN_OTHERWISE, set(lines))
        environment = dict(os.environ, PATH=os.environ["GROUNDHOG_BIN_DIR"] + ":"
                           + os.environ["PATH"])
        postgres = PostgresServer()
        self.addCleanup(postgres.stop)
        with tempfile.TemporaryDirectory() as folder:
            for line in lines:
                if line in RUN_OTHERWISE:
                    continue
                command = line.replace("localhost:9092", KAFKA)
                command = command.replace("postgres://me@localhost/logs", postgres.url)
                with self.subTest(line):
                    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=folder,
                                          env=environment, stdin=subprocess.DEVNULL,
                                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                    self.assertEqual(done.returncode, int(line.startswith(DIFFERING)),
                                     done.stderr.decode())
                    self.assertNotIn("the embedded Kafka keeps", done.stderr.decode())

    def test_no_example_into_the_embedded_kafka_loses_records(self):
        """Those of the help, and of every page."""
        places = [os.path.join(SOURCE, name) for name in ("README.md", "cli/replayer/main.cc")]
        places += glob.glob(os.path.join(SOURCE, "docs/*.md"))
        examples = set()
        for place in places:
            with open(place, encoding="utf-8") as file:
                examples.update(re.findall(r"groundhog-replay day\.ghog[^\n\"\\`]*kafka://embedded"
                                           r"[^\n\"\\`#]*", file.read()))
        self.assertGreaterEqual(len(examples), 2)
        environment = dict(os.environ, PATH=os.environ["GROUNDHOG_BIN_DIR"] + ":"
                           + os.environ["PATH"])
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["groundhog", "record", "-q", "-o", "day.ghog"], cwd=folder, check=True,
                           env=environment)
            for example in examples:
                with self.subTest(example):
                    # At full speed in place of the README's speed; the rest is unchanged.
                    wanted = {"--speed": "max", "--linger": "1ms", "--report": "run.json"}
                    words = re.sub("|".join(name + r" \S+" for name in wanted), "", example).split()
                    for name, value in wanted.items():
                        words += [name, value]
                    done = subprocess.run(words, cwd=folder, env=environment, check=False,
                                          stderr=subprocess.PIPE)
                    self.assertEqual(done.returncode, 0, done.stderr.decode())
                    self.assertNotIn("the embedded Kafka keeps", done.stderr.decode())
                    with open(os.path.join(folder, "run.json"), encoding="utf-8") as file:
                        self.assertEqual(json.load(file)["messages_forgotten"], 0)

    def test_the_record_it_shows_has_the_keys_of_a_real_one(self):
        shown = json.loads(re.search(r"```json\n(.*?)```", section("By hand"), re.DOTALL).group(1))
        with tempfile.TemporaryDirectory() as folder:
            trace = os.path.join(folder, "short.ghog")
            program = os.path.join(os.environ["GROUNDHOG_BIN_DIR"], "groundhog")
            subprocess.run([program, "record", "--duration", "2h", "-q", "-o", trace], check=True)
            cat = subprocess.run([program, "cat", "--level", "ERROR", trace], check=True,
                                 stdout=subprocess.PIPE)
            keys = {tuple(json.loads(line)) for line in cat.stdout.splitlines()}
        self.assertIn(tuple(shown), keys)

    def test_the_figures_of_the_demo_are_true(self):
        shown = section("The demo")
        with tempfile.TemporaryDirectory() as folder:
            trace = os.path.join(folder, "day.ghog")
            program = os.path.join(os.environ["GROUNDHOG_BIN_DIR"], "groundhog")
            # As scripts/demo has it: the length is also an override, which the trace keeps.
            subprocess.run([program, "record", "shop", "--duration", "24h", "-q", "-o", trace],
                           check=True)
            info = json.loads(subprocess.run([program, "info", "--json", trace], check=True,
                                             stdout=subprocess.PIPE).stdout)
        records, errors = info["records"], sum(one["ERROR"] for one in info["services"].values())
        self.assertIn(f"{records} records of {len(info['services'])} services, "
                      f"{info['size_bytes']} bytes,", shown)
        self.assertEqual(set(re.findall(r"digest +([0-9a-f]{32})", shown)), {info["digest"]})
        self.assertIn(f"sent {records:,} records", shown)
        self.assertIn(f"{records + errors:,} of {records + errors:,} messages, {errors:,} of them",
                      shown)
        for what in ("recorded (all, ERRORs)", "acknowledged by Kafka", "consumed by kcat"):
            self.assertRegex(shown, re.escape(what) + f" +{records} +{errors}\n")

    def test_the_packages_it_names_are_those_that_the_programs_link(self):
        named = set(re.search(r"^apt-get install (.*)$", section("By hand"),
                              re.MULTILINE).group(1).split())
        linked = set()
        for program in ("groundhog", "groundhog-replay"):
            path = os.path.join(os.environ["GROUNDHOG_BIN_DIR"], program)
            dynamic = subprocess.run(["readelf", "-d", path], check=True, stdout=subprocess.PIPE)
            for library in re.findall(r"NEEDED.*\[(.*)\]", dynamic.stdout.decode()):
                owner = subprocess.run(["dpkg", "-S", f"*-linux-gnu/{library}"], check=True,
                                       stdout=subprocess.PIPE).stdout.decode()
                linked |= {line.split(":")[0] for line in owner.splitlines()}
        self.assertEqual(named, linked - {"libc6", "libgcc-s1"})


if __name__ == "__main__":
    if KAFKA is None:
        print("GROUNDHOG_TEST_KAFKA is not set: scripts/test starts a Kafka and sets it")
        sys.exit(77)
    unittest.main()
