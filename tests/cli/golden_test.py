"""groundhog record --expect and --check-reproducible: the same day or not, and where it parts."""
import os
import pty
import shutil
import signal
import subprocess
import time
import unittest

from groundhog import CliTest, PROGRAM, entries, number, read, run, with_header

FAULT = "user-replicas-down"
# Front's requests fail while back is down, which the first expectation denies.
BROKEN = """\
name: broken
duration: 10m
services:
  front: {service_time: 5ms, dependencies: {back: {timeout: 100ms}}}
  back: {service_time: 10ms}
journeys:
  visit: {rate: 10/s, deadline: 1s, entry: {service: front, calls: [back]}}
faults:
  down: {kind: outage, target: back, at: 2m, for: 2m}
expect:
  calm: {service: front, during: down, error_rate: {at_most: 0.5}}
"""
OTHER_DIGEST = "0123456789abcdef0123456789abcdef"


class GoldenCase(CliTest):

    def expect(self, golden, *arguments, code=0, **options):
        done = run("record", *self.RECORD[:3], "--expect", golden, *arguments, **options)
        self.assertEqual(done.returncode, code, done.stderr.decode())
        return done.stderr.decode()

    def check(self, trace, *arguments, code=0):
        done = run("record", "--check-reproducible", trace, *arguments)
        self.assertEqual(done.returncode, code, done.stderr.decode())
        self.assertEqual(done.stdout, b"")
        return done.stderr.decode()

    def record(self, name, *arguments, code=0):
        path = self.path(name)
        done = run("record", *arguments, "--quiet", "-o", path)
        self.assertEqual(done.returncode, code, done.stderr)
        return path


