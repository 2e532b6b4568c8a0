"""`groundhog stats` says, figure by figure, what PostgreSQL computes by stats.sql from what
`groundhog cat --format csv` prints."""
import json
import os
import tempfile
import unittest

from postgres_tests import SOURCE, PostgresServer, groundhog

SQL = os.path.join(SOURCE, "tests/integration/stats.sql")
# docs/FORMATS.md, "csv", with --truth.
TABLE = """
create table logs (
  service text, level text, message text, timestamp timestamptz, latency_ms bigint, trace_id text,
  dependency text, error_code text, hostname text, cause text, root text, hops int, also text,
  span text, parent_span text, call_path text, attempt int, duration_ns bigint,
  queue_wait_ns bigint, clock_skew_ns bigint, template text, slots text);
"""
PERIODS = {"1s": "second", "1m": "minute", "1h": "hour"}
# Lists in the scenario's order, which PostgreSQL does not know.
UNORDERED = ("dependencies", "hours", "series")


class StatsPostgresTest(unittest.TestCase):
    maxDiff = 4000

    @classmethod
    def setUpClass(cls):
        cls.server = PostgresServer()
        cls.addClassCleanup(cls.server.stop)
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = temporary.name

    def load(self, table):
        path = os.path.join(self.folder, "logs.csv")
        with open(path, "wb") as file:
            file.write(table)
        self.server.psql("-c", "set client_min_messages = warning", "-c",
                         "drop table if exists logs", "-c", TABLE)
        with open(path, "rb") as file:
            self.server.psql("-c", "copy logs from stdin (format csv, header)", stdin=file)

    def assert_right(self, recording, each, *filters):
        trace = os.path.join(self.folder, "trace.ghog")
        groundhog("record", *recording, "--quiet", "-o", trace)
        stats = json.loads(groundhog("stats", trace, "--json", "--series", each, *filters))
        self.load(groundhog("cat", trace, "--format", "csv", "--truth", *filters))
        computed = json.loads(self.server.psql("-v", f"each={PERIODS[each]}", "-f", SQL))
        self.assertEqual(list(stats), list(computed))
        for key, value in stats.items():
            if key in UNORDERED:
                value = sorted(value, key=lambda row: [str(part) for part in row.values()])
                computed[key].sort(key=lambda row: [str(part) for part in row.values()])
            with self.subTest(recording, key=key):
                self.assertEqual(value, computed[key])
        return stats

    def test_a_day_with_incidents(self):
        stats = self.assert_right(["shop"], "1m")
        self.assertGreater(stats["records"], 100_000)
        self.assertGreater(len(stats["causes"]), 2)

    def test_part_of_a_day_and_of_its_records(self):
        filters = ["--from", "6h30m", "--until", "7h30m", "--level", "ERROR", "--level", "WARN"]
        stats = self.assert_right(["shop", "--duration", "8h"], "1s", *filters)
        self.assertGreater(stats["alerts"], 100)

    def test_every_kind_of_fault(self):
        self.assert_right([os.path.join(SOURCE, "tests/golden/everything.yaml")], "1s")

    def test_a_trace_without_incidents(self):
        self.assertEqual(self.assert_right(["quiet", "--duration", "10m"], "1h")["alerts"], 0)

    def test_no_record(self):
        stats = self.assert_right(["quiet", "--duration", "10m"], "1h", "--quiet", "--until", "1ns")
        self.assertEqual(stats["records"], 0)


if __name__ == "__main__":
    unittest.main()
