"""A replay into a real PostgreSQL: rows, views, kills, restarts, lost answers."""
import json
import os
import signal
import subprocess
import time
import unittest

from postgres_tests import BIN, SOURCE, CommitProxy, PostgresTest, groundhog

ONCE = ["--exactly-once", "test"]
EVERYTHING = os.path.join(SOURCE, "tests/golden/everything.yaml")


class RowsTest(PostgresTest):

    RECORDING = [EVERYTHING]

    def assert_same_as_jsonl(self, *arguments):
        """The rows are the lines that the same replay writes."""
        lines = subprocess.run(
            [os.path.join(BIN, "groundhog-replay"), self.trace, "--to", "jsonl:-", "--speed", "max",
             "--quiet", *arguments], check=True, stdout=subprocess.PIPE).stdout
        self.replay("--create", "--speed", "max", *arguments)
        self.assert_rows_are(lines)
        return lines

    def test_rows_are_what_copy_makes_of_cat_csv(self):
        self.replay("--create", "--speed", "max")
        path = os.path.join(self.folder, "wanted.csv")
        with open(path, "wb") as file:
            file.write(groundhog("cat", self.trace, "--format", "csv"))
        columns = ("service, level, message, timestamp, latency_ms, trace_id, dependency, "
                   "error_code, hostname")
        self.sql("create table wanted as select " + columns + " from logs limit 0")
        url = self.server.url.rsplit("/", 1)[0] + "/" + self.database
        with open(path, "rb") as file:
            self.server.psql("-c", "copy wanted from stdin (format csv, header)", stdin=file,
                             url=url)
        for one, other in (("logs", "wanted"), ("wanted", "logs")):
            self.assertEqual(self.sql(f"select count(*) from (select {columns} from {one} except "
                                      f"all select {columns} from {other}) as x"), "0")
        self.assertEqual(self.sql("select count(*) from wanted"), str(self.records))
        self.assert_all_there_once()
        report = self.report()
        self.assertEqual(report["messages_acknowledged"], self.records)
        self.assertEqual(report["messages_failed"], 0)
        self.assertIs(report["complete"], True)
        self.assertGreater(report["ack_ms"]["max"], 0)

    def test_loops_and_filters_are_those_of_lines(self):
        lines = self.assert_same_as_jsonl("--loop", "3", "--level", "ERROR", "--level", "WARN")
        self.assertGreater(lines.count(b"\n"), 10)

    def test_shards_fill_one_table(self):
        for shard in ("1/2", "2/2"):
            self.replay("--create", "--speed", "max", "--shard", shard, "--key", "trace_id",
                        "--exactly-once", "shard-" + shard[0])
        self.assert_all_there_once()

    def test_what_a_second_replay_adds_is_told(self):
        self.assertEqual(self.replay("--create", "--speed", "max"), "")
        self.assert_one_line(self.replay("--speed", "max"), "table logs has rows already")
        self.assertEqual(self.sql("select count(*) from logs"), str(2 * self.records))

    def test_what_is_there_stays_with_create(self):
        self.replay("--create", "--speed", "max")
        self.sql("alter table logs add column note text default 'kept'")
        self.replay("--create", "--speed", "max")
        self.assertEqual(self.sql("select count(*) from logs where note = 'kept'"),
                         str(2 * self.records))
        # A view that is missing is made, and one that was changed is left alone.
        self.sql("drop view service_analytics_days; drop view service_analytics_hours; "
                 "create view service_analytics_hours as select 42 as answer")
        self.replay("--create", "--speed", "max", "--until", "1m")
        self.assertEqual(self.sql("select answer from service_analytics_hours"), "42")
        self.assertNotEqual(self.sql("select count(*) from service_analytics_days"), "0")

    def test_replays_that_create_at_once_do_not_disturb_each_other(self):
        processes = [self.start("--create", "--speed", "max") for _ in range(4)]
        for process in processes:
            self.end(process)
        self.assertEqual(self.sql("select count(*) from logs"), str(4 * self.records))

    def test_the_shipped_files_are_what_create_runs(self):
        folder = os.path.join(SOURCE, "sinks/postgres/sql")
        for name in ("logs", "positions", "views"):
            self.server.psql("-f", os.path.join(folder, name + ".sql"), url=self.url)
        self.replay("--speed", "max", *ONCE)
        self.assert_all_there_once()
        shape = ("select string_agg(concat_ws(' ', table_name, column_name, data_type, "
                 "is_nullable), ',' order by table_name, ordinal_position) "
                 "from information_schema.columns where table_schema = 'public'")
        by_hand = self.sql("drop table wanted", shape)
        self.server.psql("-c", f"create database {self.database}_b owner ann")
        self.database += "_b"
        self.url = self.url_of("ann:ann-secret")
        self.replay("--speed", "max", "--create")
        self.assertEqual(by_hand, self.sql(shape))


