"""Every incident of every shipped scenario and of cases/ has its labels above the floors of
docs/TRUTH.md by the rule, unless the scenario's own comment says why not; those of some cases by
exact truth as well."""
import os
import re
import subprocess
import sys
import unittest

from incidents import CASES, SHIPPED, name_of

BUILD = os.environ["GROUNDHOG_BUILD_DIR"]


def rows(path, *options):
    """{fault: row} as label_quality prints them; "!" marks a figure below its floor."""
    done = subprocess.run([os.path.join(BUILD, "bench/label_quality"), "--short", path, *options],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=300, check=False)
    assert done.returncode == 0, done.stderr.decode()
    row = rf"^{re.escape(name_of(path))}: (\S+) +(.*)$"
    return dict(re.findall(row, done.stdout.decode(), re.MULTILINE))


def excused(path):
    """The faults for which a comment "# Labels of A and B: why" gives the reason."""
    with open(path, encoding="utf-8") as file:
        texts = re.findall(r"^# Labels of ([^:]+): ", file.read(), re.MULTILINE)
    return {fault for text in texts for fault in re.split(r", | and ", text)}


class LabelFloorsTest(unittest.TestCase):

    def check(self, paths, excuses, *options):
        faults = 0
        for path in paths:
            for fault, row in rows(path, *options).items():
                faults += 1
                with self.subTest(scenario=name_of(path), fault=fault):
                    is_below = "!" in row
                    self.assertEqual(is_below, excuses and fault in excused(path), row)
        return faults

    def test_shipped_scenarios_by_the_rule(self):
        self.assertGreaterEqual(self.check(SHIPPED, True), 9)

    def test_cases_by_the_rule(self):
        self.assertGreaterEqual(self.check(CASES, True), 11)

    # Without motel-cascading, where a record of which each of two faults is enough keeps a cause.
    def test_cases_exactly(self):
        names = ["client-retries", "deploy", "entry-down", "overlap",
                 "timeout-no-deadline"]
        paths = [path for path in CASES if name_of(path) in names]
        self.assertEqual(self.check(paths, False, "--truth", "exact"), 6)


if __name__ == "__main__":
    if not os.path.exists(os.path.join(BUILD, "bench/label_quality")):
        sys.exit(77)  # built without the benchmarks
    unittest.main()
