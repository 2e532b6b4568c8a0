"""What each shipped scenario expects of itself holds, also in a shorter or larger run."""
import os
import re
import subprocess
import tempfile
import unittest

PROGRAM = os.path.join(os.environ["GROUNDHOG_BIN_DIR"], "groundhog")
SUMMARY = re.compile(r"groundhog: expectations: (\d+) of (\d+) hold(; (\d+) not checked)?")


def run(*arguments):
    return subprocess.run([PROGRAM, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False, text=True)


def names():
    listed = run("scenario", "list").stdout.splitlines()
    return [line.split()[0] for line in listed if line and not line.startswith(" ")]


class ShippedExpectationsTest(unittest.TestCase):

    def check(self, name, *arguments):
        """How many of the scenario's expectations held, and how many were not checked."""
        with tempfile.TemporaryDirectory() as folder:
            done = run("record", name, *arguments, "-o", os.path.join(folder, "trace.ghog"))
        self.assertEqual(done.returncode, 0, done.stderr)
        found = SUMMARY.search(done.stderr)
        self.assertIsNotNone(found, done.stderr)
        self.assertEqual(found[1], found[2])
        return int(found[1]), int(found[4] or 0)

    def test_all_hold_and_are_checked(self):
        self.assertIn("shop", names())
        for name in names():
            for seed in ("1", "2"):
                with self.subTest(name, seed=seed):
                    held, not_checked = self.check(name, "--seed", seed)
                    self.assertGreaterEqual(held, 2)
                    self.assertEqual(not_checked, 0)

    def test_none_is_broken_by_a_shorter_run(self):
        for name in names():
            for duration in ("5m", "25m", "40m"):
                with self.subTest(name, duration=duration):
                    self.check(name, "--duration", duration)

    def test_none_is_broken_by_another_start(self):
        for start in ("2025-03-01T06:50:00Z", "2025-03-01T14:00:00Z"):
            with self.subTest(start):
                self.check("shop", "--start", start)

    def test_none_is_broken_without_a_fault_or_with_more_traffic(self):
        for name, *arguments in (("outage", "--without", "auth-down"),
                                 ("cascade", "--without", "slow-ledger"),
                                 ("shop", "--without", "auth-outage"),
                                 ("quiet", "--scale", "2"), ("black-friday", "--scale", "2")):
            with self.subTest(name, arguments=arguments):
                self.check(name, *arguments)


if __name__ == "__main__":
    unittest.main()