class ViewsTest(PostgresTest):

    RECORDING = ["shop"]

    def rows(self, view, order=""):
        return json.loads(self.sql("set timezone = 'Asia/Tokyo'",
                                   f"select json_agg(v) from (select * from {view} {order}) as v"))

    def test_views_are_what_stats_says(self):
        stats = json.loads(groundhog("stats", self.trace, "--json"))
        self.replay("--create", "--speed", "max")
        services = {row.pop("service"): row for row in self.rows("service_analytics")}
        for name, wanted in stats["services"].items():
            row = dict(wanted)
            row.pop("histogram")
            for key, value in row.pop("latency_ms").items():
                row["latency_ms_" + key] = value
            self.assertEqual(services.pop(name), row, name)
        self.assertEqual(services, {})
        self.assertEqual(self.rows("service_analytics_days"), stats["days"])
        self.assertEqual(self.rows("service_analytics_error_codes"), stats["error_codes"])
        self.assertEqual(self.rows("service_analytics_failure_patterns"),
                         stats["failure_patterns"])
        self.assert_same("service_analytics_dependencies", stats["dependencies"],
                         ("service", "dependency"))
        hours = stats["hours"]
        self.assertGreater(len(hours), 200)
        for row in hours:
            row["start"] = row["start"].replace("Z", "+00:00")
        self.assert_same("(select to_char(start at time zone 'UTC', "
                         "'YYYY-MM-DD\"T\"HH24:MI:SS\"+00:00\"') as start, service, records, "
                         "errors, error_rate, latency_ms_mean, latency_ms_p95 "
                         "from service_analytics_hours) as hours", hours, ("start", "service"))

    def assert_same(self, view, wanted, keys):
        for row in wanted:
            for key, value in row.pop("latency_ms").items():
                row["latency_ms_" + key] = value
        order = lambda row: [row[key] for key in keys]
        self.assertEqual(sorted(self.rows(view), key=order), sorted(wanted, key=order))


