"""groundhog stats: every figure is what the lines of `groundhog cat` give, computed here again
record by record."""
import collections
import datetime
import json
import math
import os
import re
import subprocess
import unittest

from groundhog import CliTest, PROGRAM, read, run, with_header

SOURCE = os.environ["GROUNDHOG_SOURCE_DIR"]
KEYS = ["records", "first_time", "last_time", "services", "dependencies", "failure_patterns",
        "error_codes", "hours", "days", "alerts", "trace_ids", "causes"]
BOUNDS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, None]
SECONDS = {"1s": 1, "1m": 60, "1h": 3600}


def percentile(latencies, share):
    """PostgreSQL's percentile_cont."""
    ordered = sorted(latencies)
    row = share * (len(ordered) - 1)
    low, high = ordered[math.floor(row)], ordered[math.ceil(row)]
    return low + (row - math.floor(row)) * (high - low)


def latencies(records):
    return [record["latency_ms"] for record in records]


def errors(records):
    return sum(record["level"] == "ERROR" for record in records)


def mean_and_p95(records):
    return {"mean": sum(latencies(records)) / len(records),
            "p95": percentile(latencies(records), 0.95)}


def grouped(records, *keys):
    """{values of the keys: records}, without the records that lack one."""
    groups = collections.defaultdict(list)
    for record in records:
        if all(key in record for key in keys):
            groups[tuple(record[key] for key in keys)].append(record)
    return groups


def start_of(timestamp, seconds):
    time = datetime.datetime.fromisoformat(timestamp.replace("Z", "+00:00"))
    past = (time - datetime.datetime.fromtimestamp(0, datetime.timezone.utc)) \
        // datetime.timedelta(seconds=1)
    start = datetime.datetime.fromtimestamp(0, datetime.timezone.utc) \
        + datetime.timedelta(seconds=past - past % seconds)
    return f"{start.year:04}" + start.strftime("-%m-%dT%H:%M:%SZ")


def histogram(records):
    counts = [0] * len(BOUNDS)
    for latency in latencies(records):
        counts[next(i for i, upper in enumerate(BOUNDS)
                    if upper is None or latency <= upper)] += 1
    return [list(pair) for pair in zip(BOUNDS, counts)]


def service_figures(records):
    level = collections.Counter(record["level"] for record in records)
    times = latencies(records)
    error_rate = level["ERROR"] / len(records)
    p95 = percentile(times, 0.95)
    return {"records": len(records), "info": level["INFO"], "warn": level["WARN"],
            "error": level["ERROR"], "error_rate": error_rate,
            "latency_ms": {"sum": sum(times), "min": min(times), "max": max(times),
                           "mean": sum(times) / len(times), "p50": percentile(times, 0.5),
                           "p95": p95, "p99": percentile(times, 0.99)},
            "histogram": histogram(records),
            "health": 100 * (1 - error_rate) * (1000 / max(p95, 1000))}


def period_rows(records, seconds, order):
    for record in records:
        record["start"] = start_of(record["timestamp"], seconds)
    groups = grouped(records, "start", "service")
    return [(start, service, groups[start, service]) for start, service in
            sorted(groups, key=lambda key: (key[0], order[key[1]]))]


def by_count_and_name(rows):
    """Rows whose last value is a number: the largest first, then by name."""
    return sorted(rows, key=lambda row: (-row[-1], [name.encode() for name in row[:-1]]))


def expected(records, order, each=None):
    """The object for the lines' records. `order`: each service's place in the scenario."""
    bad = [record for record in records if record["level"] == "ERROR"]
    codes = grouped(bad, "error_code")
    times = [record["timestamp"] for record in records]
    for record in records:
        record["date"] = record["timestamp"][:10]
        record["cause"] = record["truth"].get("cause")
    causes = [(cause or "", errors(group), len(group))
              for (cause,), group in grouped(records, "cause").items()]
    names = sorted({record["service"] for record in records}, key=order.get)
    services = grouped(records, "service")
    stats = {
        "records": len(records), "first_time": min(times, default=None),
        "last_time": max(times, default=None),
        "services": {name: service_figures(services[name,]) for name in names},
        "dependencies": [
            {"service": service, "dependency": dependency, "records": len(group),
             "errors": errors(group), "failure_rate": errors(group) / len(group),
             "latency_ms": mean_and_p95(group)}
            for (service, dependency), group in
            sorted(grouped(records, "service", "dependency").items(),
                   key=lambda item: [order[name] for name in item[0]])],
        "failure_patterns": [
            dict(zip(("service", "dependency", "error_code", "records"), row))
            for row in by_count_and_name([(*key, len(group)) for key, group in grouped(
                bad, "service", "dependency", "error_code").items()])],
        "error_codes": [
            {"error_code": code, "records": count, "services": {
                name: len(group) for (name,), group in sorted(
                    grouped(codes[code,], "service").items(), key=lambda item: order[item[0][0]])}}
            for code, count in by_count_and_name([(key[0], len(g)) for key, g in codes.items()])],
        "hours": [
            {"start": start, "service": service, "records": len(group), "errors": errors(group),
             "error_rate": errors(group) / len(group), "latency_ms": mean_and_p95(group)}
            for start, service, group in period_rows(records, 3600, order)],
        "days": [{"date": date, "records": len(group), "errors": errors(group)}
                 for (date,), group in sorted(grouped(records, "date").items())],
        "alerts": len(bad),
        "trace_ids": len({record["trace_id"] for record in records}),
        "causes": [{"cause": cause or None, "records": count, "errors": failed}
                   for cause, failed, count in sorted(causes, key=lambda row: (
                       -row[2], row[0].encode()))]}
    if each:
        stats["series"] = [
            {"start": start, "service": service, "records": len(group), "errors": errors(group),
             "latency_ms": {"sum": sum(latencies(group)),
                            "p95": percentile(latencies(group), 0.95)}}
            for start, service, group in period_rows(records, SECONDS[each], order)]
    return stats


