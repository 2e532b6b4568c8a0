"""Input that is no scenario, or a scenario whose parts contradict each other, is reported in clear
lines, with exit code 2 and nothing written; input that only looks unusual is accepted."""
import json
import os
import unittest

import yaml

import scenario_schema as shared
from scenario_refusals import Refusals

HEAD = "name: x\nservices:\n  a: {service_time: 1ms}\n  b: {service_time: 1ms}\n"
FAULT = "faults:\n  f: {kind: outage, target: a, at: 1h, for: 1m}\n"
# The mistake: the scenario, the first line's place, and words that say how to correct it.
MISTAKES = {
    "a target that is not declared":
        (HEAD + FAULT.replace("target: a", "target: c"), (6, 29), "'c', which there is not"),
    "a target with a slip":
        (HEAD + "  auth: {service_time: 1ms}\n" + FAULT.replace("target: a", "target: auht"),
         (7, 29), "did you mean 'auth'?"),
    "a dependency that is not declared":
        (HEAD + "  d: {service_time: 1ms, dependencies: {c: {timeout: 1s}}}\n", (5, 41),
         "a dependency of 'd' names the service 'c'"),
    "an entry that is not declared":
        (HEAD + "journeys: {j: {rate: 1/s, deadline: 1s, entry: c}}\n", (5, 48),
         "journey 'j' names the service 'c'"),
    "a call without a policy":
        (HEAD + "journeys: {j: {rate: 1/s, deadline: 1s, entry: {service: a, calls: [b]}}}\n",
         (5, 69), "add 'services.a.dependencies.b: {timeout: 120ms}'"),
    "a call to itself without a policy":
        (HEAD + "journeys: {j: {rate: 1/s, deadline: 1s, entry: {service: a, calls: [a]}}}\n",
         (5, 69), "'a' calls 'a' here without saying how"),
    "a key twice": (HEAD + "seed: 1\nseed: 1\n", (6, 1), "'seed' is given twice"),
    "a service twice":
        (HEAD + "  a: {service_time: 2ms}\n", (5, 3), "'a' is given twice, first in line 3"),
    "a fault twice": (HEAD + FAULT + FAULT.splitlines()[1], (7, 3), "'f' is given twice"),
    "an error code twice":
        (HEAD + "  c: {service_time: 1ms, errors: {ERR_500: {rate: 0}, ERR_500: {rate: 0}}}",
         (5, 55), "'ERR_500' is given twice"),
    "an anchor": (HEAD + "description: &x y\n", (5, 14), "anchors (&name) are not used here"),
    "an alias":
        ("name: &x y\nservices: *x\n", (1, 7), "aliases (*name) are not used here"),
    "a bomb of aliases":
        ("a: &a [x, x]\n" + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)}, "
                                    f"*{chr(97 + i)}]\n" for i in range(24)),
         (1, 1), "unknown key 'a'"),
    "a merge key":
        (HEAD + "traffic: {<<: {daily: []}}\n", (5, 11), "merge keys (<<) are not used here"),
    "a tag": (HEAD + "seed: !!int 3\n", (5, 7), "tags (tag:yaml.org,2002:int) are not used here"),
    "two documents": (HEAD + "---\nname: y\n", (6, 1), "a file holds one scenario"),
    "an empty file": ("", (1, 1), "there is no scenario here; see docs/SCENARIO.md"),
    "only a comment": ("# nothing\n", (1, 1), "there is no scenario here"),
    "a list": ("[1, 2]\n", (1, 1), "a scenario must be a map with keys such as 'name'"),
    "a word": ("shop\n", (1, 1), "not 'shop'"),
    "a NUL byte": (b"name: x\0\n", (1, 8), "a NUL byte; this is no YAML text"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", (2, 1), "a control character"),
    "Latin-1": (HEAD.encode() + b"description: caf\xe9\n", (5, 17), "save the file as UTF-8"),
    "UTF-16": ("name: x\n".encode("utf-16"), (1, 4), "a NUL byte; this is no YAML text"),
    "a surrogate": (b"name: \xed\xa0\x80\n", (1, 7), "not valid UTF-8"),
    "a tab for indentation": ("name: x\nservices:\n\ta: {service_time: 1ms}\n", (3, 1),
                              "YAML does not allow tabs for indentation; use spaces"),
    "a tab after spaces": ("name: x\nservices:\n  a:\n  \tservice_time: 1ms\n", (4, 3),
                           "YAML does not allow tabs for indentation; use spaces"),
    "a tab before a list": ("name: x\nservices:\n  a:\n    service_time: 1ms\n    zones:\n"
                            "\t- eu\n", (6, 1), "YAML does not allow tabs for indentation"),
    "half of a surrogate pair": ('{"name": "x",\n "description": "\\ud83d!"}', (2, 18),
                                 "a surrogate needs the other half of its pair beside it"),
    "the other half": ('{"name": "x",\n "description": "a \\ude00\\ud83d"}', (2, 20),
                       "a surrogate needs the other half of its pair beside it"),
    "a name with an underscore":
        ("name: x\nservices:\n  web_frontend: {service_time: 1ms}\n"
         "journeys: {j: {rate: 1/s, deadline: 1s, entry: web_frontend}}\n", (3, 3),
         "'web_frontend' is no name; use lower-case letters, digits and dashes, 63 characters at "
         "most: 'web-frontend'"),
    "a reference with an underscore":
        (HEAD + "  web-frontend: {service_time: 1ms}\n"
         "journeys: {j: {rate: 1/s, deadline: 1s, entry: web_frontend}}\n", (6, 48),
         "did you mean 'web-frontend'?"),
    "a number of retries":
        (HEAD + "  c: {service_time: 1ms, dependencies: {a: {timeout: 1s, retries: 3}}}\n", (5, 67),
         "not '3'; write {max: 3}"),
    "a bracket that is never closed": (HEAD + "traffic: [1, 2\n", (6, 1), "not YAML: "),
    "two colons": (HEAD + "seed: a: b\n", (5, 8), "not YAML: "),
    "a list of 100,000 levels": ("[" * 100_000, (1, 51), "nested deeper than 100 levels"),
    "a map of 100,000 levels": ("{a: " * 100_000, (1, 397), "nested deeper than 100 levels"),
    "dashes of 100,000 levels": ("- " * 100_000, (1, 201), "nested deeper than 100 levels"),
    "question marks of 100,000 levels": ("? " * 100_000, (1, 201), "nested deeper than 100 levels"),
    "calls of 33 levels":
        (HEAD.replace("1ms}", "1ms, dependencies: {a: {timeout: 1s}}}", 1)
         + "journeys:\n  j:\n    rate: 1/s\n    deadline: 1s\n    entry: "
         + "{service: a, calls: [" * 32 + "a" + "]}" * 32,
         (9, 676), "calls nest deeper than 32 levels; flatten the tree"),
    "10 MB of nested YAML":
        (HEAD + "faults:\n" + "".join(f"  f{i}: {{kind: {{kind: {{kind: [[x]]}}}}}}\n"
                                       for i in range(300_000)),
         (1, 1), "larger than 4 MiB"),
    "almost 4 MiB of mistakes":
        (HEAD + "faults:\n" + "".join(f"  f{i}: {{kind: nonsense}}\n" for i in range(130_000)),
         (5, 1), "'faults' has 130000 entries; at most 1000 are possible"),
    "one line of almost 4 MiB": ("x" * (4 << 20), (1, 1), "a scenario must be a map"),
}


