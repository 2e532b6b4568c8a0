"""The JSON Schema of scenarios, and scenarios as an editor sees them: what tests of both share."""
import copy
import json
import os
import re
import subprocess

import jsonschema
import yaml

PROGRAM = os.path.join(os.environ["GROUNDHOG_BIN_DIR"], "groundhog")
SOURCE = os.environ["GROUNDHOG_SOURCE_DIR"]


def read(*path):
    with open(os.path.join(SOURCE, *path), encoding="utf-8") as file:
        return file.read()


def full_scenario():
    """The scenario with every key once, as text."""
    return read("tests", "model", "full_scenario.yaml")


def run(*arguments):
    """Runs groundhog and returns what subprocess.run does, with bytes for the outputs."""
    return subprocess.run([PROGRAM, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=120, check=False)


def load_schema():
    done = run("scenario", "schema")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def with_value(scenario, path, value):
    """A copy with one value changed or added."""
    changed = copy.deepcopy(scenario)
    place = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return changed


def without(scenario, path):
    """A copy with one key left out."""
    changed = copy.deepcopy(scenario)
    place = changed
    for step in path[:-1]:
        place = place[step]
    del place[path[-1]]
    return changed


class EditorLoader(yaml.SafeLoader):
    """YAML 1.2's core schema, by which editors read: no dates, no yes and no, no base 60."""
    yaml_implicit_resolvers = {}


EditorLoader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(~|null|Null|NULL|)$"),
                                   ["~", "n", "N", ""])
EditorLoader.add_implicit_resolver("tag:yaml.org,2002:bool",
                                   re.compile(r"^(true|True|TRUE|false|False|FALSE)$"),
                                   list("tTfF"))
EditorLoader.add_implicit_resolver("tag:yaml.org,2002:int",
                                   re.compile(r"^([-+]?[0-9]+|0x[0-9a-fA-F]+)$"),
                                   list("-+0123456789"))
EditorLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.inf|\.nan)$"),
    list("-+.0123456789"))


def load(text):
    """What an editor makes of a scenario."""
    return yaml.load(text, Loader=EditorLoader)


def validator(schema, part=None):
    """Of the whole schema, or of one part with the whole's definitions."""
    if part is not None:
        schema = {**part, "$defs": schema["$defs"]}
    return jsonschema.Draft202012Validator(schema)


def keys(schema):
    """Yields (object, key, the key's schema) of every key of the table."""
    for name, definition in schema["$defs"].items():
        for key, part in definition["properties"].items():
            yield name, key, part


def references(part):
    """The objects that a value of this schema may be a map of."""
    options = [part, *part.get("anyOf", [])]
    return [option["$ref"].rsplit("/", 1)[1] for option in options if "$ref" in option]


def instances(schema, value, part=None, path=()):
    """Yields (object, path, value) of every map in a scenario that one of the objects describes.
    A path is a tuple of keys and of numbers into lists."""
    part = schema if part is None else part
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from instances(schema, item, part.get("items", {}), (*path, number))
    if not isinstance(value, dict):
        return
    for name in references(part):
        if not set(value) <= set(schema["$defs"][name]["properties"]):
            continue
        yield name, path, value
        for key, inner in value.items():
            properties = schema["$defs"][name]["properties"]
            yield from instances(schema, inner, properties.get(key, {}), (*path, key))
    for key, inner in value.items():
        if isinstance(part.get("additionalProperties"), dict):
            yield from instances(schema, inner, part["additionalProperties"], (*path, key))
