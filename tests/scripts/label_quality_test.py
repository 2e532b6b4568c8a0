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

    @staticmethod
    def found_as_they_are(records, others):
        """Of the records of one place, whether each is in the other day with its level and error
        code. Partners are found as docs/DIFF.md says."""
        def kind(record):
            return outcome(record), record["truth"]["template"], record.get("dependency")

        def outcome(record):
            return record["level"], record.get("error_code")

        found = {}
        left = list(others)

        def pair(index, key):
            partner = next((one for one in left if key(one) == key(records[index])), None)
            if index not in found and partner is not None:
                left.remove(partner)
                found[index] = outcome(partner) == outcome(records[index])

        for index in range(len(records)):
            pair(index, kind)
        free = [index for index in range(len(records)) if index not in found]
        if free and left:  # the records that end the span
            found[free[-1]] = outcome(left.pop()) == outcome(records[free[-1]])
        for index in range(len(records)):
            pair(index, outcome)
        return [found.get(index, False) for index in range(len(records))]

    def counted(self, fault, scenario):
        """(missed, false) of WARN and ERROR, by the lines of the two days."""
        days = []
        for options in ([], ["--without", fault]):
            places = collections.defaultdict(list)
            for record in self.records(*scenario, *options):
                places[self.place_of(record)].append(record)
            days.append(places)
        missed = false = 0
        for place, records in days[0].items():
            is_found = self.found_as_they_are(records, days[1].get(place, []))
            for record, is_there in zip(records, is_found):
                if record["level"] != "INFO":
                    has_label = record["truth"].get("cause", "").split("/")[0] == fault
                    missed += not has_label and not is_there
                    false += has_label and is_there
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
