"""What `groundhog explain` says of an incident is there in the day and not in the same day without
the fault: for each fault of each shipped scenario and of cases/, from the lines of `groundhog cat`
alone, with no regard to how the program does it."""
import collections
import datetime
import glob
import json
import os
import re
import subprocess
import tempfile
import unittest

PROGRAM = os.path.join(os.environ["GROUNDHOG_BIN_DIR"], "groundhog")
SOURCE = os.path.dirname(os.path.abspath(__file__))
SCENARIOS = os.path.join(SOURCE, "../../scenarios")
CASES = os.path.join(SOURCE, "cases")
# What makes a run short: its incidents come early, and pass soon.
SHORT = {
    "shop": {"duration": "2h", "faults.user-replicas-down.time_of_day": "'00:10'",
             "faults.user-replicas-down.for": "15m", "faults.search-slow.time_of_day": "'00:30'",
             "faults.search-slow.for": "20m", "faults.auth-outage.time_of_day": "'00:55'",
             "faults.auth-outage.for": "10m", "faults.payment-errors.time_of_day": "'01:15'",
             "faults.payment-errors.for": "30m"},
    "black-friday": {"duration": "40m", "faults.crowd.at": "10m", "faults.crowd.for": "15m"},
    "cascade": {"duration": "35m"},
    "outage": {"duration": "35m"},
    "gray-failure": {"duration": "30m"},
    "retry-storm": {"duration": "20m"},
    "az-outage": {"duration": "6m", "faults.zone-api.at": "2m", "faults.zone-api.for": "2m"},
    "client-retries": {"duration": "20m"},
    "deploy": {"duration": "21m"},
    "dynamodb-2015": {"duration": "25m"},
    "osdi22-mongo-retry": {"duration": "100s"},
    "overlap": {"duration": "20m"},
}
# In seconds: partners of records come so much earlier, or later, at most.
APART = 60
ROOTS_OF_LINKS = ("partition", "loss")
FAILED_ANSWERS = ("refused", "rejected", "error answer")


