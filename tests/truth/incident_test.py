"""Every incident of every shipped scenario and of cases/, seen through the commands: recorded with
and without it, `diff` and the causes of the records tell the same story."""
import json
import os
import re
import subprocess
import tempfile
import unittest

import yaml

from incidents import CASES, SHIPPED, name_of

PROGRAM = os.path.join(os.environ["GROUNDHOG_BIN_DIR"], "groundhog")
# Long ones end soon after their incident has begun.
DURATIONS = {"az-outage": "23m", "black-friday": "40m", "deploy": "18m", "dynamodb-2015": "22m",
             "overlap": "20m", "retry-storm": "15m"}
# Of a line of `cat --truth`: service, cause without its number, root.
LABELLED = re.compile(rb'^{"service":"([^"]+)".*,"truth":{"cause":"([^"/]+)[^{}]*?"root":"([^"]+)"')
# A fault may change a few records by luck (docs/TRUTH.md, "Its limits"): a service is reached if
# more than this share of what differs is records that only the world with the fault has.
SHARE_BY_LUCK = 0.01


def run(*arguments, code=0):
    done = subprocess.run([PROGRAM, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=120, check=False)
    assert done.returncode == code, (arguments, done.returncode, done.stderr.decode())
    return done.stdout


class Incident:
    """A fault, in the trace with it and in the trace without it."""

    def __init__(self, with_fault, without, name):
        self.name = name
        self.with_fault, self.without = with_fault, without
        self.diff = json.loads(run("diff", "--json", with_fault, without, code=1))
        faults = json.loads(run("info", "--json", with_fault))["faults"]
        occurrences = [fault for fault in faults if fault["name"].split("/")[0] == name]
        self.first = min(occurrences, key=lambda fault: fault["start"])

    def differing(self):
        """{service: how many records differ}, and {service: how many only the fault's world has},
        without zeros."""
        services = self.diff["services"].items()
        return ({name: sum(counts.values()) for name, counts in services if any(counts.values())},
                {name: counts["only_a"] for name, counts in services if counts["only_a"]})


def labelled(path):
    """{fault: {(service, root): records}} of a trace."""
    found = {}
    with subprocess.Popen([PROGRAM, "cat", path, "--truth"], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE) as process:
        for line in process.stdout:
            if label := LABELLED.match(line):
                service, fault, root = (part.decode() for part in label.groups())
                records = found.setdefault(fault, {})
                records[service, root] = records.get((service, root), 0) + 1
    assert process.returncode == 0
    return found


class IncidentTest(unittest.TestCase):

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = temporary.name

    def record(self, path, name, *options):
        trace = os.path.join(self.folder, name + ".ghog")
        if (duration := DURATIONS.get(name_of(path))) is not None:
            options = (*options, "--duration", duration)
        run("record", path, "-q", "--no-expect", "-o", trace, *options)
        return trace

    def assert_named(self, incident, labels):
        """What differs is this fault in the scenario, and it is the cause of records that only the
        trace with it has."""
        self.assertEqual([key["key"] for key in incident.diff["scenario"]["keys"]],
                         ["faults." + incident.name])
        causes = {cause["cause"].split("/")[0]: cause for cause in incident.diff["causes"]
                  if cause["cause"]}
        cause = causes[incident.name]
        self.assertGreater(cause["only_a"] + cause["different"], 0)
        self.assertEqual(cause["only_b"], 0)
        self.assertEqual({root for _, root in labels}, {incident.first["target"]})

    def assert_reached(self, incident, labels):
        """Each service with a labelled record differs, the root too; and each service with records
        that the fault has added, by more than luck, has labelled ones."""
        differing, added = incident.differing()
        services = {service for service, _ in labels}
        self.assertIn(incident.first["target"], differing)
        self.assertLessEqual(services, set(differing))
        reached = {service for service, count in added.items()
                   if count > SHARE_BY_LUCK * differing[service]}
        self.assertLessEqual(reached, services)

    def assert_nothing_before(self, incident):
        first, start = incident.diff["first"]["time"], incident.first["start"]
        self.assertTrue(start <= first < incident.first["end"], (start, first))
        before = [run("cat", trace, "--truth", "--until", start)
                  for trace in (incident.with_fault, incident.without)]
        self.assertGreater(len(before[0]), 0)
        self.assertTrue(before[0] == before[1], "the lines before the start are the same bytes")

    def check(self, paths):
        """The number of incidents."""
        count = 0
        for path in paths:
            with open(path, encoding="utf-8") as file:
                faults = list(yaml.safe_load(file).get("faults") or {})
            if not faults:
                continue
            with_all = self.record(path, "with")
            labels = labelled(with_all)
            self.assertEqual(set(labels), set(faults), path)
            for fault in faults:
                count += 1
                with self.subTest(scenario=name_of(path), fault=fault):
                    incident = Incident(with_all, self.record(path, "without", "--without", fault),
                                        fault)
                    self.assert_named(incident, labels[fault])
                    self.assert_reached(incident, labels[fault])
                    self.assert_nothing_before(incident)
        return count

    def test_shipped_scenarios(self):
        self.assertGreaterEqual(self.check(SHIPPED), 9)

    def test_cases(self):
        self.assertGreaterEqual(self.check(CASES), 13)


if __name__ == "__main__":
    unittest.main()
