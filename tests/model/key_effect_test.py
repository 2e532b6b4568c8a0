"""Every key of a scenario has its intended effect on the recording: a key that is ignored, or that
has no entry in the table, fails here."""
import functools
import json
import os
import statistics
import tempfile
import unittest

import scenario_schema as shared
from key_effects import BASICS
from key_effects_claims import CLAIMS
from key_effects_faults import DEPTH
from key_effects_traffic import TRAFFIC

EFFECTS = [*BASICS, *TRAFFIC, *DEPTH, *CLAIMS]
WORLD = os.path.join(shared.SOURCE, "tests", "model", "key_effects.yaml")


def seconds(record):
    """A record's time, from noon."""
    hours, minutes, rest = record["timestamp"][11:-1].split(":")
    return (int(hours) - 12) * 3600 + int(minutes) * 60 + float(rest)


class Trace:
    """One recording, read from its JSON lines with truth."""

    def __init__(self, folder, changes):
        path = os.path.join(folder, "trace.ghog")
        options = [part for change in changes for part in ("--set", change)]
        done = shared.run("record", WORLD, *options, "--quiet", "-o", path)
        self.broken = done.stderr.decode().splitlines()  # expectations; the record is whole
        assert done.returncode == (1 if self.broken else 0), f"{changes}: {self.broken}"
        self.options = options
        self.info = json.loads(shared.run("info", "--json", path).stdout)
        self.digest = self.info["digest"]
        self.lines = shared.run("cat", path, "--truth").stdout.splitlines()

    @functools.cached_property
    def shown(self):
        return shared.run("scenario", "show", WORLD, *self.options).stdout.decode()

    @functools.cached_property
    def records(self):
        return [json.loads(line) for line in self.lines]

    def common_beginning(self, other):
        pairs = zip(self.lines, other.lines)
        different = (i for i, (one, another) in enumerate(pairs) if one != another)
        return self.lines[:next(different, min(len(self.lines), len(other.lines)))]

    def _of(self, service):
        return [r for r in self.records if service in (None, r["service"])]

    def hosts(self, service):
        return {r["hostname"] for r in self._of(service)}

    def spans(self, service):
        """The records of spans that ended; not those of retries."""
        return [r for r in self._of(service)
                if "call_path" in r["truth"] and "retrying" not in r["truth"]["template"]]

    def intervals(self, service=None):
        return [r for r in self._of(service) if "call_path" not in r["truth"]]

    def degraded(self, service):
        return [r for r in self.intervals(service) if r["level"] == "WARN"]

    def errors(self, service):
        return [r for r in self._of(service) if r["level"] == "ERROR"]

    def warnings(self, service):
        return sum(r["level"] == "WARN" for r in self._of(service))

    def failures(self, code, service=None):
        return sum(r.get("error_code") == code for r in self._of(service))

    def failed_last(self, code):
        return [r["timestamp"] for r in self.records if r.get("error_code") == code][-1]

    def retries(self, service):
        return len(self.backoffs_ms(service))

    def backoffs_ms(self, service):
        """The pauses before further attempts, from the retries' records."""
        return [round(r["truth"]["slots"][-1] / 1e6, 3) for r in self._of(service)
                if "retrying" in r["truth"]["template"]]

    def attempts(self, service):
        return [r["truth"]["attempt"] for r in self.spans(service)]

    def is_on_grid(self, unit_ns):
        return all(r["truth"]["duration_ns"] % unit_ns == 0 for r in self.records)

    def durations_ms(self, service):
        """Of spans that went well."""
        return [r["truth"]["duration_ns"] / 1e6 for r in self.spans(service)
                if r["level"] != "ERROR"]

    def mean_ms(self, service):
        return statistics.mean(self.durations_ms(service))

    def median_ms(self, service):
        return statistics.median(self.durations_ms(service))

    def mean_wait_ms(self, service):
        return statistics.mean(r["truth"]["queue_wait_ns"] / 1e6 for r in self.spans(service))

    def all_ms(self, service):
        """Of all spans."""
        return [r["truth"]["duration_ns"] / 1e6 for r in self.spans(service)]

    def mean_of(self, records):
        return statistics.mean(r["truth"]["duration_ns"] / 1e6 for r in records)

    def waits_ms(self, service):
        return [r["truth"]["queue_wait_ns"] / 1e6 for r in self.spans(service)]

    def within(self, service, start, end):
        """The spans that ended from `start` to `end`, in seconds from noon."""
        return [r for r in self.spans(service) if start <= seconds(r) < end]

    def failures_within(self, code, start, end):
        return sum(r.get("error_code") == code and start <= seconds(r) < end
                   for r in self.records)

    def count(self, path):
        """Of a call path's spans."""
        return sum(r["truth"]["call_path"] == path for r in self.spans(None))

    def share(self, path):
        return self.count(path) / len(self.spans(None))

    def longest_pause_s(self, service):
        """Between two spans of a service in one request."""
        last, longest = {}, 0
        for record in self.spans(service):
            now, trace_id = seconds(record), record["trace_id"]
            longest = max(longest, now - last.get(trace_id, now))
            last[trace_id] = now
        return longest

    def silence(self, hostname):
        """The longest time without a span of a host: (from, to, length), in seconds."""
        times = [seconds(r) for r in self.spans(None) if r["hostname"] == hostname]
        return max(((a, b, b - a) for a, b in zip(times, times[1:])), key=lambda gap: gap[2])

    def skews_s(self, service):
        """How far each record's time is from that of the record before it, of another service."""
        skews, last = [], None
        for record in self.records:
            if record["service"] != service:
                last = seconds(record)
            elif last is not None:
                skews.append(seconds(record) - last)
        return skews

    def caused_dependencies(self, service):
        """Records with a cause, of a service about a callee."""
        return sum("dependency" in r for r in self.caused(service))

    def trace_ids(self):
        return {r["trace_id"] for r in self.records}

    def paths(self):
        return {r["truth"]["call_path"] for r in self.records if "call_path" in r["truth"]}

    def caused(self, service=None):
        return [r for r in self._of(service) if "cause" in r["truth"]]

    def refusing_hosts(self, service):
        """Hosts that refused work because of a fault."""
        return {r["hostname"] for r in self.caused(service) if r.get("error_code") == "ERR_503"}

    def causes(self):
        return {r["truth"]["cause"] for r in self.caused()}

    def roots(self):
        return {r["truth"]["root"] for r in self.caused()}


@functools.lru_cache(maxsize=4)
def record(changes):
    with tempfile.TemporaryDirectory() as folder:
        return Trace(folder, changes)


class KeyEffectTest(unittest.TestCase):

    def test_every_key_of_the_schema_has_an_entry_and_no_other(self):
        keys = [f"{name}.{key}" for name, key, _ in shared.keys(shared.load_schema())]
        self.assertEqual(sorted(effect.key for effect in EFFECTS), sorted(keys))

    def test_each_entry_changes_its_key(self):
        for effect in EFFECTS:
            with self.subTest(effect.key):
                path = effect.change.split("=", 1)[0].split(".")
                name = effect.key.split(".")[1]
                # By its path, or within the map that it belongs to.
                self.assertTrue(name in path[-2:] or f"{name}: " in effect.change)

    def test_each_key_has_its_effect(self):
        for effect in EFFECTS:
            with self.subTest(effect.key):
                before = record(tuple(effect.given))
                after = record((*effect.given, effect.change))
                self.assertEqual(after.digest == before.digest, effect.is_outside)
                self.assertTrue(effect.claim(before, after), "not what the key is meant to do")
                self.assertFalse(effect.claim(before, before), "a claim that would always hold")


if __name__ == "__main__":
    unittest.main()
