"""groundhog cat: which records it prints, and how it ends when something is wrong."""
import json
import os
import random
import select
import struct
import subprocess
import time
import unittest

from groundhog import CliTest, DURATION, PROGRAM, run


def parsed(lines):
    return [json.loads(line) for line in lines]


class SelectionTest(CliTest):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.whole = run("cat", cls.trace).stdout.splitlines()
        cls.records = parsed(cls.whole)

    def whole_where(self, is_wanted):
        return [line for line, record in zip(self.whole, self.records) if is_wanted(record)]

    def test_prints_every_record_in_the_order_of_time(self):
        self.assertEqual(len(self.whole), self.info(self.trace)["records"])
        times = [record["timestamp"] for record in self.records]
        self.assertEqual(times, sorted(times))

    def test_keys_stand_in_their_order_and_optional_ones_are_absent(self):
        order = ["service", "level", "message", "timestamp", "latency_ms", "trace_id", "dependency",
                 "error_code", "hostname"]
        for record in self.records:
            self.assertEqual(list(record), [key for key in order if key in record])
            self.assertEqual("error_code" in record, record["level"] == "ERROR")

    def test_a_range_is_half_open_and_equals_filtering_the_whole(self):
        generator = random.Random(1)
        cases = [(0, 1), (0, 7 * 3600), (6 * 3600 + 2400, 7 * 3600), (7 * 3600 - 1, 9 * 3600)]
        cases += [tuple(sorted(generator.sample(range(7 * 3600), k=2))) for _ in range(8)]
        for begin, end in cases:
            with self.subTest(begin=begin, end=end):
                texts = [f"2025-01-06T{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}Z"
                         for s in (begin, end)]
                wanted = self.whole_where(lambda r: texts[0][:-1] <= r["timestamp"] < texts[1][:-1])
                by_offset = self.lines(self.trace, "--from", f"{begin}s", "--until", f"{end}s")
                self.assertEqual(by_offset, wanted)
                by_date = self.lines(self.trace, "--from", texts[0], "--until", texts[1])
                self.assertEqual(by_date, wanted)
                piped = self.lines("-", "--from", f"{begin}s", "--until", f"{end}s",
                                   stdin=self.data)
                self.assertEqual(piped, wanted)

    def test_a_record_is_in_the_range_it_begins_but_not_in_the_one_it_ends(self):
        info = self.info(self.trace)
        self.assert_fails(run("cat", self.trace, "--until", info["first_time"]), 0,
                          f"no record matches --until {info['first_time']}")
        self.assertEqual(self.lines(self.trace, "--from", info["first_time"]), self.whole)
        self.assertEqual(self.lines(self.trace, "--from", info["last_time"]), self.whole[-1:])
        self.assertEqual(self.lines(self.trace, "--until", info["last_time"]), self.whole[:-1])

    def test_a_range_goes_by_true_time_whatever_the_hosts_clocks_say(self):
        path = self.sample("random:2:900")
        whole = self.lines(path, "--truth")
        shown = [json.loads(line)["timestamp"] for line in whole]
        self.assertNotEqual(shown, sorted(shown))
        self.assertTrue(any(b'"clock_skew_ns":-' in line for line in whole))
        first = self.lines(path, "--truth", "--until", "20s")
        self.assertTrue(0 < len(first) < len(whole))
        self.assertEqual(first + self.lines(path, "--truth", "--from", "20s"), whole)

    def test_a_time_zone_is_understood(self):
        self.assertEqual(self.lines(self.trace, "--from", "2025-01-06T08:30:00.5+02:00"),
                         self.lines(self.trace, "--from", "6h30m500ms"))

    def test_a_range_outside_the_trace_is_cut_to_it(self):
        self.assertEqual(self.lines(self.trace, "--from", "2024-12-31T00:00:00Z", "--until",
                                    "2026-01-01T00:00:00Z"), self.whole)

    def test_a_range_that_cannot_match_is_refused_with_the_one_that_there_is(self):
        covers = "the trace covers 0s to 7h (2025-01-06T00:00:00Z to 2025-01-06T07:00:00Z)"
        cases = [["--from", "14h"], ["--from", DURATION], ["--from", "2025-01-06T07:00:00Z"],
                 ["--until", "0s"], ["--until", "2024-12-31T00:00:00Z"],
                 ["--from", "1h", "--until", "1h"], ["--from", "2h", "--until", "1h"],
                 ["--from", "8h", "--until", "9h", "--level", "ERROR"]]
        for wanted in cases:
            with self.subTest(wanted):
                for path in (self.trace, self.cut(self.footer_offset)):
                    self.assert_fails(run("cat", path, *wanted), 2, wanted[0], covers)
                self.assert_fails(run("cat", "-", *wanted, stdin=self.data), 2, covers)
        self.assertEqual(len(self.lines(self.trace, "--from", "6h59m59s")),
                         len(self.whole_where(lambda r: r["timestamp"] >= "2025-01-06T06:59:59")))

    def test_of_an_endless_pipe_only_what_lies_before_its_begin_is_refused(self):
        with subprocess.Popen([PROGRAM, "record", "--duration", "forever", "-o", "-", "--quiet"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as record:
            done = run("cat", "-", "--until", "0s", stdin=record.stdout)
            record.stdout.close()
            self.assert_fails(done, 2, "the trace covers all from 0s (2025-01-06T00:00:00Z) on")
            record.communicate()

    def test_a_selection_without_a_record_is_told(self):
        unknown = "0" * 31 + "1"
        wanted = ["--from", "1m", "--service", "auth-service", "--level", "warn", "--trace-id",
                  unknown]
        told = "no record matches --from 1m --service auth-service --level WARN " \
            f"--trace-id {unknown}"
        self.assert_fails(run("cat", self.trace, *wanted), 0, f"groundhog: {self.trace}: {told}")
        self.assert_fails(run("cat", "-", *wanted, stdin=self.data), 0, f"standard input: {told}")
        self.assert_silent(run("cat", "--quiet", self.trace, *wanted))
        self.assert_silent(run("cat", self.trace, *wanted, "--limit", "0"))

    def test_of_what_is_left_of_a_cut_trace_an_empty_selection_is_told_too(self):
        done = run("cat", self.cut(self.entries[5][0]), "--from", "6h")
        lines = done.stderr.decode().splitlines()
        self.assertEqual((done.returncode, done.stdout, len(lines)), (3, b"", 2))
        self.assertIn("incomplete", lines[0])
        self.assertIn("no record matches --from 6h", lines[1])

    def test_a_trace_without_a_record_is_told(self):
        path = self.path("empty.ghog")
        self.assert_silent(run("record", "--duration", "1ms", "--quiet", "-o", path))
        self.assert_fails(run("cat", path), 0, "the trace has no record")
        self.assert_fails(run("cat", path, "--position", "0"), 2, "the trace has no record")

    def test_services_are_selected(self):
        wanted = {"auth-service", "order-service"}
        self.assertEqual(
            self.lines(self.trace, "--service", "auth-service", "--service", "order-service"),
            self.whole_where(lambda r: r["service"] in wanted))

    def test_levels_are_selected_in_either_case(self):
        self.assertEqual(self.lines(self.trace, "--level", "WARN", "--level", "error"),
                         self.whole_where(lambda r: r["level"] in ("WARN", "ERROR")))

    def test_a_request_is_selected(self):
        trace_id = next(r["trace_id"] for r in self.records if r["level"] == "ERROR")
        wanted = self.whole_where(lambda r: r["trace_id"] == trace_id)
        self.assertGreater(len(wanted), 1)
        self.assertEqual(self.lines(self.trace, "--trace-id", trace_id), wanted)
        self.assertEqual(self.lines(self.trace, "--trace-id", trace_id.upper()), wanted)
        other = self.records[0]["trace_id"]
        self.assertEqual(self.lines(self.trace, "--trace-id", trace_id, "--trace-id", other),
                         self.whole_where(lambda r: r["trace_id"] in (trace_id, other)))

    def test_conditions_of_different_kinds_must_all_hold(self):
        self.assertEqual(
            self.lines(self.trace, "--service", "user-service", "--level", "ERROR", "--from",
                       "6h45m", "--until", "6h50m", "--limit", "3"),
            self.whole_where(lambda r: r["service"] == "user-service" and r["level"] == "ERROR" and
                             "T06:45" <= r["timestamp"][10:] < "T06:50")[:3])

    def test_a_limit_counts_the_records_printed(self):
        errors = self.whole_where(lambda r: r["level"] == "ERROR")
        for limit in (0, 1, 10, 1500):
            with self.subTest(limit):
                self.assertEqual(self.lines(self.trace, "--limit", str(limit)), self.whole[:limit])
        self.assertEqual(self.lines(self.trace, "--level", "ERROR", "--limit", "010"), errors[:10])
        self.assertEqual(self.lines(self.trace, "--limit", str(2**64 - 1)), self.whole)

    def test_the_record_at_a_position_is_the_line_of_that_number(self):
        for position in (0, 1, 999, 1000, 1001, 34567, len(self.whole) - 1):
            with self.subTest(position):
                wanted = [self.whole[position]]
                self.assertEqual(self.lines(self.trace, "--position", str(position)), wanted)
                self.assertEqual(self.lines("-", "--position", str(position), stdin=self.data),
                                 wanted)
        truth = self.lines(self.trace, "--position", "1000", "--truth")[0]
        self.assertTrue(truth.startswith(self.whole[1000][:-1] + b',"truth":{'))

    def test_a_position_beyond_the_end_is_refused(self):
        count = len(self.whole)
        for position, in_loop in ((count, 0), (3 * count + 5, 5), (2**64 - 1, None)):
            told = f"the trace has {count} records"
            if in_loop is not None:
                told += ", numbered from 0; if this is a position of a replay with " \
                    f"--loop, write --position {in_loop}"
            wanted = ["--position", str(position)]
            self.assert_fails(run("cat", self.trace, *wanted), 2, told)
            self.assert_fails(run("cat", "-", *wanted, stdin=self.data), 2, told)

    def test_a_position_is_found_by_the_index(self):
        """A hole before and behind its chunk is not read."""
        offset, _ = self.entries[21]
        first_position, = struct.unpack_from("<Q", self.data, offset + 64)
        hollow = bytearray(self.data)
        for first, last in ((2, 21), (22, 40)):
            begin, end = self.entries[first][0], self.entries[last][0]
            hollow[begin:end] = bytes(end - begin)
        path = self.write("hollow.ghog", bytes(hollow))
        for position in (first_position, first_position + 7):
            self.assertEqual(self.lines(path, "--position", str(position)),
                             [self.whole[position]])
        done = run("cat", path, "--position", str(first_position - 1))
        told = done.stderr.decode().splitlines()
        self.assertEqual((done.returncode, done.stdout), (3, b""))
        self.assertIn("damaged in the entry at byte", told[0])
        self.assertIn(f"there is no record at position {first_position - 1} in what can be read",
                      told[-1])

    def test_a_position_stands_alone(self):
        for more in (["--from", "1h"], ["--limit", "1"], ["--level", "ERROR"]):
            self.assert_fails(run("cat", self.trace, "--position", "1", *more), 2, "--position",
                              more[0])

    def test_truth_comes_last_and_changes_nothing_before_it(self):
        with_truth = self.lines(self.trace, "--truth")
        self.assertEqual(len(with_truth), len(self.whole))
        causes = set()
        for line, plain in zip(with_truth, self.whole):
            self.assertTrue(line.startswith(plain[:-1] + b',"truth":{'))
            causes.add(json.loads(line)["truth"].get("cause"))
        self.assertEqual(causes - {None},
                         {fault["name"] for fault in self.info(self.trace)["faults"]})

    def test_wrong_values_are_named(self):
        cases = {
            ("--service", "auth"): ["--service 'auth'", "auth-service"],
            ("--level", "DEBUG"): ["--level", "'DEBUG'", "INFO, WARN or ERROR"],
            ("--trace-id", "4bf9"): ["--trace-id", "'4bf9'", "32 hex digits"],
            ("--trace-id", "g" * 32): ["--trace-id", "32 hex digits"],
            ("--from", "noon"): ["--from 'noon'", "2h30m"],
            ("--until", "2025-13-01T00:00:00Z"): ["--until '2025-13-01T00:00:00Z'"],
            ("--from", "2h", "--until", "1h"): ["--until '1h'", "--from '2h'"],
            ("--limit", "-1"): ["--limit", "'-1'", "whole number"],
            ("--limit", "1.5"): ["--limit", "'1.5'"],
            ("--limit", str(2**64)): ["--limit"],
            ("--position", "-1"): ["--position", "'-1'", "whole number"],
        }
        for arguments, words in cases.items():
            with self.subTest(arguments):
                self.assert_fails(run("cat", self.trace, *arguments), 2, *words)

    def test_options_that_repeat_take_one_value_each(self):
        done = run("cat", self.trace, "--level", "ERROR", "WARN")
        self.assert_fails(done, 2, "WARN")
        self.assertEqual(self.lines("--level", "ERROR", self.trace, "--limit", "2"),
                         self.whole_where(lambda r: r["level"] == "ERROR")[:2])


class DamageTest(CliTest):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.whole = run("cat", cls.trace).stdout.splitlines()

    def test_a_cut_trace_is_printed_to_its_last_whole_chunk(self):
        offset, size = self.entries[5]
        all_chunks = len(self.entries) - 4
        for length, chunks in ((offset, 4), (offset + 1, 4), (offset + size - 1, 4),
                               (offset + size, 5), (self.footer_offset + 100, all_chunks),
                               (len(self.data) - 1, all_chunks)):
            for stdin in (False, True):
                with self.subTest(length=length, stdin=stdin):
                    path = self.cut(length)
                    done = run("cat", "-", stdin=self.data[:length]) if stdin else run("cat", path)
                    self.assert_fails(done, 3, "incomplete", prints=None)
                    # Chunks also end after ten minutes, so that their records are not 1,000 each.
                    lines = done.stdout.splitlines()
                    self.assertEqual(lines, self.whole[:len(lines)])
                    self.assertGreaterEqual(len(lines), (chunks - 1) * 500)
                    self.assertLessEqual(len(lines), chunks * 1000)

    def test_of_a_cut_trace_what_lies_before_the_cut_is_no_loss(self):
        path = self.cut(self.footer_offset)
        self.assert_silent(run("cat", path, "--until", "1h"))
        self.assert_silent(run("cat", path, "--limit", "5"))
        self.assertEqual(run("cat", path, "--from", "1h").returncode, 3)

    def test_a_cut_in_the_header_is_no_trace(self):
        for length in (1, 8, 100, self.entries[0][1] - 1):
            with self.subTest(length):
                self.assert_fails(run("cat", self.cut(length)), 2, "not a Groundhog trace")

    def test_a_damaged_chunk_is_told_with_its_offset_and_passed_over(self):
        offset, size = self.entries[7]
        intact = self.lines(self.trace, "--truth")
        for stdin in (False, True):
            with self.subTest(stdin=stdin):
                path = self.damaged(offset + size // 2)
                with open(path, "rb") as file:
                    arguments = ["-"] if stdin else [path]
                    source = subprocess.run(["cat"], stdin=file, stdout=subprocess.PIPE, check=True)
                    done = run("cat", "--truth", *arguments, stdin=source.stdout)
                self.assert_fails(done, 3, f"byte {offset}", "checksum", prints=None)
                lines = done.stdout.splitlines()
                begin = next(i for i, line in enumerate(lines) if line != intact[i])
                lost = len(intact) - len(lines)
                self.assertTrue(0 < lost <= 1000)
                self.assertEqual(lines, intact[:begin] + intact[begin + lost:])

    def test_a_damaged_length_costs_one_chunk_where_there_is_an_index(self):
        offset, _ = self.entries[7]
        done = run("cat", self.damaged(offset + 4, mask=0x80))
        self.assert_fails(done, 3, f"byte {offset}", prints=None)
        self.assertTrue(0 < len(self.whole) - len(done.stdout.splitlines()) <= 1000)

    def test_quiet_tells_by_the_exit_code_alone(self):
        for path in (self.cut(self.footer_offset), self.damaged(self.entries[7][0] + 100)):
            with self.subTest(path):
                self.assert_silent(run("cat", "--quiet", path), code=3)

    def test_what_is_no_trace_ends_with_2(self):
        self.assert_fails(run("cat", self.path("nowhere.ghog")), 2, "nowhere.ghog", "No such file")
        self.assert_fails(run("cat", self.folder), 2, self.folder, "directory")
        self.assert_fails(run("cat", self.write("empty", b"")), 2, "empty", "not a Groundhog trace")
        self.assert_fails(run("cat", self.write("text", b'{"a":1}\n' * 1000)), 2,
                          "not a Groundhog trace")
        self.assert_fails(run("cat", "/dev/zero"), 2, "not a Groundhog trace")
        self.assert_fails(run("cat", "-"), 2, "standard input", "not a Groundhog trace")

    def test_many_damages_are_summed_up(self):
        changed = bytearray(self.data)
        for offset, size in self.entries[1:40:2]:
            changed[offset + size // 2] ^= 1
        done = run("cat", self.write("damaged.ghog", bytes(changed)))
        told = done.stderr.decode().splitlines()
        self.assertEqual((done.returncode, len(told)), (3, 11))
        self.assertEqual(told[-1], "groundhog: and 10 more")


class HelpTest(CliTest):
    RECORD = []

    def test_every_example_of_the_help_prints_something_of_a_day_recorded_by_default(self):
        text = run("cat", "--help").stdout.decode()
        examples = [line.split() for line in text.splitlines()
                    if line.startswith("  groundhog cat day.ghog")]
        self.assertGreaterEqual(len(examples), 5)
        for _, *words in examples:
            with self.subTest(words):
                done = run(*[self.trace if word == "day.ghog" else word for word in words])
                self.assert_silent(done)
                self.assertGreater(len(done.stdout), 0)


class OutputTest(CliTest):

    def test_a_closed_pipe_ends_it_quietly(self):
        with subprocess.Popen([PROGRAM, "cat", self.trace], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as cat:
            cat.stdout.readline()
            cat.stdout.close()
            self.assertEqual((cat.wait(60), cat.stderr.read()), (0, b""))

    def test_a_full_disk_is_told_once(self):
        for arguments in ([], ["--limit", "1"]):
            with self.subTest(arguments), open("/dev/full", "wb") as full:
                done = run("cat", self.trace, *arguments, stdout=full)
                self.assert_fails(done, 2, "No space left on device")

    def test_a_closed_standard_output_is_told(self):
        done = run("cat", self.trace, preexec_fn=lambda: os.close(1))
        self.assert_fails(done, 2, "standard output")

    def test_lines_of_a_live_pipe_come_out_chunk_by_chunk(self):
        whole = self.lines(self.trace)
        with subprocess.Popen([PROGRAM, "cat", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, bufsize=0) as cat:
            cat.stdin.write(self.data[:self.entries[3][0]])
            seen, deadline = b"", time.monotonic() + 30
            # Two chunks are in the pipe: the second one's last record must come while it is open.
            while time.monotonic() < deadline:
                if not select.select([cat.stdout], [], [], 0.5)[0]:
                    if seen.count(b"\n") > 1000:
                        break
                    continue
                seen += os.read(cat.stdout.fileno(), 1 << 20)
            lines = seen.splitlines()
            self.assertIsNone(cat.poll())
            self.assertGreater(len(lines), 1000)
            self.assertTrue(seen.endswith(b"\n"))
            self.assertEqual(lines, whole[:len(lines)])
            cat.stdin.close()
            self.assertEqual(cat.wait(60), 3)
            self.assertEqual(cat.stdout.read(), b"", "nothing had been held back")

    def test_an_endless_recording_can_be_read(self):
        with subprocess.Popen([PROGRAM, "record", "--duration", "forever", "-o", "-", "--quiet"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as record:
            done = run("cat", "-", "--limit", "20000", stdin=record.stdout)
            record.stdout.close()
            self.assert_silent(done)
            self.assertEqual(len(done.stdout.splitlines()), 20000)
            self.assertEqual((record.wait(60), record.stderr.read()), (0, b""))

    def test_a_redirected_file_is_read_like_a_named_one(self):
        with open(self.trace, "rb") as file:
            self.assertEqual(run("cat", "-", "--from", "5h", stdin=file).stdout.splitlines(),
                             self.lines(self.trace, "--from", "5h"))


if __name__ == "__main__":
    unittest.main()
