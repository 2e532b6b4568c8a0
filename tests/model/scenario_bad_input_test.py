"""Every mistake in a scenario is reported in clear lines, with exit code 2 and nothing written. The
cases of each key are generated from the schema: wrong types, wrong ranges, wrong units."""
import json
import os
import re
import unittest

import scenario_schema as shared
from scenario_refusals import Refusals

PLACEHOLDER = "the place of the value"
# Values of every type; the schema decides which of them are wrong for a key.
ANY_VALUES = ["Nonsense?!", -7, 7, 1.5, True, None, [], [None], [["x"]], {}, {"nonsense": 1}]
WRONG_UNITS = {
    "duration": ["5", "5 ms", "5M", "5min", "5s5m", "-5ms", "1e3ms", "5/s", "50%"],
    "distribution": ["5", "5 ms", "5min", "5/s"],
    "backoff": ["5", "5 ms", "5min", "5/s"],
    "rate": ["3", "3s", "3/w", "3 /s", "-1/s", "/s", "5ms"],
    "timestamp": ["24h", "2025-01-06", "2025-01-06T00:00:00", "2025-01-06T00:00Z"],
    "time_of_day": ["3h", "25:00", "9:00", "10:60", "2025-01-06T10:00:00Z"],
    "error_code": ["500", "ERR_5", "err_500", "ERR_5000"],
    "integer": ["5ms", "1k", "5/s"],
    "number": ["5ms", "5%", "1,5"],
    "boolean": ["yes", "on"],
}
NANOSECONDS = {"d": 86_400 * 10**9, "h": 3600 * 10**9, "m": 60 * 10**9, "s": 10**9, "ms": 10**6,
               "us": 10**3, "ns": 1}
# The words of an error about a reference, by x-type.
REFERENCES = {"service": "names the service", "call": "names the service", "calls": "a call of",
              "journey": "names the journey", "zone": "names the zone",
              "fault": "names the fault"}


def nanoseconds(duration):
    return sum(int(number) * NANOSECONDS[unit]
               for number, unit in re.findall(r"(\d+)([a-z]+)", duration))


def beyond(part):
    """The values just outside the range that a key's schema states."""
    values = []
    if "items" in part:
        return [[value] * part.get("minItems", 1) for value in beyond(part["items"])]
    if isinstance(part.get("type"), str):
        if "minimum" in part:
            values.append(part["minimum"] - 1)
        if "maximum" in part:
            values.append(part["maximum"] + 1)
    low, high = part.get("x-minimum", ""), part.get("x-maximum", "")
    if "/" in high:
        return values + [high.replace("/", "1/")]
    if low and nanoseconds(low) > 0:
        values.append(f"{nanoseconds(low) - 1}ns")
    if high:
        values.append(f"{nanoseconds(high) + 1}ns")
    if "anyOf" in part and high:
        values += [{"exponential": values[-1]}, {"p50": "1ms", "p99": values[-1]}]
    return values


def at_the_ends(part):
    """The values just inside the range, and the default."""
    is_duration = part.get("x-type") == "duration"
    if not is_duration and not isinstance(part.get("type", ""), str):
        return []
    plain = [] if is_duration else ["minimum", "maximum"]
    return [part[word] for word in (*plain, "x-minimum", "x-maximum", "default") if word in part]


class Case:
    """The full scenario with the value at one place changed."""

    def __init__(self, full, path, value):
        self.path, self.value = path, value
        changed = shared.with_value(full, path, PLACEHOLDER)
        marked = json.dumps(changed, indent=1, ensure_ascii=False)
        self.first_line = marked[:marked.index(PLACEHOLDER)].count("\n") + 1
        self.document = shared.with_value(full, path, value)
        self.text = json.dumps(self.document, indent=1, ensure_ascii=False)
        self.last_line = self.first_line + self.text.count("\n") - marked.count("\n")

    def __str__(self):
        return ".".join(map(str, self.path)) + f" = {json.dumps(self.value)}"


