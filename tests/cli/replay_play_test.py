"""What a replay plays and when, seen from outside: filters, loops, shards, gaps, dates, dry runs,
and what happens when it or its trace is interfered with."""
import datetime
import json
import os
import re
import signal
import struct
import sys
import time
import unittest

import xxhash

from groundhog import read, run
from replaying import PATIENCE_SECONDS, ReplayTest, milliseconds, replay, start

sys.path.insert(0, os.path.join(os.environ["GROUNDHOG_SOURCE_DIR"], "tests/traces"))
from trace_decoder import Trace  # pylint: disable=wrong-import-position

MAX = ["--speed", "max", "-q"]
ORDER = r"\b\d{3}-\d{7}-\d{7}\b"


class PlayTest(ReplayTest):

    def play(self, *arguments, code=0):
        """The lines that are sent at max."""
        done = replay(self.trace, "--to", "jsonl:-", *MAX, *arguments)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout.splitlines()


class WhatIsPlayedTest(PlayTest):

    def test_filters_choose_what_cat_does(self):
        request = json.loads(self.lines(self.trace, "--from", "3h", "--limit", "1")[0])["trace_id"]
        for wanted in (["--service", "auth-service"], ["--level", "ERROR", "--level", "WARN"],
                       ["--trace-id", request],
                       ["--service", "auth-service", "--service", "email-service", "--level",
                        "INFO", "--from", "6h30m", "--until", "6h50m"]):
            with self.subTest(filters=wanted):
                expected = self.lines(self.trace, *wanted)
                self.assertGreater(len(expected), 0)
                self.assertEqual(self.play(*wanted), expected)

    def test_a_filter_that_names_nothing_is_told(self):
        self.assert_refused(replay(self.trace, "--to", "jsonl:-", "--service", "auth"),
                            "--service 'auth'", "auth-service")
        self.assert_refused(replay(self.trace, "--to", "jsonl:-", "--level", "FATAL"), "FATAL")
        self.assert_refused(replay(self.trace, "--to", "jsonl:-", "--trace-id", "12"), "32 hex")

    def test_a_loop_differs_in_time_trace_ids_and_order_numbers_alone(self):
        wanted = ["--from", "1h", "--until", "1h2m"]
        once = [json.loads(line) for line in self.lines(self.trace, *wanted)]
        looped = [json.loads(line) for line in self.play(*wanted, "--loop", "3")]
        self.assertEqual(len(looped), 3 * len(once))
        ids, orders = set(), set()
        for index, record in enumerate(looped):
            loop, first = index // len(once), dict(once[index % len(once)])
            moved = milliseconds(json.dumps(record)) - milliseconds(json.dumps(first))
            self.assertEqual(moved, loop * 120_000)
            self.assertEqual(record["trace_id"] == first["trace_id"], loop == 0)
            ids.add((loop, record["trace_id"]))
            for one in (record, first):
                one["orders"] = re.findall(ORDER, one["message"])
                one["message"] = re.sub(ORDER, "ORDER", one["message"])
            if first["orders"]:
                orders.add((loop, *record["orders"]))
                self.assertEqual(record["orders"] == first["orders"], loop == 0)
            for volatile in ("timestamp", "trace_id", "orders"):
                record.pop(volatile), first.pop(volatile)
            self.assertEqual(record, first)
        # As many requests in each loop, and no id in two of them.
        self.assertEqual(len({one for _, one in ids}), len(ids))
        self.assertGreater(len(orders), 10)
        self.assertEqual(len({one for _, one in orders}), len(orders))
        self.assertEqual(len(ids) % 3, 0)

    def test_trace_ids_of_loops_are_as_documented(self):
        """Checked with a decoder that was written from the documents only."""
        path = self.path("short.ghog")
        self.assertEqual(run("record", "--duration", "3m", "-q", "-o", path).returncode, 0)
        trace = Trace(read(path))
        sent = replay(path, "--to", "jsonl:-", *MAX, "--loop", "3").stdout.splitlines()
        ids = [json.loads(line)["trace_id"] for line in sent]
        for loop in range(3):
            for record in trace.records:
                key = record.trace_key
                if loop > 0:
                    key = xxhash.xxh3_64_intdigest(struct.pack("<Q", loop), seed=key)
                self.assertEqual(ids.pop(0), trace.trace_id(record._replace(trace_key=key)))
        self.assertEqual(ids, [])

    def test_merged_traces_are_played_and_looped(self):
        """Two recordings: their requests keep their ids, and get others in the second loop."""
        paths = []
        for seed in ("1", "2"):
            paths.append(self.path(f"seed{seed}.ghog"))
            run("record", "--duration", "2m", "--seed", seed, "-q", "-o", paths[-1])
        merged = self.path("merged.ghog")
        self.assertEqual(run("merge", *paths, "-q", "-o", merged).returncode, 0)
        trace = Trace(read(merged))
        self.assertEqual(len(set(trace.key_deltas)), 2)
        sent = replay(merged, "--to", "jsonl:-", *MAX, "--loop", "2").stdout.splitlines()
        self.assertEqual(sent[:len(trace.records)], run("cat", merged).stdout.splitlines())
        ids = [json.loads(line)["trace_id"] for line in sent]
        first, again = ids[:len(trace.records)], ids[len(trace.records):]
        second = xxhash.xxh3_64_intdigest(struct.pack("<Q", 1), seed=trace.header.traceKey)
        for record, trace_id in zip(trace.records, again, strict=True):
            key = (second + trace.key_deltas[record.source]) % (1 << 64)
            self.assertEqual(trace_id, trace.trace_id(record._replace(trace_key=key)))
        self.assertFalse(set(first) & set(again))

    def test_loops_that_cannot_be_are_refused(self):
        arguments = ["--to", "jsonl:-", *MAX, "--loop"]
        for count in ("0", "-1", "twice", "1.5", ""):
            self.assert_refused(replay(self.trace, *arguments, count), "--loop", "forever")
        self.assert_refused(replay("-", *arguments, "2", stdin=self.data), "pipe", "file")
        cut = self.cut(self.entries[5][0])
        self.assert_refused(replay(cut, *arguments, "2"), "complete")
        self.assert_refused(replay(self.trace, *arguments, "1000000000"), "2261")

    def test_shards_together_are_the_whole_in_order(self):
        wanted = ["--from", "6h30m", "--loop", "2"]
        whole = self.play(*wanted)
        for key in (["--key", "service"], ["--key", "trace_id"], ["--key", "none"]):
            with self.subTest(key=key):
                parts = [self.play(*wanted, *key, "--shard", f"{i}/3") for i in (1, 2, 3)]
                self.assertGreater(min(map(len, parts)), 0)
                self.assertEqual(sum(map(len, parts)), len(whole))
                rest = [iter(part) for part in parts]
                heads = [next(part) for part in rest]
                for line in whole:  # a merge: each line is the next of exactly one part
                    owners = [i for i in range(3) if heads[i] == line]
                    self.assertEqual(len(owners), 1)
                    heads[owners[0]] = next(rest[owners[0]], None)
        for line in self.play(*wanted, "--shard", "2/3"):
            service = json.loads(line)["service"].encode()
            self.assertEqual(xxhash.xxh3_64_intdigest(service) % 3, 1)

    def test_a_shard_that_is_none_is_refused(self):
        for text in ("0/3", "4/3", "1", "a/b"):
            self.assert_refused(replay(self.trace, "--to", "jsonl:-", "--shard", text), "--shard")


