"""`groundhog stats` says, figure by figure, what PostgreSQL computes by stats.sql from what
`groundhog cat --format csv` prints.
Skips (exit 77) where no PostgreSQL server is installed."""
import getpass
import glob
import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import unittest

BIN = os.environ["GROUNDHOG_BIN_DIR"]
SOURCE = os.environ["GROUNDHOG_SOURCE_DIR"]
SQL = os.path.join(SOURCE, "tests/integration/stats.sql")
SERVERS = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
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


def groundhog(*arguments):
    return subprocess.run([os.path.join(BIN, "groundhog"), *arguments], check=True, timeout=300,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout


class Server:
    """A PostgreSQL of its own, reachable by a socket in its folder only."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="groundhog-postgres-")
        self.programs = os.path.dirname(SERVERS[-1])
        self.data = os.path.join(self.folder, "data")
        # The server refuses to run as root.
        self.identity = {}
        self.user = getpass.getuser()
        if os.getuid() == 0:
            account = pwd.getpwnam("postgres")
            os.chown(self.folder, account.pw_uid, account.pw_gid)
            self.identity = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
            self.user = account.pw_name
        self.run("initdb", "-D", self.data, "-U", self.user, "-A", "trust", "-N", "-E", "UTF8",
                 "--locale", "C.UTF-8")
        self.run("pg_ctl", "-D", self.data, "-w", "-l", os.path.join(self.folder, "log"), "-o",
                 f"-F -c listen_addresses= -k {self.folder}", "start")

    def run(self, name, *arguments):
        subprocess.run([os.path.join(self.programs, name), *arguments], check=True, timeout=300,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, cwd=self.folder,
                       **self.identity)

    def stop(self):
        self.run("pg_ctl", "-D", self.data, "-w", "-m", "immediate", "stop")
        shutil.rmtree(self.folder)

    def psql(self, *arguments, stdin=subprocess.DEVNULL):
        return subprocess.run(
            ["psql", "-h", self.folder, "-U", self.user, "-d", "postgres", "-X", "-q", "-A", "-t",
             "-v", "ON_ERROR_STOP=1", *arguments],
            check=True, timeout=300, stdin=stdin, stdout=subprocess.PIPE).stdout


class StatsPostgresTest(unittest.TestCase):
    maxDiff = 4000

    @classmethod
    def setUpClass(cls):
        cls.server = Server()
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
    if not SERVERS or not shutil.which("psql"):
        print("no PostgreSQL server is installed")
        sys.exit(77)
    unittest.main()