class MalformedScenarios(Refusals):

    def test_each_is_told_with_its_place(self):
        outcomes = self.record_all([text for text, _, _ in MISTAKES.values()])
        for (name, (_, place, words)), outcome in zip(MISTAKES.items(), outcomes):
            with self.subTest(name):
                places = self.assert_refused(outcome)
                self.assertEqual(places[0][:2], place, places)
                self.assertIn(words, "\n".join(text for _, _, text in places))

    def test_a_mistake_in_a_declaration_is_told_once(self):
        # Also when references to it have the right name.
        for reference in ("web_frontend", "web-frontend"):
            outcome = self.record(reference, "name: x\nservices:\n  web_frontend: {service_time: "
                                  "1ms}\njourneys: {j: {rate: 1/s, deadline: 1s, entry: "
                                  f"{reference}}}}}\n")
            self.assertEqual(len(self.assert_refused(outcome)), 1)

    def test_what_json_tools_write_is_read(self):
        scenario = {"name": "x", "duration": "1s", "description": "\U0001F600 \\ \u20ac \ue83d/",
                    "services": {"a": {"service_time": "1ms", "messages": ["\U0001F9FF {user}"]}},
                    "journeys": {"j": {"rate": "9/s", "deadline": "1s", "entry": "a"}}}
        plain = dict(scenario, description="\U0001F600 \\ud83d\\ude00")
        digests = set()
        for number, options in enumerate((dict(indent=1), dict(indent="\t"), {},
                                          dict(separators=(",", ":")),
                                          dict(ensure_ascii=False))):
            for variant, value in enumerate((plain, scenario)):
                if variant == 1 and options.get("ensure_ascii", True):
                    continue  # private characters and surrogates together are refused
                done, _ = self.record(f"{number}-{variant}", json.dumps(value, **options))
                self.assertEqual(done.returncode, 0, done.stderr)
                path = os.path.join(self.folder, f"{number}-{variant}", "x.ghog")
                digests.add(shared.run("digest", path).stdout.split()[0])
                shown = shared.run("scenario", "show", os.path.join(
                    self.folder, f"{number}-{variant}", "bad.yaml")).stdout.decode()
                self.assertIn("\U0001F600", shown)
                self.assertIn("\U0001F9FF {user}", shown)
        self.assertEqual(len(digests), 1)

    def test_backslashes_outside_double_quotes_are_no_escapes(self):
        outcome = self.record("raw", "name: x\ndescription: 'a \\ud83d\\uDE00 \\Ud83d'\nservices: "
                              "{a: {service_time: 1ms, messages: [\"\\uD83d\\ude00\"]}}\n"
                              "duration: 1s\n")
        self.assertEqual(outcome[0].returncode, 0, outcome[0].stderr)
        shown = shared.run("scenario", "show",
                           os.path.join(self.folder, "raw", "bad.yaml")).stdout.decode()
        self.assertEqual(yaml.safe_load(shown)["description"], "a \\ud83d\\uDE00 \\Ud83d")
        self.assertEqual(yaml.safe_load(shown)["services"]["a"]["messages"], ["\U0001F600"])

    def test_a_sound_scenario_is_no_refusal(self):
        outcome = self.record("sound", HEAD + "duration: 1s\n")
        self.assertEqual(outcome[0].returncode, 0, outcome[0].stderr)
        self.assertEqual(sorted(outcome[1]), ["bad.yaml", "x.ghog"])
        with self.assertRaises(AssertionError):
            self.assert_refused(outcome)

    def test_what_cannot_be_read_is_told(self):
        folder = os.path.join(self.folder, "folder.yaml")
        os.mkdir(folder)
        unreadable = {folder: "it is a directory", "/nowhere.yaml": "No such file or directory",
                      "/proc/self/mem": "Input/output error", "/dev/zero": "larger than 4 MiB"}
        if os.geteuid() != 0:  # root may read everything
            locked = os.path.join(self.folder, "locked.yaml")
            with open(locked, "w", encoding="utf-8"):
                pass
            os.chmod(locked, 0)
            unreadable[locked] = "Permission denied"
        output = os.path.join(self.folder, "x.ghog")
        for path, words in unreadable.items():
            with self.subTest(path):
                done = shared.run("record", path, "-o", output)
                self.assertEqual((done.returncode, done.stdout), (2, b""))
                self.assertRegex(done.stderr.decode(), rf"\A[^\n]*{path}[^\n]*{words}[^\n]*\n\Z")
                self.assertFalse(os.path.exists(output) or os.path.exists(output + ".partial"))

    def test_line_ends_and_a_byte_order_mark_change_nothing(self):
        plain = shared.full_scenario().replace("12h", "10m")
        variants = [plain, plain.replace("\n", "\r\n"), "\ufeff" + plain,
                    plain.rstrip("\n"), plain + "...\n", "---\n" + plain]
        digests = set()
        for number, text in enumerate(variants):
            done, _ = self.record(number, text)
            self.assertEqual(done.returncode, 0, done.stderr)
            path = os.path.join(self.folder, str(number), "x.ghog")
            digests.add(shared.run("digest", path).stdout.split()[0])
        self.assertEqual(len(digests), 1)


if __name__ == "__main__":
    unittest.main()
