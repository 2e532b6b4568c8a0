"""The JSON Schema that `groundhog scenario schema` prints."""
import copy
import os
import re
import unittest

import jsonschema
import scenario_schema as shared


class ScenarioSchemaTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.schema = shared.load_schema()
        cls.validator = shared.validator(cls.schema)
        cls.full = shared.load(shared.full_scenario())

    def test_it_is_a_sound_schema(self):
        jsonschema.Draft202012Validator.check_schema(self.schema)
        with self.assertRaises(jsonschema.SchemaError):
            broken = copy.deepcopy(self.schema)
            broken["$defs"]["service"]["properties"]["hosts"]["minimum"] = "1"
            jsonschema.Draft202012Validator.check_schema(broken)

    def test_every_shipped_scenario_is_valid(self):
        names = [name for name in os.listdir(os.path.join(shared.SOURCE, "scenarios"))
                 if name.endswith(".yaml")]
        self.assertIn("shop.yaml", names)
        for name in names:
            with self.subTest(name):
                self.validator.validate(shared.load(shared.read("scenarios", name)))

    def test_the_scenario_with_every_key_is_valid(self):
        self.validator.validate(self.full)

    def test_every_scenario_in_the_documentation_is_valid(self):
        examples = re.findall(r"```yaml\n(.*?)```", shared.read("docs", "SCENARIO.md"), re.S)
        whole = [text for text in examples if re.search(r"^services:", text, re.M)]
        self.assertTrue(whole)
        for text in whole:
            self.validator.validate(shared.load(text))

    def test_the_effective_scenario_is_valid(self):
        done = shared.run("scenario", "show", "shop")
        self.validator.validate(shared.load(done.stdout.decode()))

    def test_every_key_has_a_meaning_and_a_type(self):
        for name, key, part in shared.keys(self.schema):
            with self.subTest(f"{name}.{key}"):
                self.assertRegex(part["description"], r"\A[A-Z0-9].*\. Value: .*\. "
                                                      r"(Required|Default: .*)\.\Z")
                self.assertTrue({"type", "$ref", "anyOf", "enum"} & set(part))

    def test_every_default_is_valid(self):
        for name, key, part in shared.keys(self.schema):
            if "default" in part:
                with self.subTest(f"{name}.{key}"):
                    shared.validator(self.schema, part).validate(part["default"])

    def test_the_full_scenario_has_every_object(self):
        found = {name for name, _, _ in shared.instances(self.schema, self.full)}
        self.assertEqual(found, set(self.schema["$defs"]))

    def test_unknown_keys_are_invalid_in_every_object(self):
        for name, path, _ in shared.instances(self.schema, self.full):
            with self.subTest(name):
                changed = shared.with_value(self.full, (*path, "nonsense"), 1)
                self.assertFalse(self.validator.is_valid(changed))

    def faults(self):
        return {fault["kind"]: (name, fault) for name, fault in self.full["faults"].items()}

    def test_keys_of_another_kind_are_invalid(self):
        # A value that is right where the key belongs.
        values = {key: value for _, fault in self.faults().values() for key, value in fault.items()}
        kinds = self.schema["$defs"]["fault"]["properties"]["kind"]["enum"]
        self.assertEqual(sorted(self.faults()), sorted(kinds))
        tried = 0
        for rule in self.schema["$defs"]["fault"]["allOf"]:
            kind = rule["if"]["properties"].get("kind", {}).get("const")
            for key in rule["then"].get("properties", {}) if kind else []:
                with self.subTest(f"{kind} with {key}"):
                    path = ("faults", self.faults()[kind][0], key)
                    changed = shared.with_value(self.full, path, values[key])
                    self.assertFalse(self.validator.is_valid(changed))
                    tried += 1
        self.assertGreater(tried, 50)

    def test_keys_that_a_kind_requires_are_missed(self):
        for kind, key in (("latency", "factor"), ("error_rate", "rate"), ("clock_skew", "skew"),
                          ("outage", "for"), ("crash", "mttr")):
            with self.subTest(f"{kind} without {key}"):
                changed = shared.without(self.full, ("faults", self.faults()[kind][0], key))
                self.assertFalse(self.validator.is_valid(changed))

    def test_keys_that_exclude_each_other_are_invalid_together(self):
        calls = ("services", "caller", "dependencies")
        for path, value in ((("faults", "crashes", "for"), "5m"),
                            (("faults", "slow", "zones"), ["eu"]),
                            ((*calls, "mailer", "timeout"), "1s"),
                            ((*calls, "steady", "async"), True)):
            with self.subTest(path):
                self.assertFalse(self.validator.is_valid(shared.with_value(self.full, path, value)))
        self.assertTrue(self.validator.is_valid(
            shared.with_value(self.full, (*calls, "steady", "async"), False)))

    def test_every_required_key_is_missed(self):
        for name, path, value in shared.instances(self.schema, self.full):
            for key in self.schema["$defs"][name].get("required", []):
                with self.subTest(f"{name}.{key}"):
                    self.assertIn(key, value)
                    changed = shared.without(self.full, (*path, key))
                    self.assertFalse(self.validator.is_valid(changed))


if __name__ == "__main__":
    unittest.main()
