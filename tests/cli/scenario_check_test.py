"""groundhog scenario check: its warnings about scenarios in which requests must fail, or that use
other tools' words; and that it prints nothing about a scenario without a problem."""
import os
import re
import subprocess
import tempfile
import unittest

from groundhog import PROGRAM, run

HEAD = "name: shopx\nservices:\n"
# The problem: the scenario, and for each line of output its place and its words in order.
CASES = {
    "a timeout between the quantiles": (
        HEAD + """\
  web: {service_time: 4ms, dependencies: {database: {timeout: 20ms}}}
  database: {service_time: {p50: 10ms, p95: 40ms, p99: 80ms}}
journeys:
  visit: {rate: 2/s, deadline: 500ms, entry: {service: web, calls: [database]}}
""", [("3:54", ["about 2", "% of the attempts of 'web' to call 'database' in journey 'visit' "
                "time out",
                "of the requests of 'visit' fail", "'timeout' is 20ms", "at p95",
                "lets 99 % of them pass"])]),
    "a chain longer than a timeout": (
        HEAD + """\
  web: {service_time: 4ms, dependencies: {api: {timeout: 100ms}}}
  api: {service_time: 10ms, dependencies: {db: {timeout: 1s}}}
  db: {service_time: 200ms}
journeys:
  visit: {rate: 2/s, deadline: 500ms, entry: {service: web, calls: [{service: api, calls: [db]}]}}
""", [("3:49", ["every attempt of 'web' to call 'api' in journey 'visit' times out",
                "every request of 'visit' fails", "100ms", "at least 21",
                "lets 99 % of them pass"])]),
    "retries beyond the deadline": (
        HEAD + """\
  web: {service_time: 4ms, dependencies: {api: {timeout: 400ms, retries: {max: 5, backoff: 1s}}}}
  api: {service_time: 10ms}
journeys:
  visit: {rate: 2/s, deadline: 500ms, entry: {service: web, calls: [api]}}
faults: {f: {kind: crash, target: api, at: 1m, for: 5m}}
""", [("3:65", ["of the 5 retries", "'web'", "'api'", "0.6", "0.", "49", "shorten 'backoff'"])]),
    "a forgotten subtree": (
        HEAD + """\
  web: {service_time: 4ms, dependencies: {api: {timeout: 100ms}}}
  api: {service_time: 10ms, dependencies: {db: {timeout: 1s}}}
  db: {service_time: 5ms}
journeys:
  one: {rate: 2/s, deadline: 500ms, entry: {service: web, calls: [{service: api, calls: [db]}]}}
  two: {rate: 200/s, deadline: 500ms, entry: {service: web, calls: [api]}}
""", [("8:69", ["journey 'two' ends at 'api'", "calls 'db' in journey 'one'",
                "write {service: api, calls: [db]}"])]),
    "a slot that waits for itself": (
        HEAD + """\
  a: {concurrency: 1, service_time: 4ms, dependencies: {a: {timeout: 1s}}}
journeys:
  visit: {rate: 2/s, deadline: 500ms, entry: {service: a, calls: [a]}}
""", [("3:7", ["every request of 'visit' fails", "'a'", "'concurrency' of a host, 1",
               "waits for the slot of the first", "give it more"])]),
}
MISTAKES = {
    "tabs": (HEAD + "\tweb: {service_time: 4ms}\njourneys:\n  visit: {rate: 2/s, deadline: 1s, "
             "entry: web}\n", "3:1", "YAML does not allow tabs for indentation; use spaces"),
    "replicas": (HEAD + "  web: {replicas: 3, service_time: 4ms}\n", "3:9",
                 "unknown key 'replicas' in a service; write 'hosts'"),
    "p90": (HEAD + "  web: {service_time: {p50: 4ms, p90: 9ms, p99: 15ms}}\n", "3:34",
            "unknown key 'p90' in a distribution; there are 'p50', 'p95', 'p99' and 'max'"),
    "defaults": ("name: x\ndefaults: {hosts: 3}\nservices: {web: {service_time: 4ms}}\n", "2:1",
                 "unknown key 'defaults' in a scenario; there are no defaults for all services; "
                 "write the keys at each service"),
    "timeout_ms": (HEAD + "  web: {service_time: 4ms, dependencies: {web: {timeout: 1s, "
                   "timeout_ms: 5}}}\n", "3:62", "write 'timeout' with its unit in the value"),
}


class CheckTest(unittest.TestCase):

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.path = os.path.join(temporary.name, "shop.yaml")

    def check(self, text, *options):
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(text)
        done = run("scenario", "check", self.path, *options)
        self.assertEqual(done.stdout, b"")
        return done.returncode, done.stderr.decode().splitlines()

    def test_each_world_in_which_requests_must_fail_is_told(self):
        for name, (text, expected) in CASES.items():
            with self.subTest(name):
                code, lines = self.check(text)
                self.assertEqual(code, 0)
                self.assertEqual(len(lines), len(expected), lines)
                for line, (place, words) in zip(lines, expected):
                    self.assertTrue(line.startswith(f"{self.path}:{place}: warning: "), line)
                    self.assertRegex(line, ".*".join(re.escape(word) for word in words))

    def test_each_everyday_mistake_is_told(self):
        for name, (text, place, words) in MISTAKES.items():
            with self.subTest(name):
                code, lines = self.check(text)
                self.assertEqual(code, 2)
                self.assertTrue(lines[0].startswith(f"{self.path}:{place}: "), lines)
                self.assertIn(words, lines[0])

    def test_a_value_of_an_option_is_told_at_the_option(self):
        text = CASES["a timeout between the quantiles"][0].replace("20ms", "200ms")
        self.assertEqual(self.check(text), (0, []))
        option = "services.web.dependencies.database.timeout=5ms"
        _, lines = self.check(text, "--set", option)
        self.assertTrue(lines[0].startswith(f"--set {option}: warning: "), lines)

    def test_the_shipped_scenarios_are_silent(self):
        for line in run("scenario", "list").stdout.decode().splitlines():
            name = line.split()[0]
            with self.subTest(name):
                done = run("scenario", "check", name)
                self.assertEqual((done.returncode, done.stderr), (0, b""))

    def test_a_world_as_large_as_may_be_is_checked_in_seconds(self):
        services = "".join(f"  s{i}: {{service_time: {{exponential: 1ms}}, dependencies: "
                           f"{{s{i + 1}: {{timeout: 1s, retries: {{max: 9}}}}}}}}\n"
                           for i in range(30))
        tree = "s30"
        for i in reversed(range(30)):
            tree = f"{{service: s{i}, calls: [{tree}]}}"
        text = (HEAD + services + "  s30: {service_time: 1ms, errors: {ERR_500: {rate: 0.9}}}\n"
                + "journeys:\n" + "".join(f"  j{i}: {{rate: 1/h, deadline: 1h, entry: {tree}}}\n"
                                          for i in range(1000)))
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(text)
        done = subprocess.run([PROGRAM, "scenario", "check", self.path], timeout=100,
                              stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()