class ReportTest(PlayTest):

    def test_copies_are_alerts_unless_a_route_sends_others(self):
        kafka = ["--to", "kafka://embedded", "--linger", "0s", "--speed", "max", "--from", "6h"]
        for routes, word in (([], "alerts"), (["--route", "level=WARN:warnings"], "copies")):
            done = replay(self.trace, *kafka, *routes)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertRegex(done.stderr.decode(), rf"messages,\s+[\d,]+ of them {word}\n")


class WhenTest(PlayTest):

    def timed(self, *arguments):
        done = replay(self.trace, "--to", "null:", "-q", "--report", self.path("report.json"),
                      *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return self.report()

    def test_idle_time_is_squeezed(self):
        # Errors before the first incident are rare: minutes apart.
        wanted = ["--level", "ERROR", "--until", "6h"]
        records = len(self.lines(self.trace, *wanted))
        report = self.timed(*wanted, "--speed", "60x", "--max-gap", "2ms")
        self.assertEqual(report["records_sent"], records)
        self.assertLessEqual(report["duration_ms"], 2 * records + 1000)
        self.assertGreater(report["speed_reached"], 60)
        self.assertIs(report["complete"], True)

    def test_machines_with_one_start_date_play_on_one_clock(self):
        start_at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=2)
        shared = ["--start-at", start_at.isoformat().replace("+00:00", "Z"), "--speed", "600x",
                  "--from", "6h", "--until", "6h10m", "--timestamps", "shift", "-q"]
        processes = [start(self.trace, "--to", "jsonl:-", *shared, "--shard", f"{i}/2")
                     for i in (1, 2)]
        outputs = [process.communicate(timeout=PATIENCE_SECONDS)[0] for process in processes]
        ended = datetime.datetime.now(datetime.timezone.utc)
        self.assertEqual([process.returncode for process in processes], [0, 0])
        self.assertGreater((ended - start_at).total_seconds(), 0.9)
        merged = sorted(b"".join(outputs).splitlines(), key=milliseconds)
        original = sorted(self.lines(self.trace, "--from", "6h", "--until", "6h10m"),
                          key=milliseconds)
        moves = {milliseconds(a) - milliseconds(b) for a, b in zip(merged, original)}
        self.assertLessEqual(max(moves) - min(moves), 1)
        expected = round(start_at.timestamp() * 1000) - 1_736_143_200_000
        self.assertLessEqual(abs(min(moves) - expected), 1)

    def test_who_starts_late_catches_up(self):
        start_at = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=10)
        report = self.timed("--start-at", start_at.isoformat().replace("+00:00", "Z"), "--speed",
                            "600x", "--until", "1h")
        self.assertGreater(report["lateness_ms"]["max"], 10_000)
        self.assertLess(report["duration_ms"], 5_000)

    def test_a_bound_on_lateness_decides_the_exit_code(self):
        wanted = [self.trace, "--to", "null:", "--speed", "360000x", "--until", "1h", "-q"]
        self.assertEqual(replay(*wanted, "--fail-if-lateness", "max=1h").returncode, 0)
        done = replay(*wanted, "--fail-if-lateness", "p99=1h", "--fail-if-lateness", "max=1ns")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr.decode(), r"\Agroundhog-replay: too late: max of the lateness "
                                               r"is [\d.]+ ms, more than 1ns\n\Z")
        for bound in ("p99", "p98=1ms", "p99=fast", "5ms"):
            self.assert_refused(replay(*wanted, "--fail-if-lateness", bound), "--fail-if-lateness")

    def test_a_replay_that_was_stopped_bursts_or_slips_and_loses_nothing(self):
        lines = self.lines(self.trace, "--until", "30m")
        for catch_up, is_burst in (("burst", True), ("slip", False)):
            with self.subTest(catch_up=catch_up):
                process = start(self.trace, "--to", "jsonl:-", "--speed", "900x", "--until", "30m",
                                "--catch-up", catch_up, "-q", "--report", self.path("report.json"))
                first = process.stdout.readline()
                process.send_signal(signal.SIGSTOP)
                time.sleep(1.5)
                process.send_signal(signal.SIGCONT)
                rest = process.communicate(timeout=PATIENCE_SECONDS)[0]
                self.assertEqual(process.returncode, 0)
                self.assertEqual((first + rest).splitlines(), lines)
                report = self.report()
                self.assertIs(report["complete"], True)
                self.assertGreater(report["lateness_ms"]["max"], 1000)
                if is_burst:
                    self.assertEqual(report["slipped_ms"], 0)
                    self.assertGreater(report["lateness_ms"]["p50"], 100)
                else:
                    self.assertGreater(report["slipped_ms"], 1000)
                    self.assertGreaterEqual(report["duration_ms"], 3000)
                    self.assertLess(report["lateness_ms"]["p50"], 100)

    def test_of_a_trace_cut_while_it_is_read_everything_whole_is_sent(self):
        path = self.write("growing_short.ghog", self.data)
        process = start(path, "--to", "jsonl:-", "--speed", "14400x", "-q", "--report",
                        self.path("report.json"))
        first = process.stdout.readline()
        os.truncate(path, self.entries[-20][0] + 100)
        rest = process.communicate(timeout=PATIENCE_SECONDS)[0]
        self.assertEqual(process.returncode, 3)
        whole = run("cat", path, "-q").stdout
        self.assertTrue(first + rest == whole)
        self.assertIs(self.report()["complete"], False)