class ExpectGoldenTest(GoldenCase):

    def test_the_same_day_is_recognised_and_nothing_is_written(self):
        files = sorted(os.listdir(self.folder))
        lines = self.expect(self.trace).splitlines()
        self.assertEqual(lines[0].split(",")[0], "groundhog: recorded 7h of shop")
        self.assertEqual(lines[1], "groundhog: digest " + self.info(self.trace)["digest"])
        self.assertIn(f"groundhog: the same day as {self.trace}", lines)
        self.assertEqual(self.expect(self.trace, "--quiet"), "")
        self.assertEqual(sorted(os.listdir(self.folder)), files)

    def test_it_may_be_written_as_well(self):
        out = self.path("again.ghog")
        self.expect(self.trace, "--chunk-records", "1000", "-o", out)
        self.assertEqual(read(out), self.data)
        piped = run("record", *self.RECORD, "--expect", self.trace, "-q", "-o", "-")
        self.assertEqual((piped.returncode, piped.stderr), (0, b""))
        self.assertEqual(piped.stdout, self.data)

    def test_a_golden_trace_may_be_stored_in_another_way(self):
        other = self.path("other.ghog")
        done = run("convert", self.trace, "-q", "-o", other, "--compression", "none")
        self.assertEqual(done.returncode, 0)
        self.expect(other)

    def test_a_digest_is_enough_to_know(self):
        digest = self.info(self.trace)["digest"]
        self.assertIn("groundhog: the digest is the expected one\n", self.expect(digest))
        self.assertEqual(self.expect(digest.upper(), "--quiet"), "")
        for text in (digest, digest + "\n", digest + "\r\n", f"{digest}  day.ghog\n"):
            path = self.write("day.digest", text.encode())
            self.assertIn("groundhog: the digest is the expected one\n", self.expect(path))
        path = self.write("day.digest", OTHER_DIGEST.encode())
        self.assertIn(OTHER_DIGEST, self.expect(path, "--quiet", code=1))
        said = self.expect(OTHER_DIGEST, "--quiet", code=1)
        for words in (OTHER_DIGEST, digest, "keep the golden trace"):
            self.assertIn(words, said)

    def test_what_differs_is_shown_as_diff_shows_it(self):
        out = self.path("healthy.ghog")
        for arguments in (["--without", FAULT], ["--seed", "2"], ["--duration", "6h"],
                          ["--truth", "exact"], ["--start", "2025-01-07T00:00:00Z"],
                          ["--set", "services.auth-service.hosts=5"]):
            with self.subTest(arguments):
                said = self.expect(self.trace, "--quiet", "--no-expect", "-o", out, *arguments,
                                   code=1)
                page = run("diff", "--summary", self.trace, out)
                self.assertEqual(page.returncode, 1)
                self.assertEqual(said, f"groundhog: this is not the day of {self.trace}\n"
                                 + page.stdout.decode())
                again = self.expect(self.trace, "--quiet", "--no-expect", *arguments, code=1)
                self.assertEqual(again, said.replace(out, "recorded now"))

    def test_a_page_ends_with_how_to_renew_the_trace(self):
        out = self.path("new.ghog")
        for arguments, words in (([], "record it again with --output and without --expect"),
                                 (["-o", out], f"replace it by {out}")):
            said = self.expect(self.trace, "--seed", "2", "--no-expect", *arguments, code=1)
            self.assertEqual(said.splitlines()[-1],
                             f"groundhog: if this is meant, {words}, to renew {self.trace}")

    def test_a_shorter_day_ends_where_it_parts(self):
        said = self.expect(self.trace, "--duration", "6h", code=1)
        self.assertIn("B has no such record", said)
        self.assertIn("\n  duration\n    A 7h\n    B 6h\n", said)

    def test_names_that_no_record_shows_are_named(self):
        said = self.expect(self.trace, "--set", "faults.search-slow.time_of_day=12:00", code=1)
        self.assertIn("No record differs. The digests do", said)
        self.assertIn("  fault search-slow: not the same in both\n", said)
        self.assertIn("  faults.search-slow.time_of_day\n", said)

    def test_expectations_of_the_scenario_are_checked_too(self):
        scenario = self.write("broken.yaml", BROKEN.encode())
        golden = self.record("broken.ghog", scenario, code=1)
        for arguments, has_claims, has_golden in (
                ([], True, False), (["--seed", "9"], True, True),
                (["--no-expect"], False, False), (["--no-expect", "--seed", "9"], False, True)):
            with self.subTest(arguments):
                done = run("record", scenario, "--expect", golden, *arguments)
                said = done.stderr.decode()
                self.assertEqual(done.returncode, int(has_claims or has_golden), said)
                self.assertEqual("expectation 'calm' is broken" in said, has_claims)
                self.assertEqual("this is not the day of" in said, has_golden)
                self.assertEqual("the same day as" in said, not has_golden)

    def test_the_golden_trace_is_never_overwritten(self):
        link = self.path("link.ghog")
        os.symlink(self.trace, link)
        partial = self.path("x.ghog.partial")
        shutil.copyfile(self.trace, partial)
        for golden, output in ((self.trace, self.trace), (self.trace, link), (link, self.trace),
                               (partial, self.path("x.ghog"))):
            done = run("record", "--seed", "2", "--expect", golden, "-o", output)
            self.assert_fails(done, 2, "--output would replace")
        self.assertEqual(read(self.trace), self.data)
        self.assertEqual(read(partial), self.data)
        os.unlink(link)
        os.unlink(partial)

    def test_an_interrupted_day_is_not_compared(self):
        process = subprocess.Popen([PROGRAM, "record", "--duration", "18250d", "--expect",
                                    self.trace, "--progress", "always"], stderr=subprocess.PIPE)
        with process:
            self.assertIn(b"recording", process.stderr.readline())
            process.send_signal(signal.SIGINT)
            said = process.stderr.read().decode()
            self.assertEqual(process.wait(60), 130)
        self.assertIn("so it is not compared", said)
        self.assertNotIn("not the day", said)

    def test_a_reader_that_goes_leaves_the_day_uncompared(self):
        with subprocess.Popen([PROGRAM, "record", "--duration", "240h", "--expect", self.trace,
                               "-o", "-"], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as record:
            record.stdout.read(1 << 16)
            record.stdout.close()
            self.assertIn(b"so it is not compared", record.stderr.read())
            self.assertEqual(record.wait(60), 2)

    def test_a_terminal_gets_colours(self):
        for no_color, has_colours in (("", True), ("1", False)):
            master, terminal = pty.openpty()
            with subprocess.Popen([PROGRAM, "record", "-q", *self.RECORD[:3], "--seed", "2",
                                   "--expect", self.trace], stderr=terminal,
                                  env={**os.environ, "NO_COLOR": no_color}) as process:
                os.close(terminal)
                shown = b""
                try:
                    while piece := os.read(master, 65536):
                        shown += piece
                except OSError:
                    pass  # how a terminal ends
                self.assertEqual(process.wait(60), 1)
            os.close(master)
            self.assertEqual(b"\033[" in shown, has_colours)


class BadGoldenTest(GoldenCase):

    def assert_refused(self, golden, *words, **options):
        done = run("record", "--expect", golden, "-o", self.path("not.ghog"), **options)
        self.assert_fails(done, 2, *words)
        self.assertEqual([name for name in os.listdir(self.folder) if name.startswith("not.")], [])

    def test_what_is_no_sound_trace_is_refused_at_once(self):
        self.assert_refused(self.path("nowhere.ghog"), "nowhere.ghog")
        self.assert_refused(self.write("text.ghog", b"version 1"), "text.ghog", "not a Groundhog")
        pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"
        self.assert_refused(self.write("text.ghog", pointer), "text.ghog: a pointer of Git LFS",
                            "git lfs pull")
        for digest in (OTHER_DIGEST + "0", OTHER_DIGEST[1:], "x" * 32):
            self.assert_refused(self.write("day.digest", digest.encode()), "day.digest")
        self.assert_refused(self.write("empty.ghog", b""), "empty.ghog")
        self.assert_refused(self.cut(len(self.data) // 2), "cut.ghog", "incomplete")
        self.assert_refused(self.damaged(100), "damaged.ghog", "byte 0")
        self.assert_refused("/dev/stdin", "not a pipe", stdin=self.data)

    def test_a_digest_of_another_length_is_recognised(self):
        self.assert_refused(OTHER_DIGEST[1:], "32 hex digits, not 31")
        self.assert_refused(OTHER_DIGEST + "0", "32 hex digits, not 33")

    def test_a_day_without_end_is_refused(self):
        done = run("record", "--duration", "forever", "--expect", self.trace, "-o", "-")
        self.assert_fails(done, 2, "forever", "no end")

    def test_damage_shows_only_where_records_are_needed(self):
        offset, size = self.entries[3]
        damaged = self.damaged(offset + size // 2)
        self.expect(damaged)
        said = self.expect(damaged, "--seed", "2", code=1)
        self.assertIn(f"byte {offset}", said)

    def test_nothing_to_do_is_an_error(self):
        self.assert_fails(run("record"), 2, "--output FILE is missing", "--expect")

    def test_options_that_contradict_are_refused(self):
        for arguments in (["--expect", self.trace], ["shop"], ["--seed", "2"],
                          ["--duration", "1h"], ["--set", "seed=2"], ["--truth", "exact"]):
            done = run("record", "--check-reproducible", self.trace, *arguments)
            self.assert_fails(done, 2, "--check-reproducible")
        self.assert_fails(run("record", "--check-reproducible", OTHER_DIGEST), 2, "needs a trace")
        done = run("record", "--check-reproducible", "-", stdin=self.data)
        self.assert_fails(done, 2, "--check-reproducible", "give a file instead of '-'")


class ReproducibleTest(GoldenCase):

    def one_line(self, trace, *words):
        said = self.check(trace, "-q", code=1)
        self.assertRegex(said, r"\Agroundhog: [^\n]+\n\Z")
        for word in words:
            self.assertIn(word, said)

    def test_a_recording_is(self):
        said = self.check(self.trace)
        self.assertIn(f"groundhog: {self.trace} is reproducible\n", said)
        self.assertEqual(self.check(self.trace, "-q"), "")

    def test_so_it_is_however_it_was_asked_for(self):
        scenario = self.write("broken.yaml", BROKEN.encode())
        for arguments, code in ((["quiet", "--seed", "7", "--duration", "30m"], 0),
                                (["quiet", "--duration", "10m", "--scale", "2"], 0),
                                (["--duration", "2h", "--truth", "exact"], 0),
                                (["--duration", "2h", "--set", "services.auth-service.hosts=5",
                                  "--without", "auth-outage"], 0),
                                (["--duration", "1h", "--start", "2025-01-07T00:00:00Z"], 0),
                                ([scenario], 1)):
            with self.subTest(arguments):
                self.check(self.record("asked.ghog", *arguments, code=code))

    def test_so_are_conversions_and_beginnings(self):
        converted = self.path("converted.ghog")
        run("convert", self.trace, "-q", "-o", converted, "--chunk-records", "77")
        self.check(converted)
        beginning = self.path("beginning.ghog")
        run("slice", self.trace, "-q", "-o", beginning, "--until", "2h")
        self.check(beginning)

    def test_so_is_what_was_interrupted(self):
        path = self.path("interrupted.ghog")
        with subprocess.Popen([PROGRAM, "record", "--duration", "18250d", "-q", "-o",
                               path]) as process:
            deadline = time.monotonic() + 60
            while (not os.path.exists(path + ".partial")
                   or os.path.getsize(path + ".partial") < 1 << 20):
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.01)
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(60), 130)
        self.check(path)

    def test_a_part_is_said_to_be_one(self):
        part = self.path("part.ghog")
        run("slice", self.trace, "-q", "-o", part, "--from", "2h", "--until", "3h")
        records = self.info(part)["records"]
        self.one_line(part, "is a part of the day of its header", f"its {records:,} records")
        recovered = self.path("recovered.ghog")
        done = run("recover", self.damaged(self.entries[3][0] + 100), "-q", "-o", recovered)
        self.assertEqual(done.returncode, 3)
        self.one_line(recovered, "is a part of the day of its header",
                      f" {self.chunk_records(3):,} more")

    def with_header(self, path, *replacements):
        """A copy of the trace with other words in its header, and in what repeats it."""
        def change(entry):
            for old, new in replacements:
                self.assertIn(old, entry)
                self.assertEqual(len(old), len(new))
                entry = entry.replace(old, new, 1)
            return entry
        plain = self.path("plain.ghog")
        self.assertEqual(run("convert", path, "--compression", "none", "-q", "-o",
                             plain).returncode, 0)
        other = self.write("other.ghog", with_header(read(plain), change))
        self.assertEqual(run("verify", other).returncode, 0)
        return other

    def test_records_of_another_day_are_said_to_be_that(self):
        day = self.record("seed.ghog", "quiet", "--duration", "10m", "--seed", "123456789")
        other = self.with_header(day, (number(123456789), number(987654321)))
        records = self.info(day)["records"]
        self.one_line(other, "is not the day of its header", f"none of its {records:,} records")

    def test_records_of_another_scenario_are_shown(self):
        other = self.with_header(self.trace, (b"rate: 0.001", b"rate: 0.002"))
        said = self.check(other, "-q", code=1)
        self.assertIn(f"groundhog: this is not the day of {other}\nThe traces differ.\n", said)
        self.assertIn("\nThe first difference, in trace ", said)

    def test_another_version_is_named(self):
        version = subprocess.run([PROGRAM, "--version"], stdout=subprocess.PIPE, check=True)
        own = version.stdout.split()[-1]
        other = own.replace(b"0", b"9", 1)
        # The same day all the same.
        self.assertIn("is reproducible", self.check(self.with_header(self.trace, (own, other))))
        day = self.with_header(self.trace, (own, other), (b"rate: 0.001", b"rate: 0.002"))
        words = f"was recorded by groundhog {other.decode()}, this is {own.decode()}"
        self.assertIn(words, self.check(day, code=1))
        mistaken = self.with_header(self.trace, (own, other), (b"services:", b"sevrices:"))
        self.assertIn(words, self.check(mistaken, code=2))

    def test_an_incomplete_trace_is_refused(self):
        done = run("record", "--check-reproducible", self.cut(len(self.data) // 2))
        self.assert_fails(done, 2, "incomplete")

    def test_it_may_be_written_as_well(self):
        out = self.path("again.ghog")
        self.check(self.trace, "-q", "--chunk-records", "1000", "-o", out)
        self.assertEqual(read(out), self.data)


if __name__ == "__main__":
    unittest.main()