def run(*arguments):
    done = subprocess.run([PROGRAM, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=300, check=False)
    assert done.returncode == 0, (arguments, done.stderr.decode())
    return done.stdout


def nanoseconds(text):
    """Since 1970, of an RFC 3339 time."""
    whole, fraction = re.fullmatch(r"([^.Z]+)(?:\.(\d+))?Z", text).groups()
    moment = datetime.datetime.fromisoformat(whole).replace(tzinfo=datetime.timezone.utc)
    return int(moment.timestamp()) * 10**9 + int((fraction or "0").ljust(9, "0"))


def in_seconds(duration):
    """Of "1h20m"."""
    units = {"h": 3600, "m": 60, "s": 1}
    return sum(int(count) * units[unit] for count, unit in re.findall(r"(\d+)([hms])", duration))


class Record:
    """A record of a request, with what of it matters here."""

    def __init__(self, line):
        truth = line["truth"]
        self.service, self.level = line["service"], line["level"]
        self.code = line.get("error_code")
        self.dependency = line.get("dependency")
        self.host = line["hostname"]
        # Whole milliseconds, rounded down.
        self.time = nanoseconds(line["timestamp"])
        self.duration, self.wait = truth["duration_ns"], truth["queue_wait_ns"]
        self.is_of_user = truth.get("parent_span") is None
        self.path = truth["call_path"].split("/")
        self.attempt = truth["attempt"]
        self.message = line["message"]
        self.is_retry = self.level == "WARN" and "retrying" in self.message
        self.is_timeout = "timed out" in self.message or "No answer" in self.message
        self.is_degraded = self.level == "WARN" and bool(
            re.search("Fallback in use|is not available, served request", self.message))
        self.place = (line["trace_id"], truth["call_path"], truth["span"], truth["attempt"])

    @property
    def what(self):
        """Which failure of which call is tried again."""
        return self.dependency, self.is_timeout

    @property
    def caller(self):
        return self.path[-2] if len(self.path) > 2 else None

    def work(self):
        return self.duration - self.wait if self.wait < self.duration else self.duration


def is_longer(one, other):
    return one - other > 10**6 and one - other > other // 10


class Day:
    """A trace from a time on: the record that ends each span, by its place, and those of
    attempts."""

    def __init__(self, path, since):
        self.ends, self.own = {}, set()
        self.retries = collections.defaultdict(list)
        for text in run("cat", "--truth", f"--from={since}s", path).splitlines():
            line = json.loads(text)
            if "call_path" not in line["truth"]:
                self.own.add((line["hostname"], line["service"], nanoseconds(line["timestamp"])))
                continue
            record = Record(line)
            if record.is_retry:
                self.retries[record.place].append(record)
            else:
                assert record.place not in self.ends, "one record ends a span"
                self.ends[record.place] = record


class Evidence:
    """What `day` has and `other` has not: the times of the records, by what they show."""

    def __init__(self, day, other, since, until):
        self.states, self.edges = collections.defaultdict(list), collections.defaultdict(list)
        self.alarms = collections.defaultdict(lambda: collections.defaultdict(list))
        is_in = lambda record: since <= record.time < until
        for place, a in filter(lambda each: is_in(each[1]), day.ends.items()):
            self.take_end(a, other.ends.get(place))
        for place, records in day.retries.items():
            there = collections.Counter(b.what for b in other.retries.get(place, []))
            for a in filter(is_in, records):
                there[a.what] -= 1
                if there[a.what] < 0:
                    self.take_retry(a)
        for place, b in filter(lambda each: is_in(each[1]), other.ends.items()):
            if b.is_of_user and place not in day.ends:
                self.alarms[b.service]["missing"].append(b.time)
        for _, service, time in day.own ^ other.own:
            if since <= time < until:
                self.states[service, "silent"].append(time)

    def take_retry(self, a):
        how = "timeout" if a.is_timeout else "error answer"
        self.edges[a.dependency, a.service, how].append(a.time)
        self.edges[a.service, a.dependency, "retries"].append(a.time)

    def take_end(self, a, b):
        if b is None:
            self.states[a.service, "extra load"].append(a.time)
            if a.attempt == 1 and a.caller:
                self.edges[a.caller, a.service, "more calls"].append(a.time)
        else:
            self.take_times(a, b)
        if a.level == "ERROR" and (b is None or a.code != b.code):
            self.take_error(a)
        elif a.is_of_user and b is not None and is_longer(a.duration, b.duration):
            self.alarms[a.service]["slowed"].append(a.time)
        if a.is_degraded and not (b and b.is_degraded and b.dependency == a.dependency):
            self.states[a.service, "degraded"].append(a.time)
            self.edges[a.dependency, a.service, "fallback"].append(a.time)

    def take_times(self, a, b):
        if is_longer(a.wait, b.wait):
            self.states[a.service, "queueing"].append(a.time)
        if is_longer(a.work(), b.work()):
            self.states[a.service, "slow"].append(a.time)
        if is_longer(a.duration, b.duration) and a.level != "ERROR" and not a.is_degraded:
            self.edges[a.dependency, a.service, "slow answer"].append(a.time)
        if a.host != b.host:
            self.edges[a.service, a.service, "moved load"].append(a.time)

    def take_error(self, a):
        if a.is_of_user:
            self.alarms[a.service]["failed"].append(a.time)
        state = {"ERR_503": "down", "ERR_429": "refusing", "ERR_529": "refusing",
                 "ERR_408": "refusing", "ERR_530": "refusing", "ERR_499": "abandoned"}
        self.states[a.service, state.get(a.code, "failing")].append(a.time)
        how = {"ERR_504": "timeout", "ERR_502": "error answer", "ERR_530": "breaker open"}
        if a.code in how and a.dependency:
            self.edges[a.dependency, a.service, how[a.code]].append(a.time)


class ExplainTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = temporary.name

    def explain(self, path):
        """Yields what is said of each incident of a scenario, and the independent evidence."""
        name = os.path.basename(path).removesuffix(".yaml")
        trace, longer, healthy = (os.path.join(self.folder, each + ".ghog")
                                  for each in ("day", "longer", "healthy"))
        changes = [f"--set={key}={value}" for key, value in SHORT.get(name, {}).items()]
        run("record", path, *changes, "--no-expect", "--quiet", "-o", trace)
        info = json.loads(run("info", "--json", trace))
        begin, seconds = nanoseconds(info["start"]), in_seconds(info["duration"])
        # What is in flight at the end is not missing: it comes later.
        run("record", trace, f"--duration={seconds + APART}s", "--no-expect", "--quiet", "-o",
            longer)
        incidents = json.loads(run("explain", "--json", trace))["incidents"]
        starts = [nanoseconds(each["incident"]["start"]) for each in incidents]
        before = lambda time: max(0, (time - begin) // 10**9 - APART)
        day = Day(longer, before(min(starts, default=begin)))
        for told, start in zip(incidents, starts):
            fault = told["incident"]["cause"].split("/")[0]
            run("record", longer, "--without", fault, "--no-expect", "--quiet", "-o", healthy)
            self.assertEqual(told["incident"]["occurrences"], 1, "the first has no end otherwise")
            # Timestamps are cut to milliseconds.
            yield name, told, Evidence(day, Day(healthy, before(start)), start // 10**6 * 10**6,
                                       begin + seconds * 10**9)

    def check_evidence(self, entry, first, times):
        """The records that are said to show it are among those that do."""
        self.assertGreaterEqual(len(times), entry["records"], entry)
        self.assertIn(nanoseconds(first) // 10**6 * 10**6, times, entry)

    def check(self, told, evidence):
        incident = told["incident"]
        is_link = incident["kind"] in ROOTS_OF_LINKS
        ends = {edge[end] for edge in told["edges"] for end in ("from", "to")}
        self.assertTrue(told["root"] == incident["target"] or (is_link and told["root"] in ends))
        for node in told["nodes"]:
            for state in node["states"]:
                self.assertGreaterEqual(state["onset"], incident["start"])
                self.assertGreaterEqual(state["end"], state["onset"])
                self.check_evidence(state, state["onset"],
                                    evidence.states[node["service"], state["state"]])
        for edge in told["edges"]:
            self.assertGreaterEqual(edge["first"], incident["start"])
            how = "error answer" if edge["mechanism"] in FAILED_ANSWERS else edge["mechanism"]
            self.check_evidence(edge, edge["first"], evidence.edges[edge["from"], edge["to"], how])
        self.check_alarms(told, evidence)

    def check_alarms(self, told, evidence):
        counts = {service: {kind: len(times[kind]) for kind in ("failed", "slowed", "missing")}
                  for service, times in evidence.alarms.items()}
        self.assertEqual({alarm["service"]: {kind: alarm[kind] for kind in counts[alarm["service"]]}
                          for alarm in told["alarms"]}, counts)
        for alarm in told["alarms"]:
            self.assertGreaterEqual(alarm["first"], told["incident"]["start"])
            times = [time for each in evidence.alarms[alarm["service"]].values() for time in each]
            self.assertEqual(nanoseconds(alarm["first"]) // 10**6 * 10**6, min(times))

    def check_all(self, paths):
        incidents = 0
        for path in paths:
            for name, told, evidence in self.explain(path):
                incidents += 1
                with self.subTest(scenario=name, cause=told["incident"]["cause"]):
                    self.check(told, evidence)
        return incidents

    def test_shipped_scenarios(self):
        paths = sorted(glob.glob(os.path.join(SCENARIOS, "*.yaml")))
        self.assertGreaterEqual(self.check_all(paths), 6)

    def test_cases(self):
        paths = sorted(glob.glob(os.path.join(CASES, "*.yaml")))
        self.assertGreaterEqual(self.check_all(paths), 11)

    def test_a_wrong_graph_is_found(self):
        """The check itself can fail."""
        _, told, evidence = next(self.explain(os.path.join(SCENARIOS, "outage.yaml")))
        self.check(told, evidence)
        forgeries = [lambda t: t.update(root="web"), lambda t: t["alarms"][0].update(failed=1),
                     lambda t: t["edges"][0].update(records=10**9),
                     lambda t: t["edges"][0].update(mechanism="breaker open"),
                     lambda t: t["nodes"][0]["states"][0].update(state="queueing")]
        for forge in forgeries:
            forged = json.loads(json.dumps(told))
            forge(forged)
            with self.assertRaises(AssertionError):
                self.check(forged, evidence)


if __name__ == "__main__":
    unittest.main()