class NothingToPlayTest(PlayTest):
    """A run without anything to send or to check proves nothing, so it must not end with 0."""
    UNKNOWN = ["--trace-id", "0" * 31 + "1"]
    TOLD = "no record matches --trace-id " + UNKNOWN[1]

    def test_a_replay_says_so_and_ends_with_1(self):
        for arguments in ([], ["--loop", "3"], ["--loop", "forever"], ["--dry-run"],
                          ["--loop", "2", "--dry-run"], ["--shard", "1/2"]):
            with self.subTest(arguments):
                done = replay(self.trace, "--to", "jsonl:-", *MAX, *self.UNKNOWN, *arguments)
                self.assert_refused(done, f"groundhog-replay: {self.trace}: {self.TOLD}", code=1)
        done = replay("-", "--to", "jsonl:-", *MAX, *self.UNKNOWN, stdin=self.data)
        self.assert_refused(done, f"standard input: {self.TOLD}", code=1)

    def test_a_trace_without_a_record_is_told(self):
        path = self.path("empty.ghog")
        self.assert_silent(run("record", "--duration", "1ms", "--quiet", "-o", path))
        for arguments in ([], ["--dry-run"]):
            self.assert_refused(replay(path, "--to", "jsonl:-", *MAX, *arguments),
                                "the trace has no record", code=1)

    def test_what_is_left_of_a_cut_trace_may_be_nothing(self):
        path = self.cut(self.entries[5][0])
        done = replay(path, "--to", "jsonl:-", *MAX, "--from", "6h")
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        told = done.stderr.decode().splitlines()
        self.assertIn("incomplete", told[0])
        self.assertIn("no record matches --from 6h", told[-1])

    def test_a_shard_without_a_key_is_told_but_has_done_its_part(self):
        counts = []
        for shard in range(1, 41):
            wanted = ["--until", "1m", "--shard", f"{shard}/40"]
            done = replay(self.trace, "--to", "jsonl:-", *MAX, *wanted)
            self.assertEqual(done.returncode, 0)
            counts.append(done.stdout.count(b"\n"))
            told = done.stderr.decode()
            self.assertEqual(f"none is of --shard {shard}/40" in told, counts[-1] == 0)
            dry = replay(self.trace, "--dry-run", "-q", *wanted)
            self.assertEqual((dry.returncode, dry.stderr.decode()), (0, told))
        self.assertIn(0, counts)
        self.assertEqual(sum(counts), len(self.lines(self.trace, "--until", "1m")))

    def test_a_check_of_nothing_says_so_and_ends_with_1(self):
        # An embedded Kafka keeps running only if something was sent; that is in another topic.
        process = start(self.trace, "--to", "kafka://embedded", *MAX, "--until", "1m", "--topic",
                        "other", "--alerts-topic", "none", "--linger", f"{PATIENCE_SECONDS}s")
        try:
            address = re.search(rb"\d+\.\d+\.\d+\.\d+:\d+", process.stderr.readline())[0].decode()
            checked = replay(self.trace, "--check", f"kafka://{address}", *self.UNKNOWN)
        finally:
            process.terminate()
            process.communicate(timeout=PATIENCE_SECONDS)
        self.assertEqual(checked.returncode, 1, checked.stderr)
        self.assertIn(self.TOLD, checked.stderr.decode())

    def test_all_sent_by_an_earlier_run_is_no_failure(self):
        notes = self.path("notes.json")
        for sent in (True, False):
            lines = self.play("--until", "1m", "--resume", notes)
            self.assertEqual(bool(lines), sent)


