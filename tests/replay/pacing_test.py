"""A paced replay, measured from outside by bench/pacing. The bounds are loose, because a machine
that runs tests is not idle; they distinguish pacing from no pacing, and a stall from none."""
import json
import os
import subprocess
import sys
import unittest

PACING = os.path.join(os.environ["GROUNDHOG_SOURCE_DIR"], "bench/pacing")


def measure(*arguments):
    command = [sys.executable, PACING, "--bin", os.environ["GROUNDHOG_BIN_DIR"], "--json"]
    done = subprocess.run([*command, *arguments], stdout=subprocess.PIPE, check=True, timeout=200)
    return json.loads(done.stdout)


class PacingTest(unittest.TestCase):

    def test_lines_arrive_when_they_are_due(self):
        result = measure("--speed", "1440x", "--until", "2h")  # 5 s
        self.assertAlmostEqual(result["seconds_due"], 5, delta=0.1)
        self.assertAlmostEqual(result["seconds"], result["seconds_due"], delta=0.5)
        self.assertLess(result["late_ms"]["p50"], 50)
        self.assertLess(result["late_ms"]["p99"], 500)

    def test_a_reader_that_stalls_shows_in_the_report_and_loses_nothing(self):
        result = measure("--speed", "1440x", "--until", "2h", "--stall", "2")
        own = result["report"]["lateness_ms"]
        # A pipe holds about 260 lines, 15 ms of them.
        self.assertGreater(own["max"], 1900)
        self.assertLess(own["max"], 6000)
        self.assertEqual(result["lines"], result["report"]["records_sent"])
        self.assertIs(result["report"]["complete"], True)

    def test_the_report_and_the_outside_agree_about_a_stall(self):
        result = measure("--speed", "1440x", "--until", "1h", "--stall", "1")
        self.assertAlmostEqual(result["report"]["lateness_ms"]["max"], result["late_ms"]["max"],
                               delta=500)

    def test_a_slow_replay_costs_next_to_nothing(self):
        result = measure("--speed", "20x", "--until", "1m")  # 3 s, 240 records a second
        self.assertLess(result["cpu_seconds"], 1)


if __name__ == "__main__":
    unittest.main()
