"""bench/label_quality counts what the lines of both worlds say, counted here in another way."""
import collections
import json
import os
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.path.join(os.environ["GROUNDHOG_BUILD_DIR"], "bench/label_quality")
GROUNDHOG = os.path.join(os.environ["GROUNDHOG_BIN_DIR"], "groundhog")
# Up to the middle of shop's first incident.
SHOP = ["shop", "--duration", "7h"]


def label_quality(*arguments):
    return subprocess.run([PROGRAM, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=120, check=False)


def row_of(title, output):
    """{column: figure} of one fault's row, without the marks."""
    line = next(line for line in output.splitlines() if line.startswith(title + " "))
    columns = ["with", "without"] + [
        f"{what} {column}" for what in ("warn_error", "all")
        for column in ("precision", "recall", "missed", "false")]
    return dict(zip(columns, line[len(title):].replace("!", "").split()))


class LabelQualityTest(unittest.TestCase):

    def records(self, *options):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "day.ghog")
            subprocess.run([GROUNDHOG, "record", *options, "-q", "-o", path], check=True)
            lines = subprocess.run([GROUNDHOG, "cat", "--truth", path], check=True,
                                   stdout=subprocess.PIPE).stdout.splitlines()
        return [json.loads(line) for line in lines]

    @staticmethod
    def place_of(record):
        truth = record["truth"]
        if "call_path" not in truth:
            return record["hostname"], record["timestamp"]
        return record["trace_id"], truth["call_path"], truth["span"], truth["attempt"]

    def counted(self, fault, scenario):
        """(missed, false) of WARN and ERROR: of the records of one place, level and error code,
        those with the label are taken to be the ones that are new."""
        sides = []
        for options in ([], ["--without", fault]):
            groups = collections.defaultdict(list)
            for record in self.records(*scenario, *options):
                if record["level"] != "INFO":
                    key = self.place_of(record), record["level"], record.get("error_code")
                    cause = record["truth"].get("cause", "").split("/")[0]
                    groups[key].append(cause == fault)
            sides.append(groups)
        missed = false = 0
        for key, labels in sides[0].items():
            new = max(0, len(labels) - len(sides[1].get(key, [])))
            missed += max(0, new - sum(labels))
            false += max(0, sum(labels) - new)
        return missed, false

    def test_figures_are_those_of_the_lines(self):
        for fault, scenario in (("user-replicas-down", SHOP), ("slow-ledger", ["cascade"])):
            with self.subTest(fault):
                done = label_quality("--short", "--fault", fault, *scenario)
                self.assertEqual((done.returncode, done.stderr), (0, b""))
                row = row_of(f"{scenario[0]}: {fault}", done.stdout.decode())
                counted = self.counted(fault, scenario)
                self.assertEqual((int(row["warn_error missed"]), int(row["warn_error false"])),
                                 counted)
                self.assertEqual(int(row["with"]), len(self.records(*scenario)))

    def test_mistakes_are_shown_with_an_example(self):
        done = label_quality(*SHOP, "--fault", "user-replicas-down")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        output = done.stdout.decode()
        row = row_of("shop: user-replicas-down", output)
        mistakes = sum(int(row[key]) for key in row if key.endswith(("missed", "false")))
        self.assertEqual(mistakes > 0, "e.g. {" in output)

    def test_help_names_every_option(self):
        for argument in ("--help", "-h"):
            done = label_quality(argument)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            for option in (b"--fault", b"--short", b"--truth", b"--set", b"--seed", b"--duration",
                           b"--start"):
                self.assertIn(option, done.stdout)

    def test_wrong_usage_is_reported(self):
        for arguments, words in ((["nowhere.yaml"], b"nowhere.yaml"),
                                 (["cascade", "--fault", "slow-leger"], b"slow-leger"),
                                 (["--fault"], b"needs a value"),
                                 (["--truth", "maybe"], b"--truth"), (["--xyzzy"], b"--xyzzy")):
            done = label_quality(*arguments)
            self.assertEqual(done.returncode, 2)
            self.assertIn(words, done.stderr)


if __name__ == "__main__":
    if not os.path.exists(PROGRAM):
        sys.exit(77)  # built without the benchmarks
    unittest.main()
