"""What a replay into a real PostgreSQL says when it cannot: one line, the right exit code, and
never a password."""
import os
import shutil
import signal
import subprocess
import time
import unittest
import unittest.mock

from postgres_tests import PostgresTest

ONCE = ["--exactly-once", "test"]
LOGS = ("create table logs (position bigint not null, service text not null, level text not null, "
        "message text not null, timestamp timestamptz not null, latency_ms bigint not null, "
        "trace_id text not null, dependency text, error_code text, hostname text not null)")


class PostgresErrorsTest(PostgresTest):

    def refuse(self, *words, arguments=(), to=None, code=2):
        said = self.replay("--speed", "max", *arguments, to=to, code=code)
        self.assert_one_line(said, *words)
        return said

    # --- who and where

    def test_a_server_that_is_away(self):
        address = self.url_of("ann:ann-secret", "127.0.0.1:1")
        began = time.monotonic()
        self.refuse(f"postgres://ann@127.0.0.1:1/{self.database} was not reached",
                    "Connection refused", "is the server running", "--timeout", to=address,
                    arguments=["--timeout", "1s"])
        self.assertLess(time.monotonic() - began, 10)

    def test_what_the_environment_of_libpq_asks_for_is_obeyed(self):
        with unittest.mock.patch.dict(os.environ, {"PGSSLMODE": "require"}):
            self.refuse("SSL", arguments=["--create", "--timeout", "1s"])

    def test_timeouts_of_the_role_do_not_end_a_batch(self):
        self.sql("alter role ann set statement_timeout = '200ms'")
        self.addCleanup(self.sql, "alter role ann reset statement_timeout")
        self.replay("--create", "--speed", "max", "--max-rate", "5000/s", "--until", "30m")

    def test_a_server_that_comes_within_the_timeout_is_awaited(self):
        self.server.pause()
        process = self.start("--create", "--speed", "max", "--until", "10m")
        time.sleep(2.5)
        self.server.start()
        said = self.end(process)
        self.assertIn("trying again, for up to 30s", said)
        self.assertGreater(int(self.sql("select count(*) from logs")), 100)

    def test_a_wrong_password(self):
        self.refuse("does not let us in", 'password authentication failed for user "ann"',
                    to=self.url_of("ann:other-secret"))

    def test_no_password(self):
        self.refuse("wants a password", "PGPASSWORD", "~/.pgpass", to=self.url_of("ann"))

    def test_a_password_of_the_environment_is_taken(self):
        os.environ["PGPASSWORD"] = "ann-secret"
        self.addCleanup(os.environ.pop, "PGPASSWORD")
        self.replay("--create", "--speed", "max", "--until", "10m", to=self.url_of("ann"))

    def test_no_such_database(self):
        self.refuse('database "nowhere" does not exist',
                    to=self.url_of("ann:ann-secret", database="nowhere"))

    def test_an_address_that_is_none(self):
        for address in ("postgres://ann:se@cret@h/d", "postgres://ann:sec/ret@h/d",
                        "postgres://ann:%zz@h/d", "postgres://ann:secret@h/d?sslmod=x",
                        "postgres://ann:se?cret@h/d", "postgres://ann:se?c/cret=x@h/d",
                        "postgres://ann:secret/d"):
            said = self.refuse("postgres://USER@HOST:PORT/DB", to=address)
            self.assertNotIn("cret", said)

    def test_a_mistyped_address_and_options_of_others_show_no_password(self):
        self.refuse("names no sink", to="postgress://ann:secret@h/d")
        self.refuse("--topic is for --to kafka://", arguments=["--topic", "x"])
        self.refuse("--create is for --to postgres://...", arguments=["--create"], to="null:")

    def test_the_password_is_not_in_the_list_of_processes(self):
        process = self.start("--create", "--speed", "1x", "--from", "1h")
        deadline = time.monotonic() + 30
        words = b""
        while b"***" not in words:
            with open(f"/proc/{process.pid}/cmdline", "rb") as file:
                words = file.read()
            self.assertLess(time.monotonic(), deadline, words)
            time.sleep(0.02)
        self.assertNotIn(b"secret", words)
        self.assertIn(b"postgres://ann:**********@", words)
        process.send_signal(signal.SIGINT)
        self.end(process, code=130)

    # --- tables and rights

    def test_no_tables(self):
        self.refuse("there is no table logs", "--create")
        self.sql(LOGS, "alter table logs owner to ann")
        self.refuse("there is no table groundhog_positions", "--create", arguments=ONCE)

    def test_tables_of_another_shape(self):
        changes = {
            "alter latency_ms type int": "has the column latency_ms as integer, not bigint",
            "drop hostname": "has no column hostname (text)",
            "alter timestamp type timestamp":
                "has the column timestamp as timestamp without time zone, not timestamp with",
            "add tenant int not null": "has another column, tenant, that must not be null",
            "set unlogged": "table logs is UNLOGGED"}
        for change, words in changes.items():
            with self.subTest(change):
                self.sql("set client_min_messages = warning", "drop table if exists logs", LOGS,
                         "alter table logs " + change,
                         "alter table logs owner to ann")
                self.refuse(words)
                if "unlogged" not in change:
                    self.refuse(words, arguments=["--create"])
                    self.assertEqual(self.sql("select to_regclass('service_analytics')"), "")
        self.sql("drop table logs", "create view logs as select 1 as one")
        self.refuse("logs is no table")

    def test_more_columns_are_taken_where_they_need_no_value(self):
        self.sql(LOGS, "alter table logs add note text, add loaded timestamptz not null default "
                 "now(), add id bigint generated always as identity",
                 "alter table logs owner to ann")
        self.replay("--speed", "max")
        self.assert_all_there_once()

    def test_no_rights(self):
        self.sql("create role bob login password 'bob-secret'")
        self.addCleanup(self.sql, "drop owned by bob", "drop role bob")
        bob = self.url_of("bob:bob-secret")
        self.refuse("permission denied for schema public", "GRANT CREATE ON SCHEMA public TO bob",
                    arguments=["--create"], to=bob)
        self.replay("--create", "--speed", "max", "--until", "1h")
        self.refuse("GRANT INSERT ON logs TO bob", to=bob)
        self.sql("grant insert on logs to bob")
        self.replay("--speed", "max", "--until", "1h", to=bob)
        self.refuse("GRANT SELECT ON groundhog_positions TO bob", arguments=ONCE, to=bob)
        # What docs/POSTGRES.md says is enough.
        self.sql("grant select, insert, update on groundhog_positions to bob")
        self.replay("--speed", "max", *ONCE, to=bob)
        self.sql("revoke insert on logs from bob")
        self.refuse("GRANT INSERT ON logs TO bob", arguments=ONCE, to=bob)

    def test_a_database_that_takes_no_writes(self):
        self.sql(f"alter database {self.database} set default_transaction_read_only = on")
        self.refuse("the server takes no writes", arguments=["--create"])

    def test_a_database_of_another_encoding(self):
        self.server.psql("-c", "create database latin owner ann encoding 'LATIN1' locale 'C' "
                         "template template0")
        self.refuse("the database has the encoding LATIN1", arguments=["--create"],
                    to=self.url_of("ann:ann-secret", database="latin"))

    # --- in the middle

    def test_a_row_that_is_refused_ends_the_replay_before_its_transaction(self):
        self.sql(LOGS, "alter table logs add check (position <> 70000)",
                 "alter table logs owner to ann")
        said = self.replay("--speed", "max", code=1)
        self.assertIn('violates check constraint "logs_position_check" (SQLSTATE 23514)', said)
        report = self.report()
        rows = int(self.sql("select count(*) from logs"))
        self.assertEqual(report["messages_acknowledged"], rows)
        self.assertGreater(report["messages_failed"], 0)
        self.assertIs(report["complete"], False)

    @unittest.skipUnless(shutil.which("prlimit"), "needs util-linux")
    def test_a_full_disk_is_told_and_can_be_gone_on_from(self):
        self.replay("--create", "--speed", "max", "--until", "1ns", code=1)
        # A table may not grow beyond 17 MB and half a page: the write of that page falls short, as
        # on a full disk.
        self.server.pause()
        self.server.start("prlimit", f"--fsize={(17 << 20) + 4096}:")
        try:
            said = self.replay("--speed", "max", "--commit-records", "5000", *ONCE, code=2)
        finally:
            self.server.pause()
            self.server.start()
        self.assertIn("could not extend file", said)
        self.assertIn("the server's disk is full", said)
        rows = int(self.sql("select count(*) from logs"))
        self.assertEqual(self.report()["messages_acknowledged"], rows)
        self.assertEqual(int(self.sql("select position from groundhog_positions")), rows)
        self.assertGreater(rows, 1000)
        self.replay("--speed", "max", *ONCE)
        self.assert_all_there_once()

    def test_a_server_that_does_not_come_back(self):
        process = self.start("--create", "--speed", "max", "--max-rate", "10000/s", "--timeout",
                             "2s")
        deadline = time.monotonic() + 60
        while self.sql("select to_regclass('logs')") == "" or \
                self.sql("select count(*) from logs") == "0":
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        self.server.pause()
        said = self.end(process, code=1)
        self.server.start()
        self.assertIn("nothing was committed for 2s, while", said)
        self.assertIn("is the server still running? --timeout sets how long to wait", said)
        report = self.report()
        self.assertEqual(report["messages_acknowledged"],
                         int(self.sql("select count(*) from logs")))
        self.assertGreater(report["messages_failed"], 0)

    def test_a_server_that_hangs_and_a_stop(self):
        process = self.start("--create", "--speed", "max", "--max-rate", "5000/s")
        deadline = time.monotonic() + 60
        backends = []
        while not backends:
            backends = self.sql("select pid from pg_stat_activity where application_name = "
                                "'groundhog-replay' and datname = current_database()").split()
            self.assertLess(time.monotonic(), deadline)
        time.sleep(1)
        os.kill(int(backends[0]), signal.SIGSTOP)
        time.sleep(3)
        process.send_signal(signal.SIGINT)
        began = time.monotonic()
        try:
            said = self.end(process, code=130)
        finally:
            os.kill(int(backends[0]), signal.SIGCONT)
        self.assertLess(time.monotonic() - began, 20)
        self.assertIn("does not answer", said)


if __name__ == "__main__":
    unittest.main()
