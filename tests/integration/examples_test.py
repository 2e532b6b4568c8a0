"""Every example of every command's help, and of README, docs/SCENARIO.md, docs/REPLAY.md and
docs/POSTGRES.md, runs with real servers and has an effect. readme_test.py tests the README's "By
hand"."""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from postgres_tests import PostgresServer

SOURCE = os.environ["GROUNDHOG_SOURCE_DIR"]
sys.path.insert(0, os.path.join(SOURCE, "tests", "cli"))
from help_pages import BIN, pages  # noqa: E402  pylint: disable=wrong-import-position

KAFKA = os.environ.get("GROUNDHOG_TEST_KAFKA")
POSTGRES = "postgres://me@localhost/logs"
# A command that plays in real time, or without end, is stopped by Ctrl-C after this many seconds,
# once it had an effect.
LOOKED_AT_SECONDS = 4
PATIENCE_SECONDS = 120
OUTPUT_BYTES_MAX = 100_000
# Commands whose whole answer is the exit code.
SILENT = ["groundhog scenario check"]


def document(path):
    with open(os.path.join(SOURCE, path), encoding="utf-8") as file:
        return file.read()


def help_examples():
    return [example for page in pages() for example in page.examples]


def block_lines(path, number):
    """The command lines of a document's first blocks, without comments behind them."""
    blocks = re.findall(r"```(?:sh)?\n(groundhog.*?)```", document(path), re.DOTALL)
    return [re.sub(r"\s{2,}#.*", "", line) for line in blocks[number].splitlines()]


def set_values():
    """[(scenario, PATH=VALUE)] of every --set in helps and documents, and of what reads like it."""
    texts = [page.text for page in pages()] + [document("README.md"), document("docs/SCENARIO.md")]
    found = []
    for text in texts:
        for line in text.splitlines():
            words = re.search(r"groundhog (?:record|scenario \w+) ([a-z][-a-z]*)(?: |$)", line)
            for quoted, bare in re.findall(r"--set(?:\s+|=)(?:'([^']+)'|([a-z][^\s`']*))", line):
                found.append((words.group(1) if words else "shop", quoted or bare))
        wrapped = " ".join(text.split())
        found += [("shop", value) for value in re.findall(r"such as (\S+?=\S+?);", wrapped)]
    return sorted({(scenario, value) for scenario, value in found if "=" in value
                   and not re.search(r"=[NDT]\b", value)})


class ExamplesTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = temporary.name
        cls.postgres = PostgresServer()
        cls.addClassCleanup(cls.postgres.stop)
        cls.environment = dict(os.environ, HOME=cls.folder,
                               PATH=":".join((BIN, cls.folder, os.environ["PATH"])))
        # The files and topics that the examples use.
        cls.shell("mkdir -p .config/fish/completions .zfunc; groundhog record -q -o day.ghog; "
                  "cp day.ghog monday.ghog; cp day.ghog tuesday.ghog; cp day.ghog before.ghog; "
                  "groundhog record --without auth-outage -q -o after.ghog; "
                  "groundhog record --duration 63h -q -o week.ghog; "
                  "groundhog scenario show shop > my-shop.yaml; echo status > commands.txt")
        cls.shell("cp day.ghog shop.ghog; groundhog record outage -q -o outage.ghog; "
                  "groundhog slice day.ghog --until 12h --quiet -o morning.ghog; "
                  "groundhog slice day.ghog --from 12h --quiet -o evening.ghog; "
                  "head -c 1000000 day.ghog > stopped.ghog.partial; "
                  "cp day.ghog damaged.ghog; "
                  "printf x | dd of=damaged.ghog bs=1 seek=1000000 conv=notrunc status=none")
        # What pipelines made of the day.
        cls.shell("groundhog cat day.ghog | tee out.ndjson | "
                  "tee >(grep '\"trace_id\":\"[0-7]' > part-0.ndjson) | "
                  "grep -v '\"trace_id\":\"[0-7]' > part-1.ndjson; "
                  "groundhog cat day.ghog --level ERROR > alerts.ndjson; "
                  "groundhog cat day.ghog --format csv | sed '1s/trace_id/traceId/' > out.csv; "
                  "printf '#!/bin/sh\ncat out.ndjson\n' > my-consumer; chmod +x my-consumer")
        if KAFKA is not None:
            cls.shell("groundhog-replay day.ghog --level ERROR --to kafka://" + KAFKA +
                      " --topic cleaned --alerts-topic none --speed max")

    @classmethod
    def shell(cls, command):
        subprocess.run(["bash", "-c", command], cwd=cls.folder, env=cls.environment, check=True)

    def files(self):
        return {(path, os.stat(os.path.join(path, name)).st_mtime_ns, name)
                for path, _, names in os.walk(self.folder) for name in names}

    def run_line(self, line):
        """(exit code, output of both kinds). Output is cut, and Ctrl-C ends what does not end."""
        files = self.files()
        # The command that cuts it passes on each line at once, and survives Ctrl-C.
        command = (f"{{ {line}\n}} 2>&1 | "
                   f"(trap '' INT; exec stdbuf -o0 head -c {OUTPUT_BYTES_MAX})")
        with tempfile.TemporaryFile() as output:
            process = subprocess.Popen(["bash", "-o", "pipefail", "-c", command], cwd=self.folder,
                                       env=self.environment, stdin=subprocess.DEVNULL,
                                       stdout=output, stderr=output, start_new_session=True)
            started = time.monotonic()
            while process.poll() is None and time.monotonic() < started + PATIENCE_SECONDS:
                time.sleep(0.1)
                # A replay to Kafka says what it did when it ends.
                has_effect = ("kafka://" in line or "postgres://" in line
                              or os.fstat(output.fileno()).st_size > 0
                              or self.files() != files)
                ends_by_itself = "--check" in line or line.startswith("psql ")
                if (has_effect and not ends_by_itself
                        and time.monotonic() > started + LOOKED_AT_SECONDS):
                    break
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)
                process.wait(PATIENCE_SECONDS)
            output.seek(0)
            return process.returncode, output.read().decode(errors="replace")

    def check(self, line, codes=(0, 130, -signal.SIGINT)):
        with self.subTest(line):
            files = self.files()
            code, output = self.run_line(line.replace("localhost:9092", str(KAFKA))
                                         .replace(POSTGRES, self.postgres.url))
            self.assertIn(code, codes, output)
            if not line.startswith(tuple(SILENT)):
                self.assertTrue(output or self.files() != files, "it had no effect")
            if re.search("--to (kafka|postgres)://", line) and "--dry-run" not in line:
                self.assertRegex(output, r"(?m)^sent [1-9]")

    def check_line(self, line):
        if "localhost:9092" in line and KAFKA is None:
            return
        if "--check" in line:
            self.check(line, codes=(0, 1))  # what else is in those topics is not ours
        elif "groundhog diff " in line:
            self.check(line, codes=(1,))
        elif "groundhog recover " in line:
            self.check(line, codes=(3,))
        elif line.startswith("source "):
            self.check(line + "; complete -p " + re.search(r"groundhog[-\w]*", line).group())
        elif " ctl " in line:
            self.check_control(line)
        elif not line.startswith("scripts/"):
            self.check(line)

    def check_control(self, line):
        """With a replay that listens."""
        replay = subprocess.Popen(
            ["groundhog-replay", "day.ghog", "--to", "null:", "--start-paused", "--control",
             "unix:replay.sock"], cwd=self.folder, env=self.environment,
            stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            executable=os.path.join(BIN, "groundhog-replay"))
        try:
            self.shell("for i in {1..600}; do [[ -S replay.sock ]] && exit; sleep 0.1; done")
            self.check(line)
        finally:
            replay.terminate()
            replay.wait(PATIENCE_SECONDS)

    def test_of_every_help(self):
        lines = help_examples()
        self.assertGreater(len(lines), 30)
        for line in dict.fromkeys(lines):
            self.check_line(line)

    def test_of_scenario_md(self):
        lines = block_lines("docs/SCENARIO.md", 0)
        self.assertGreater(len(lines), 3)
        for line in lines:
            self.check_line(line)

    def test_of_replay_md(self):
        lines = block_lines("docs/REPLAY.md", 0)
        self.assertGreater(len(lines), 4)
        for line in lines:
            self.check_line(line)

    def test_of_postgres_md(self):
        lines = re.findall(r"```sh\n(.*?)```", document("docs/POSTGRES.md"), re.DOTALL)
        for line in lines[0].splitlines():
            self.check_line(line)

    def test_every_set_changes_the_day(self):
        values = set_values()
        self.assertGreater(len(values), 4)
        for scenario, value in values:
            with self.subTest(value):
                self.assertNotEqual(self.digest(scenario, "--set", value), self.digest(scenario))

    def digest(self, scenario, *options):
        duration = ["--duration", "11h"] if scenario == "shop" else []
        program = os.path.join(BIN, "groundhog")
        record = subprocess.run([program, "record", scenario, *duration, *options, "--no-expect",
                                 "-q", "-o", "-"],
                                stdout=subprocess.PIPE, check=True)
        return subprocess.run([program, "digest", "-"], input=record.stdout, check=True,
                              stdout=subprocess.PIPE).stdout


if __name__ == "__main__":
    assert shutil.which("jq"), "scripts/bootstrap installs it"
    unittest.main()