class DryRunTest(PlayTest):

    def dry(self, *arguments, code=0):
        done = replay(self.trace, "--dry-run", "--report", "-", *arguments)
        self.assertEqual(done.returncode, code, done.stderr)
        return json.loads(done.stdout), done.stderr.decode()

    def test_a_dry_run_tells_what_a_run_does(self):
        wanted = ["--speed", "7200x", "--from", "6h", "--until", "7h", "--shard", "1/2"]
        dry, text = self.dry(*wanted, "--to", "jsonl:" + self.path("never.jsonl"))
        self.assertFalse(os.path.exists(self.path("never.jsonl")))
        self.assertFalse(os.path.exists(self.path("never.jsonl.partial")))
        done = replay(self.trace, "--to", "null:", "-q", "--report", self.path("report.json"),
                      *wanted)
        self.assertEqual(done.returncode, 0)
        report = self.report()
        self.assertEqual(dry["records"], report["records_sent"])
        self.assertEqual(dry["records_read"], report["records_read"])
        self.assertEqual(dry["bytes"], report["bytes"])
        self.assertLessEqual(dry["last_deadline_ms"], report["duration_ms"])
        self.assertAlmostEqual(dry["last_deadline_ms"], 500, delta=20)
        self.assertIs(dry["complete"], True)
        self.assertIn(f"{dry['records']:,}", text)

    def test_topics_are_those_of_kafka_and_no_broker_is_asked(self):
        dry, _ = self.dry("--to", "kafka://127.0.0.1:9", "--topic", "logs")
        errors = len(self.lines(self.trace, "--level", "ERROR"))
        records = self.info(self.trace)["records"]
        self.assertEqual({name: topic["messages"] for name, topic in dry["topics"].items()},
                         {"logs": records, "alerts": errors})
        self.assertEqual(dry["messages"], records + errors)
        self.assertEqual(dry["bytes"], sum(topic["bytes"] for topic in dry["topics"].values()))
        dry, _ = self.dry("--to", "kafka://127.0.0.1:9", "--alerts-topic", "none")
        self.assertEqual(list(dry["topics"]), ["raw_logs"])

    def test_of_an_incomplete_trace_it_counts_what_is_whole(self):
        path = self.cut(self.entries[5][0] + 77)
        done = replay(path, "--dry-run", "--report", "-", "-q")
        self.assertEqual(done.returncode, 3)
        report = json.loads(done.stdout)
        whole = sum(map(self.chunk_records, range(1, 5)))
        self.assertEqual((report["records"], report["complete"]), (whole, False))

    def test_at_max_nothing_is_due(self):
        dry, _ = self.dry("--speed", "max")
        self.assertIsNone(dry["first_deadline_ms"])

    def test_options_that_do_not_fit_are_refused(self):
        cases = [(["--speed", "max", "--max-gap", "1s"], "--max-gap"),
                 (["--rate", "5/s", "--max-gap", "1s"], "--max-gap"),
                 (["--speed", "max", "--catch-up", "slip"], "--catch-up"),
                 (["--speed", "max", "--fail-if-lateness", "p99=1s"], "--fail-if-lateness"),
                 (["--start-paused"], "--control"),
                 (["--start-paused", "--start-at", "2030-01-01T00:00:00Z"], "--start-at"),
                 (["--start-at", "tomorrow"], "--start-at"),
                 (["--catch-up", "never"], "--catch-up"),
                 (["--max-gap", "soon"], "--max-gap")]
        for arguments, *words in cases:
            with self.subTest(arguments=arguments):
                self.assert_refused(replay(self.trace, "--to", "null:", *arguments), *words)


if __name__ == "__main__":
    unittest.main()