class DeliveryTest(PostgresTest):

    def await_rows(self, count=1, seconds=60):
        deadline = time.monotonic() + seconds
        while True:
            known = self.sql("select to_regclass('logs')")
            rows = int(self.sql("select count(*) from logs")) if known else 0
            if rows >= count:
                return rows
            self.assertLess(time.monotonic(), deadline, f"{rows} rows, not {count}")
            time.sleep(0.05)

    def await_position(self, position):
        self.await_rows(1)
        deadline = time.monotonic() + 60
        while self.position() < position:
            self.assertLess(time.monotonic(), deadline, self.position())
            time.sleep(0.01)

    def position(self):
        return int(self.sql("select position from groundhog_positions where name = 'test'"))

    def test_a_dashboard_sees_rows_within_about_a_second(self):
        process = self.start("--create", "--speed", "1x", "--from", "2h")
        self.await_rows(5, seconds=20)
        seen = []
        for _ in range(8):
            late = self.sql("select extract(epoch from now()) - extract(epoch from max(timestamp)) "
                            "from logs")
            seen.append(float(late))
            time.sleep(0.5)
        self.assertLess(max(seen) - min(seen), 3)
        process.send_signal(signal.SIGINT)
        self.end(process, code=130)
        report = self.report()
        self.assertEqual(report["messages_failed"], 0)
        self.assertEqual(int(self.sql("select count(*) from logs")),
                         report["messages_acknowledged"])
        self.assertLess(report["ack_ms"]["p50"], 1500)
        self.assertLess(report["lateness_ms"]["p50"], 50)

    def test_killed_at_several_moments_and_resumed_it_is_exact(self):
        arguments = ["--create", "--speed", "max", "--commit-interval", "50ms", *ONCE]
        # So slow that it is not over before it is killed.
        slow = [*arguments, "--max-rate", "4000/s"]

        def kill(process):
            process.kill()
            process.communicate()
            self.assertEqual(process.returncode, -signal.SIGKILL)

        # While it starts, connects and creates.
        for seconds in (0.01, 0.03, 0.06, 0.1):
            process = self.start(*slow)
            time.sleep(seconds)
            kill(process)
        # While it sends and commits.
        reached = 0
        for moment in range(6):
            process = self.start(*slow)
            self.await_position(reached + 1)
            time.sleep(moment * 0.017)
            kill(process)
            reached = self.position()
        self.assertGreater(self.records, reached)
        said = self.replay(*arguments)
        self.assertIn("resuming at position", said)
        self.assertIn("up to there all is committed", said)
        self.assertGreaterEqual(self.report()["resumed_at"], reached)
        self.assert_all_there_once()
        said = self.replay(*arguments)
        self.assertIn("nothing was left to send: all was committed before", said)
        self.assert_all_there_once()

    def restart_in_the_middle(self, stop, *arguments):
        process = self.start("--create", "--speed", "max", "--max-rate", "8000/s", *arguments)
        before = self.await_rows(5_000)
        stop()
        time.sleep(1)
        self.server.start()
        said = self.end(process)
        self.assertLess(before, self.records)
        self.assertIn("rows are not committed and go again", said)
        self.assertIn("answers again", said)
        self.assert_all_there_once()
        self.assertEqual(self.report()["messages_acknowledged"], self.records)

    def test_a_restarted_server_loses_and_doubles_nothing(self):
        self.restart_in_the_middle(self.server.pause)

    def test_a_restarted_server_with_a_name(self):
        self.restart_in_the_middle(self.server.pause, *ONCE)

    def test_a_crashed_server_loses_and_doubles_nothing(self):
        self.restart_in_the_middle(self.server.crash)

    def test_a_crashed_server_with_a_name(self):
        self.restart_in_the_middle(self.server.crash, *ONCE)

    def lose_an_answer(self, passes, *arguments, at=4):
        proxy = CommitProxy(self.server.address(), at=at, passes=passes)
        self.addCleanup(proxy.stop)
        said = self.replay("--create", "--speed", "max", "--commit-records", "20000", *arguments,
                           to=self.url_of("ann:ann-secret", proxy.address))
        self.assertEqual(proxy.losses, 1)
        self.assertIn("answers again", said)
        self.assert_all_there_once()
        self.assertEqual(self.report()["messages_acknowledged"], self.records)

    def test_a_commit_whose_answer_was_lost_is_not_repeated(self):
        self.lose_an_answer(True, *ONCE, at=6)

    def test_a_commit_that_was_lost_is_repeated(self):
        self.lose_an_answer(False, *ONCE, at=6)

    def test_a_name_is_not_needed_for_that(self):
        self.lose_plain_answer(True)

    def test_nor_for_a_commit_that_was_lost(self):
        self.lose_plain_answer(False)

    def lose_plain_answer(self, passes):
        # Without a name, batches end by bytes and time.
        proxy = CommitProxy(self.server.address(), at=3, passes=passes)
        self.addCleanup(proxy.stop)
        said = self.replay("--create", "--speed", "max", "--max-rate", "60000/s",
                           to=self.url_of("ann:ann-secret", proxy.address))
        self.assertEqual(proxy.losses, 1)
        self.assertIn("answers again", said)
        self.assert_all_there_once()

    def test_a_second_run_of_a_name_takes_over(self):
        slow = ["--create", "--speed", "max", "--max-rate", "5000/s", "--commit-interval", "100ms"]
        first = self.start(*slow, *ONCE)
        self.await_rows(1000)
        self.replay("--speed", "max", *ONCE)
        said = self.end(first, code=1)
        self.assertIn("another run of --exactly-once test has taken over", said)
        self.assert_all_there_once()

    def test_other_options_are_refused_and_reset_begins_anew(self):
        self.replay("--create", "--speed", "max", "--level", "ERROR", *ONCE)
        rows = self.sql("select count(*) from logs")
        said = self.replay("--speed", "max", "--level", "WARN", *ONCE, code=2)
        self.assert_one_line(said, "--exactly-once test cannot go on", "--level", "'ERROR'",
                             "'WARN'", "--reset")
        self.assertEqual(self.sql("select count(*) from logs"), rows)
        self.sql("truncate logs")
        self.assertEqual(self.replay("--speed", "max", *ONCE, "--reset"), "")
        self.assert_all_there_once()
        self.assertEqual(self.position(), self.records)

    def test_rows_that_were_taken_out_are_told(self):
        self.replay("--create", "--speed", "max", *ONCE)
        self.sql("truncate logs")
        said = self.replay("--speed", "max", *ONCE)
        self.assertIn("table logs is empty, though --exactly-once test has committed all", said)

    def test_shifted_times_are_kept_by_a_name(self):
        shifted = ["--create", "--speed", "max", "--timestamps", "shift", *ONCE]
        process = self.start(*shifted, "--max-rate", "20000/s", "--commit-interval", "50ms")
        self.await_rows(2000)
        process.kill()
        process.communicate()
        self.replay(*shifted)
        self.assertEqual(self.sql("select count(*), count(distinct position) from logs"),
                         f"{self.records}|{self.records}")
        lines = groundhog("cat", self.trace)
        self.load_lines(lines)
        # The date of t0 has a fraction of a millisecond.
        self.assertEqual(self.sql("""
            select max(moved) - min(moved) <= interval '1 ms' and max(moved) > interval '300 days'
            from (select logs.timestamp - (line->>'timestamp')::timestamptz as moved
                  from logs join wanted on number = position + 1) as x"""), "t")

    def test_a_resume_file_is_at_least_once_and_has_no_password(self):
        path = os.path.join(self.folder, self.database + ".position")
        resumed = ["--speed", "max", "--resume", path]
        process = self.start("--create", *resumed, "--max-rate", "20000/s", "--commit-interval",
                             "50ms")
        self.await_rows(5000)
        process.kill()
        process.communicate()
        with open(path, encoding="utf-8") as file:
            self.assertNotIn("secret", file.read())
        self.replay(*resumed)
        self.assertEqual(self.sql("select count(distinct position) from logs"), str(self.records))

    def test_commit_records_bounds_a_transaction(self):
        self.replay("--create", "--speed", "max", "--until", "10m", "--commit-records", "100",
                    *ONCE)
        sizes = self.sql("select max(n), min(n) from (select count(*) as n from logs "
                         "group by xmin) as x").split("|")
        self.assertLessEqual(int(sizes[0]), 100)


if __name__ == "__main__":
    unittest.main()