class EveryKey(Refusals):

    @classmethod
    def setUpClass(cls):
        cls.schema = shared.load_schema()
        cls.full = shared.load(shared.full_scenario())
        cls.whole = shared.validator(cls.schema)
        cls.instances = list(shared.instances(cls.schema, cls.full))

    def place(self, name, key):
        """The path of a key in the full scenario: of its value, or where it is allowed."""
        paths = [path for found, path, value in self.instances if found == name and key in value]
        self.assertTrue(paths, f"full_scenario.yaml has no {name} with {key}")
        return (*paths[0], key)

    def assert_told(self, case, key, part, outcome):
        """Refused, by a line that names the key and leads to it."""
        places = self.assert_refused(outcome)
        names = [f"'{key}'", REFERENCES.get(part.get("x-type"), f"'{key}'")]
        names += [f"a {item} " for item in shared.references(part.get("items", {}))]
        if isinstance(case.value, dict):
            names += [f"'{inner}'" for inner in case.value]
        here = [text for line, _, text in places if case.first_line <= line <= case.last_line
                and any(name in text for name in names)]
        self.assertTrue(here, f"no line at {case.first_line} names {key}: {places}")

    def check_all(self, cases, accept_schema=None):
        """Each must be refused with an error."""
        outcomes = self.record_all([case.text for _, _, case in cases])
        for (key, part, case), outcome in zip(cases, outcomes):
            with self.subTest(str(case)):
                self.assert_told(case, key, part, outcome)
                if accept_schema is not None:
                    self.assertEqual(self.whole.is_valid(case.document), accept_schema)

    def cases(self, values_of):
        """[(key, its schema, Case)] with the values that values_of gives for a key's schema."""
        return [(key, part, Case(self.full, self.place(name, key), value))
                for name, key, part in shared.keys(self.schema) for value in values_of(part)]

    def test_a_wrong_type_is_refused(self):
        def wrong(part):
            check = shared.validator(self.schema, part)
            return [value for value in ANY_VALUES if not check.is_valid(value)]
        cases = self.cases(wrong)
        self.assertEqual({case.path for _, _, case in cases},
                         {self.place(name, key) for name, key, _ in shared.keys(self.schema)})
        self.check_all(cases, accept_schema=False)

    def test_a_wrong_range_is_refused(self):
        cases = self.cases(beyond)
        self.assertGreater(len(cases), 50)
        self.check_all(cases)

    def test_a_wrong_unit_is_refused(self):
        def wrong(part):
            kind = part.get("x-type", part.get("type", ""))
            return WRONG_UNITS.get(kind if isinstance(kind, str) else "", [])
        cases = self.cases(wrong)
        self.assertGreater(len(cases), 150)
        self.check_all(cases, accept_schema=False)

    def value_of(self, name, key):
        """A sound value of a key, as some map of the full scenario has it."""
        return next(value[key] for found, _, value in self.instances
                    if found == name and key in value)

    def test_keys_that_do_not_go_together_are_refused(self):
        cases = {}
        for name, path, value in self.instances:
            for number, rule in enumerate(self.schema["$defs"][name].get("allOf", [])):
                if not shared.validator(self.schema, rule["if"]).is_valid(value):
                    continue
                for key in rule["then"].get("properties", {}):
                    case = Case(self.full, (*path, key), self.value_of(name, key))
                    cases.setdefault((name, number, key), (key, {}, case))
        self.assertGreater(len(cases), 60)
        self.check_all(list(cases.values()), accept_schema=False)

    def test_a_missing_key_is_refused(self):
        changed = {}
        for name, path, value in self.instances:
            for key in value:
                document = shared.without(self.full, (*path, key))
                if not self.whole.is_valid(document):
                    changed.setdefault((name, key), json.dumps(document, indent=1))
        self.assertGreater(len(changed), 25)
        for (name, key), outcome in zip(changed, self.record_all(list(changed.values()))):
            with self.subTest(f"{name} without {key}"):
                texts = [text for _, _, text in self.assert_refused(outcome)]
                # Without a switch or a group's only key, the error is about another missing key.
                missing = {"async": "timeout", "parallel": "service"}.get(key, key)
                self.assertIn(f"needs the key '{missing}'", "\n".join(texts))

    def test_the_ends_of_a_range_are_taken(self):
        cases = self.cases(at_the_ends)
        self.assertGreater(len(cases), 70)
        for key, part, case in cases:
            with self.subTest(str(case)):
                self.assertTrue(shared.validator(self.schema, part).is_valid(case.value))
                done = self.check_only(case)
                for line in done.stderr.decode().splitlines():
                    self.assertNotRegex(line, rf"'{key}' must be an? ")

    def check_only(self, case):
        """Without recording: at its ends a key may ask for a world that takes long."""
        path = os.path.join(self.folder, "ends.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(case.text)
        return shared.run("scenario", "check", path)


if __name__ == "__main__":
    unittest.main()
