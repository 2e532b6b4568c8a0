"""Every command line of the README's "By hand" runs, in order, in one shell, with a real Kafka
where it names one; and what the README shows of a record is what `cat` prints."""
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

SOURCE = os.environ["GROUNDHOG_SOURCE_DIR"]
KAFKA = os.environ.get("GROUNDHOG_TEST_KAFKA")
# What scripts/test itself is, what it already did, and where the programs are found.
RUN_OTHERWISE = {"scripts/build", 'export PATH="$PWD/build/release/cli:$PATH"'}


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
        with tempfile.TemporaryDirectory() as folder:
            for line in lines:
                if line in RUN_OTHERWISE:
                    continue
                command = line.replace("localhost:9092", KAFKA)
                with self.subTest(line):
                    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=folder,
                                          env=environment, stdin=subprocess.DEVNULL,
                                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                    self.assertEqual(done.returncode, 0, done.stderr.decode())

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


if __name__ == "__main__":
    if KAFKA is None:
        print("GROUNDHOG_TEST_KAFKA is not set: scripts/test starts a Kafka and sets it")
        sys.exit(77)
    unittest.main()
