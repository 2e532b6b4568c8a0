"""groundhog record checks what a scenario expects of its records."""
import os
import re
import signal
import subprocess
import time
import unittest

from groundhog import CliTest, PROGRAM, read, run

# Front's requests fail while back is down, from 2 to 4 minutes.
SCENARIO = """\
name: claims
duration: 10m
services:
  front: {service_time: 5ms, dependencies: {back: {timeout: 100ms, retries: {max: 1}}}}
  back: {service_time: 10ms}
journeys:
  visit: {rate: 10/s, deadline: 1s, entry: {service: front, calls: [back]}}
faults:
  down: {kind: outage, target: back, at: 2m, for: 2m}
"""
HELD = """\
expect:
  calm: {service: front, from: 0s, until: 2m, error_rate: {at_most: 0}}
  users-suffer: {during: down, error_rate: {at_least: 0.99}}
  back-refuses: {service: back, during: down, p99: {at_most: 5ms}}
  recovers: {service: front, after: down, within: 1s, error_rate: {at_most: 0.01}}
  is-fast-again: {service: front, after: down, within: 1s, p95: {at_least: 15ms, at_most: 40ms}}
  median: {p50: {at_most: 30ms}}
  volume: {from: 0s, until: 10m, records: {at_least: 11000, at_most: 15000}}
"""
BROKEN = """\
expect:
  calm: {service: front, during: down, error_rate: {at_most: 0.5}}
  users-suffer: {from: 0s, until: 2m, error_rate: {at_least: 0.1}}
  late: {service: back, after: down, p50: {at_least: 1s}}
  volume: {service: back, from: 0s, until: 1m, records: {at_most: 100}}
  holds: {service: back, p99: {at_most: 1s}}
"""
# What is said of them, in this order.
PROBLEMS = (
    r"'calm' is broken: during down, from 2m to 4m, the error rate of front is "
    r"\d+(\.\d+)? % \(\d+ of \d+\), not at most 50 %",
    r"'users-suffer' is broken: from 0s to 2m, the error rate of users' requests is 0 % "
    r"\(0 of \d+\), not at least 10 %",
    r"'late' is broken: after down, from 4m to 5m, the p50 of back is \d+\.\d+ms, not at least "
    r"1s; broken at 6 of 6 such times",
    r"'volume' is broken: from 0s to 1m, the number of records of back is \d{3}, not at most 100")


class ExpectTest(CliTest):
    RECORD = ["quiet", "--duration", "1m"]

    def record(self, expected, *arguments, code=0):
        """The lines on stderr about a recording of SCENARIO with these expectations."""
        self.scenario = self.write("claims.yaml", (SCENARIO + expected).encode())
        self.output = self.path("claims.ghog")
        done = run("record", self.scenario, "-o", self.output, *arguments)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stderr.decode().splitlines()

    def assert_problems(self, lines):
        self.assertEqual(len(lines), len(PROBLEMS), lines)
        for line, problem in zip(lines, PROBLEMS):
            self.assertRegex(line, rf"\Agroundhog: expectation {problem}\Z")

    def test_each_kind_holds(self):
        told = self.record(HELD)
        self.assertEqual(len(told), 3, told)
        self.assertEqual(told[2], "groundhog: expectations: 7 of 7 hold")
        self.assertEqual(self.record(HELD, "--quiet"), [])

    def test_each_kind_is_broken(self):
        told = self.record(BROKEN, code=1)
        self.assert_problems(told[2:-1])
        self.assertEqual(told[-1], "groundhog: expectations: 1 of 5 hold")
        self.assert_problems(self.record(BROKEN, "--quiet", code=1))

    def test_the_trace_of_a_broken_one_is_complete(self):
        self.record(BROKEN, code=1)
        self.assertIs(self.info(self.output)["complete"], True)
        self.assert_silent(run("verify", self.output))
        self.assertFalse(os.path.exists(self.output + ".partial"))
        checked = read(self.output)
        told = self.record(BROKEN, "--no-expect")
        self.assertEqual(len(told), 2, told)
        self.assertEqual(read(self.output), checked)

    def test_records_are_the_same_without_any(self):
        self.record(HELD)
        with_claims = self.info(self.output)["digest"]
        told = self.record("")
        self.assertEqual(len(told), 2, told)
        self.assertEqual(self.info(self.output)["digest"], with_claims)

    def test_a_trace_recorded_again_is_checked_again(self):
        self.record(BROKEN, code=1)
        again = run("record", self.output, "--quiet", "-o", self.path("again.ghog"))
        self.assertEqual(again.returncode, 1)
        self.assert_problems(again.stderr.decode().splitlines())

    def test_exact_truth_is_checked_as_well(self):
        self.assert_problems(self.record(BROKEN, "--quiet", "--truth", "exact", code=1))

    def test_without_a_fault_nothing_is_expected_of_it(self):
        told = self.record(HELD, "--without", "down")
        self.assertEqual(told[-1], "groundhog: expectations: 3 of 3 hold")

    def test_what_is_not_recorded_is_not_checked(self):
        for duration, words in (
                ("5m1s", "6 of 6 hold; 1 not checked: their time is not in this recording"),
                ("4m", "4 of 4 hold; 3 not checked: their time is not in this recording"),
                ("1m", "1 of 1 hold; 6 not checked: their time is not in this recording")):
            with self.subTest(duration):
                told = self.record(HELD, "--duration", duration)
                self.assertEqual(told[-1], f"groundhog: expectations: {words}")

    def test_an_interrupted_recording_checks_what_it_has(self):
        self.scenario = self.write("claims.yaml", (SCENARIO + HELD).encode())
        self.output = self.path("claims.ghog")
        with subprocess.Popen([PROGRAM, "record", self.scenario, "--duration", "18250d", "-o",
                               self.output], stderr=subprocess.PIPE) as process:
            partial, deadline = self.output + ".partial", time.monotonic() + 60
            while not os.path.exists(partial) or os.path.getsize(partial) < 1 << 20:
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.01)
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(60), 130)
            told = process.stderr.read().decode().splitlines()
        # `median` is of the whole run.
        self.assertEqual(told[-1], "groundhog: expectations: 6 of 6 hold; 1 not checked: their "
                                   "time is not in this recording")

    def test_a_reader_that_goes_ends_it_quietly(self):
        self.scenario = self.write("claims.yaml", (SCENARIO + BROKEN).encode())
        with subprocess.Popen([PROGRAM, "record", self.scenario, "--duration", "forever", "-o",
                               "-"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as record:
            record.stdout.read(1 << 20)
            record.stdout.close()
            self.assertEqual((record.wait(60), record.stderr.read()), (0, b""))

    def test_a_mistake_is_told_with_its_place(self):
        told = self.record("expect:\n  x: {service: frnt, p99: {at_most: 1s}}\n", code=2)
        self.assertEqual(len(told), 1, told)
        self.assertRegex(told[0], re.escape(self.scenario) + r":11:16: expectation 'x' names the "
                                  r"service 'frnt', which there is not; did you mean 'front'\?\Z")

    def test_more_traffic_is_expected_to_make_more_records(self):
        told = self.record(HELD, "--scale", "3")
        self.assertEqual(told[-1], "groundhog: expectations: 7 of 7 hold")


if __name__ == "__main__":
    unittest.main()