def parse(text):
    """The JSON with each number that is whole as a whole number: 1 and 1.0 are the same."""
    def number(digits):
        value = float(digits)
        return int(value) if value.is_integer() else value
    return json.loads(text, parse_float=number)


class StatsTest(CliTest):
    RECORD = ["shop", "--duration", "7h", "--chunk-records", "1000"]

    def stats(self, *arguments, code=0, **options):
        done = run("stats", "--json", *arguments, **options)
        self.assertEqual(done.returncode, code, done.stderr)
        return parse(done.stdout)

    def expected(self, path, *filters, each=None, code=0):
        lines = self.lines(path, "--truth", *filters, code=code)
        order = {name: i for i, name in enumerate(self.info(path)["services"])}
        return expected([json.loads(line) for line in lines], order, each)

    def assert_right(self, path, *filters, each=None, code=0):
        series = ["--series", each] if each else []
        stats = self.stats(path, *filters, *series, code=code)
        wanted = self.expected(path, *filters, each=each, code=code)
        self.assertEqual(list(stats), KEYS + ["series"] * bool(each))
        for key, value in wanted.items():
            with self.subTest(path, key=key):
                # As text, so that order and every digit count.
                self.assertEqual(json.dumps(stats[key]), json.dumps(parse(json.dumps(value))))
        return stats

    def record(self, *arguments):
        path = self.path("other.ghog")
        self.assert_silent(run("record", *arguments, "--quiet", "-o", path))
        return path

    def test_figures_are_those_of_the_lines(self):
        stats = self.assert_right(self.trace)
        self.assertGreater(stats["alerts"], 100)
        for key in ("dependencies", "failure_patterns", "error_codes"):
            self.assertGreater(len(stats[key]), 2, key)
        self.assertEqual(len({hour["start"] for hour in stats["hours"]}), 7)

    def test_figures_of_every_shipped_scenario(self):
        for name in ("quiet", "outage", "gray-failure", "retry-storm", "cascade"):
            with self.subTest(name):
                self.assert_right(self.record(name, "--duration", "12m"), each="1m")

    def test_figures_with_every_kind_of_fault_and_wrong_clocks(self):
        path = self.record(os.path.join(SOURCE, "tests/golden/everything.yaml"))
        self.assertGreater(len(self.assert_right(path, each="1s")["causes"]), 5)

    def test_figures_of_anything_that_the_format_allows(self):
        for records in (0, 1, 2, 700):
            for each in SECONDS:
                with self.subTest(records, each=each):
                    path = self.sample(f"random:5:{records}")
                    if records == 0:
                        stats = self.stats(path, "--quiet", "--series", each)
                        self.assertEqual(stats, expected([], {}, each))
                    else:
                        self.assert_right(path, each=each)

    def test_series_of_each_length(self):
        for each in SECONDS:
            with self.subTest(each):
                stats = self.assert_right(self.trace, "--from", "6h30m", "--until", "6h50m",
                                          each=each)
                self.assertEqual(sum(row["records"] for row in stats["series"]), stats["records"])

    def test_filters_select_what_cat_prints(self):
        trace_id = json.loads(self.lines(self.trace, "--level", "ERROR", "--limit", "1")[0])
        for filters in (["--from", "6h45m"], ["--until", "50m"], ["--level", "ERROR"],
                        ["--service", "auth-service", "--level", "WARN", "--level", "ERROR"],
                        ["--from", "6h39m", "--until", "6h41m", "--service", "user-service"],
                        ["--trace-id", trace_id["trace_id"]]):
            with self.subTest(filters):
                self.assertGreater(self.assert_right(self.trace, *filters)["records"], 0)

    def test_no_record_is_reported(self):
        filters = ["--from", "1h", "--until", "1h1ns"]
        done = run("stats", self.trace, *filters, "--json")
        self.assertEqual(json.loads(done.stdout), expected([], {}))
        self.assertIn(b"no record matches --from 1h --until 1h1ns\n", done.stderr)
        done = run("stats", self.trace, *filters, "--quiet")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertTrue(done.stdout.startswith(b"records    0\n"), done.stdout)

    def test_damaged_and_incomplete_traces_give_the_figures_of_what_can_be_read(self):
        middle = self.entries[len(self.entries) // 2][0] + 100
        for path in (self.damaged(middle), self.cut(len(self.data) // 3)):
            with self.subTest(path):
                stats = self.assert_right(path, code=3)
                self.assertGreater(stats["records"], 1000)
                self.assertIn(b"groundhog: ", run("stats", path).stderr)
                self.assert_silent(run("stats", path, "--quiet"), code=3)

    def test_a_pipe_gives_the_same(self):
        with open(self.trace, "rb") as file:
            done = subprocess.run([PROGRAM, "stats", "--json", "-"], stdin=file,
                                  stdout=subprocess.PIPE, check=True)
        self.assertEqual(done.stdout, run("stats", "--json", self.trace).stdout)
        cat = subprocess.Popen(["cat", self.trace], stdout=subprocess.PIPE)
        done = run("stats", "--json", "-", stdin=cat.stdout)
        cat.wait()
        cat.stdout.close()
        self.assertEqual(done.stdout, run("stats", "--json", self.trace).stdout)

    def test_a_reader_that_goes_ends_it_quietly(self):
        command = f"'{PROGRAM}' stats --json --series 1s '{self.trace}' | head -n 3"
        done = subprocess.run(["bash", "-o", "pipefail", "-c", command], check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(len(done.stdout.splitlines()), 3)

    def test_series_goes_with_json(self):
        self.assert_fails(run("stats", self.trace, "--series", "1m"), 2, "--json")
        self.assert_fails(run("stats", self.trace, "--series", "2m", "--json"), 2,
                          "write 1s, 1m or 1h")

    def test_every_key_is_documented_and_no_other(self):
        page = read(os.path.join(SOURCE, "docs/STATS.md")).decode()
        rows = re.findall(r"^\| (`[^|]+`) \|", page, re.MULTILINE)
        documented = [key for row in rows for key in re.findall("`([^`]+)`", row)]
        stats = self.stats(self.trace, "--series", "1h")
        printed = []
        for key, value in stats.items():
            printed.append(key)
            if key == "services":
                printed += [f"services.NAME.{name}" for name in next(iter(value.values()))]
            if isinstance(value, list):
                printed += [f"{key}[].{name}" for name in value[0]]
        self.assertEqual(documented, printed)

    def test_the_page_fits_a_terminal_and_says_the_same(self):
        page = run("stats", self.trace).stdout.decode()
        stats = self.stats(self.trace)
        self.assertLessEqual(max(map(len, page.splitlines())), 80, page)
        self.assertEqual([line.rstrip() for line in page.splitlines()], page.splitlines())
        self.assertRegex(page, rf"(?m)^records +{stats['records']:,}$")
        self.assertRegex(page, rf"(?m)^trace ids +{stats['trace_ids']:,}$")
        for name, service in stats["services"].items():
            self.assertRegex(page, rf"(?m)^{name} +{service['records']:,} +"
                                   rf"{100 * service['error_rate']:.1f} % .* "
                                   rf"{service['latency_ms']['max']:,} +{service['health']:.1f}$")
        for row in stats["failure_patterns"][:10]:
            self.assertRegex(page, rf"(?m)^{row['service']} +{row['dependency']} +"
                                   rf"{row['error_code']} +{row['records']:,}$")
        for key in ("dependencies", "failure_patterns"):
            if len(stats[key]) > 10:
                self.assertIn(f"\nand {len(stats[key]) - 10} more\n", page)
        self.assertRegex(page, r"(?m)^2025-01-06T06:00:00Z +[\d,]+ +[\d,]+ +\d+\.\d %$")
        self.assertRegex(page, r"(?m)^2025-01-06 +[\d,]+ +[\d,]+ +\d+\.\d %$")
        self.assertRegex(page, r"(?m)^\(none\) +[\d,]+ +[\d,]+$")

    def test_names_do_not_act_on_a_terminal(self):
        """A scenario's names have no such characters; another writer's may."""
        name = "auth\x1b[2Jice\n"
        path = self.write("odd.ghog", with_header(
            read(self.plain()),
            lambda entry: entry.replace(b"auth-service\0", name.encode() + b"\0")))
        self.assertEqual(self.stats(path)["services"][name],
                         self.stats(self.trace)["services"]["auth-service"])
        page = run("stats", path).stdout
        self.assertNotIn(b"\x1b", page)
        self.assertIn(json.dumps(name)[1:-1].encode(), page)


if __name__ == "__main__":
    unittest.main()
