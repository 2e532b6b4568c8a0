"""What a change of a scenario must not touch, for every scenario that ships and every fault in it:
an added service without a connection to others changes no other records; a removed fault
leaves all records before its start, and at all times the records of services that are not connected
to its target."""
import hashlib
import json
import os
import subprocess
import tempfile
import unittest

import yaml

PROGRAM = os.path.join(os.environ["GROUNDHOG_BIN_DIR"], "groundhog")
# Two services that are called only by a journey of their own.
ISLAND = [
    "services.island-a={hosts: 2, service_time: {p50: 4ms, p99: 20ms}, errors: {ERR_500: {rate: "
    "0.01}}, dependencies: {island-b: {timeout: 30ms, retries: {max: 1}}}}",
    "services.island-b={service_time: {exponential: 5ms}}",
    "journeys.island={rate: 1/s, deadline: 200ms, entry: {service: island-a, calls: [island-b]}}",
]
ISLANDERS = {"island-a", "island-b"}


def run(*arguments):
    return subprocess.run([PROGRAM, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          check=True).stdout


def shipped():
    return [line.split()[0] for line in run("scenario", "list").decode().splitlines()]


def settings(changes):
    return [part for change in changes for part in ("--set", change)]


class World:
    """A scenario in effect, as `scenario show` prints it."""

    def __init__(self, name, *options):
        self.scenario = yaml.load(run("scenario", "show", name, *options), Loader=yaml.BaseLoader)
        self.services = set(self.scenario["services"])
        self.faults = list(self.scenario.get("faults") or {})

    def entry(self, journey):
        return self.scenario["journeys"][journey]["entry"]["service"]

    def links(self):
        """Pairs of services that may affect each other: caller and callee, and services that the
        same closed-loop users visit."""
        for name, service in self.scenario["services"].items():
            for callee in service.get("dependencies") or {}:
                yield name, callee
        for users in (self.scenario.get("users") or {}).values():
            entries = [self.entry(step["journey"]) for step in users["session"]]
            for entry in entries:
                yield entries[0], entry

    def connected(self, services):
        """All services with an undirected path to one of these."""
        found, links = set(services), list(self.links())
        while True:
            more = {other for pair in links if set(pair) & found for other in pair} - found
            if not more:
                return found
            found |= more


class Trace:

    def __init__(self, folder, name, *options):
        self.path = os.path.join(folder, f"{len(os.listdir(folder))}.ghog")
        run("record", name, *options, "--no-expect", "--quiet", "-o", self.path)

    def info(self):
        return json.loads(run("info", "--json", self.path))

    def digest_of(self, *options):
        """The hash and the number of bytes of the lines that `cat` prints, truth included."""
        process = subprocess.Popen([PROGRAM, "cat", self.path, "--truth", *options],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        hashed, size = hashlib.blake2b(), 0
        while block := process.stdout.read(1 << 20):
            hashed.update(block)
            size += len(block)
        assert process.wait() == 0
        return size, hashed.hexdigest()

    def of_services(self, services):
        return self.digest_of(*[part for name in sorted(services) for part in ("--service", name)])


class CounterfactualTest(unittest.TestCase):

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = temporary.name

    def test_an_unconnected_service_changes_no_other_record(self):
        for name in shipped():
            with self.subTest(name):
                plain, more = Trace(self.folder, name), Trace(self.folder, name, *settings(ISLAND))
                self.assertEqual(more.of_services(World(name).services), plain.digest_of())
                self.assertGreater(more.of_services(ISLANDERS)[0], 1000, "the island logs")
                self.assertNotEqual(more.digest_of(), plain.digest_of())

    def assert_unchanged_rest(self, name, fault, with_fault):
        world = World(name, *settings(ISLAND))
        without = Trace(self.folder, name, *settings(ISLAND), "--without", fault)
        occurrences = [o for o in with_fault.info()["faults"]
                       if o["name"].split("/")[0] == fault]
        self.assertTrue(occurrences, "the fault occurs")
        start = min(occurrence["start"] for occurrence in occurrences)
        self.assertEqual(without.digest_of("--until", start),
                         with_fault.digest_of("--until", start))
        self.assertNotEqual(without.digest_of("--from", start),
                            with_fault.digest_of("--from", start))
        untouched = world.services - world.connected({occurrences[0]["target"]})
        self.assertLessEqual(ISLANDERS, untouched)
        self.assertEqual(without.of_services(untouched), with_fault.of_services(untouched))

    def test_a_removed_fault_changes_nothing_before_it_nor_what_is_not_connected(self):
        tried = 0
        for name in shipped():
            with_fault = Trace(self.folder, name, *settings(ISLAND))
            for fault in World(name).faults:
                tried += 1
                with self.subTest(f"{name} --without {fault}"):
                    self.assert_unchanged_rest(name, fault, with_fault)
        self.assertGreaterEqual(tried, 4)

    def test_a_fault_on_the_island_changes_nothing_but_the_island(self):
        fault = ("faults.storm={kind: error_rate, rate: 0.5, target: island-b, at: 10m, for: 20m}")
        options = ["--duration", "1h", *settings(ISLAND)]
        calm = Trace(self.folder, "shop", *options)
        stormy = Trace(self.folder, "shop", *options, *settings([fault]))
        world = World("shop", *settings([*ISLAND, fault]))
        self.assertEqual(world.connected({"island-b"}), ISLANDERS)
        rest = world.services - ISLANDERS
        self.assertEqual(stormy.of_services(rest), calm.of_services(rest))
        self.assertNotEqual(stormy.of_services(ISLANDERS), calm.of_services(ISLANDERS))


if __name__ == "__main__":
    unittest.main()
