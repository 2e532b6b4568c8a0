"""groundhog record: its options, where it writes, and how it ends when it can't or is stopped."""
import os
import pty
import re
import resource
import signal
import subprocess
import time
import unittest

from groundhog import CliTest, PROGRAM, read, run

ENDLESS = ["--duration", "18250d"]


class RecordTest(CliTest):
    RECORD = ["shop", "--duration", "30m"]

    def setUp(self):
        self.output = self.path("out.ghog")
        self.addCleanup(self.forget)

    def forget(self):
        for path in (self.output, self.output + ".partial"):
            if os.path.lexists(path):
                os.remove(path)

    def record(self, *arguments, **options):
        return run("record", "-o", self.output, "--duration", "30m", *arguments, **options)

    def recorded(self, *arguments):
        """info of a recording with these arguments."""
        done = self.record("--quiet", *arguments)
        self.assert_silent(done)
        return self.info(self.output)

    def assert_left_nothing(self):
        self.assertFalse(os.path.lexists(self.output))
        self.assertFalse(os.path.lexists(self.output + ".partial"))


# Three levels that try three times each: a failing database gets 27 calls for each request, and
# each failure is a record.
STORM = """\
name: storm
duration: 40m
services:
  a: {concurrency: 500, service_time: 1ms, dependencies: {b: {timeout: 1m, retries: {max: 2}}}}
  b: {concurrency: 500, service_time: 1ms, dependencies: {c: {timeout: 1m, retries: {max: 2}}}}
  c: {concurrency: 500, service_time: 1ms, dependencies: {db: {timeout: 1m, retries: {max: 2}}}}
  db: {concurrency: 500, service_time: 1ms}
journeys:
  j: {rate: 20/s, deadline: 1m,
      entry: {service: a, calls: [{service: b, calls: [{service: c, calls: [db]}]}]}}
faults:
  down: {kind: error_rate, target: db, rate: 1, at: 10m, for: 30m}
"""


class GrowthTest(RecordTest):

    def storm(self, *arguments):
        scenario = self.path("storm.yaml")
        with open(scenario, "w", encoding="utf-8") as file:
            file.write(STORM)
        done = run("record", scenario, "-o", self.output, *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stderr.decode().splitlines()

    def test_a_run_of_many_times_its_traffic_is_told_once_and_early(self):
        told = self.storm()
        self.assertEqual(len(told), 3, told)
        notice = re.search(r"\Agroundhog: notice: .*: (\d+) records in (\d+)m(?:\d+s)? of 40m, and "
                           r"its journeys ask for (\d+); .*budget_percent", told[0])
        self.assertIsNotNone(notice, told[0])
        records, minutes, offered = (int(figure) for figure in notice.groups())
        self.assertGreaterEqual(records, max(1_000_000, 5 * offered))
        self.assertLess(records, self.info(self.output)["records"] / 2)
        # 20 requests of four spans a second, and four hosts' logs.
        self.assertAlmostEqual(offered / (minutes * 60 * 80), 1, delta=0.1)

    def test_the_notice_changes_nothing(self):
        self.storm("--quiet")
        first = self.info(self.output)["digest"]
        self.assertEqual(self.storm()[-1], f"groundhog: digest {first}")

    def test_quiet_and_a_large_but_sound_run_say_nothing(self):
        self.assertEqual(self.storm("--quiet"), [])
        told = self.storm("--without", "down", "--set", "journeys.j.rate=150/s")
        self.assertEqual(len(told), 2, told)
        self.assertGreater(self.info(self.output)["records"], 1_000_000)

    def test_surges_and_bursts_are_asked_for(self):
        told = self.storm("--set", "faults.down={kind: surge, target: a, factor: 20, at: 0s, for: "
                          "20m}", "--duration", "12m", "--set",
                          "traffic={bursts: {b: {at: 5m, for: 5m, factor: 9}}}")
        self.assertEqual(len(told), 2, told)
        self.assertGreater(self.info(self.output)["records"], 1_000_000)


class OptionsTest(RecordTest):

    def test_a_recording_is_told_on_stderr_with_its_digest(self):
        done = self.record()
        info = self.info(self.output)
        told = done.stderr.decode().splitlines()
        self.assertEqual((done.returncode, done.stdout, len(told)), (0, b"", 3))
        self.assertRegex(told[0], rf"\Agroundhog: recorded 30m of shop, {info['records']} records")
        self.assertEqual(told[1], f"groundhog: digest {info['digest']}")
        self.assertRegex(told[2], r"\Agroundhog: expectations: \d+ of \d+ hold")

    def test_quiet_says_nothing(self):
        self.assert_silent(self.record("--quiet", "--progress", "always"))

    def test_progress_is_shown_when_asked_for_and_not_into_a_file(self):
        always = run("record", "--duration", "20h", "--progress", "always", "-o", self.output)
        self.assertIn(b"recording ", always.stderr)
        auto = run("record", "--duration", "20h", "-o", self.output)
        self.assertNotIn(b"recording ", auto.stderr)

    def test_options_of_the_encoding_change_the_file_but_not_the_digest(self):
        plain = self.info(self.trace)
        for arguments, key, expected in (
                (["--compression", "none"], "compression", "none"),
                (["--compression", "packed"], "compression", "packed"),
                (["--chunk-records", "100"], "chunks", -(-plain["records"] // 100))):
            with self.subTest(arguments):
                info = self.recorded(*arguments)
                self.assertEqual(info[key], expected)
                self.assertNotEqual(plain[key], expected)
                self.assertEqual(info["digest"], plain["digest"])
        self.assertLess(self.recorded("--level", "19")["size_bytes"], plain["size_bytes"])
        self.assertEqual(self.recorded("--level", "1"), plain)  # the default, as the help says
        self.assertEqual(self.recorded("--threads", "4"), plain)

    # Its mails come up to an hour late, further away than exact truth looks for them.
    def test_exact_truth_does_not_depend_on_the_chunks(self):
        digests = set()
        for records in ("1000", "65536"):
            self.assert_silent(run("record", "black-friday", "--truth", "exact", "--quiet",
                                   "--chunk-records", records, "-o", self.output))
            digests.add(self.info(self.output)["digest"])
        self.assertEqual(len(digests), 1)

    def test_options_of_the_world_change_the_digest(self):
        plain = self.info(self.trace)
        cases = (["--seed", "7"], ["--start", "2025-01-07T00:00:00Z"], ["--scale", "2"],
                 ["--set", "services.auth-service.hosts=9"], ["--duration", "31m"])
        digests = {plain["digest"]}
        for arguments in cases:
            with self.subTest(arguments):
                done = run("record", *([] if "--duration" in arguments else ["--duration", "30m"]),
                           *arguments, "--quiet", "-o", self.output)
                self.assert_silent(done)
                digests.add(self.info(self.output)["digest"])
        self.assertEqual(len(digests), len(cases) + 1)

    def test_wrong_usage_does_nothing(self):
        cases = {
            ("--compression", "gzip"): ["'gzip'", "none, packed or zstd"],
            ("--progress", "maybe"): ["'maybe'"],
            ("--level", "0"): ["--level"],
            ("--level", "20"): ["--level"],
            ("--level", "3", "--compression", "none"): ["--level goes with --compression"],
            ("--chunk-records", "0"): ["--chunk-records"],
            ("--chunk-records", "65537"): ["--chunk-records"],
            ("--threads", "0"): ["--threads"],
            ("--seed", "-1"): ["--seed", "-1"],
            ("--without", "auth-outtage"): ["auth-outtage", "did you mean 'auth-outage'"],
            ("--set", "services.auth-service.host=5"): ["host", "did you mean 'hosts'"],
            ("--no-such-flag",): ["--no-such-flag"],
            ("shop", "more"): ["more"],
        }
        for arguments, words in cases.items():
            with self.subTest(arguments):
                done = self.record(*arguments)
                self.assertEqual((done.returncode, done.stdout), (2, b""))
                self.assertEqual(len(done.stderr.splitlines()), 1)
                for word in words:
                    self.assertIn(word, done.stderr.decode())
                self.assert_left_nothing()
        self.assert_fails(run("record"), 2, "--output")


class PlacesTest(RecordTest):

    def test_standard_output_and_pipes_get_the_bytes_of_the_file(self):
        done = run("record", "--duration", "30m", "--quiet", "-o", "-")
        self.assert_silent(done)
        self.assertEqual(done.stdout, self.data)
        os.mkfifo(self.output)
        with subprocess.Popen([PROGRAM, "record", "--duration", "30m", "--quiet", "-o",
                               self.output]) as record:
            self.assertEqual(read(self.output), self.data)
            self.assertEqual(record.wait(60), 0)
        self.assert_silent(run("record", "--duration", "30m", "--quiet", "-o", "/dev/null"))

    def test_an_older_file_is_replaced_and_a_link_is_followed(self):
        older = self.write("older.ghog", b"something else")
        os.symlink(older, self.output)
        self.assert_silent(self.record("--quiet"))
        self.assertTrue(os.path.islink(self.output))
        self.assertEqual(read(older), self.data)

    def test_an_unwritable_output_ends_with_2(self):
        for output, word in ((self.path("no/such/folder.ghog"), "No such file or directory"),
                             (self.folder, "Is a directory"),
                             (os.path.join(self.trace, "x.ghog"), "Not a directory"),
                             ("/proc/x.ghog", "cannot write"), ("", "a name is needed")):
            with self.subTest(output):
                done = run("record", "--duration", "30m", "-o", output)
                self.assert_fails(done, 2, word)

    def test_a_full_device_ends_with_2(self):
        self.assert_fails(run("record", "-o", "/dev/full"), 2, "/dev/full", "No space left")
        with open("/dev/full", "wb") as full:
            self.assert_fails(run("record", "-o", "-", stdout=full), 2, "standard output",
                              "No space left")

    def test_a_size_limit_ends_with_2_and_leaves_what_was_there_before(self):
        limit = 400 << 10
        with open(self.output, "wb") as file:
            file.write(b"before")
        done = run("record", "--duration", "24h", "-o", self.output, preexec_fn=lambda:
                   resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
        self.assert_fails(done, 2, "File too large", "ulimit -f")
        self.assertEqual(read(self.output), b"before")
        # What was written before is kept, for 'groundhog recover'.
        partial = self.output + ".partial"
        self.assertIn(partial, done.stderr.decode())
        self.assertLessEqual(os.path.getsize(partial), limit)
        self.assertEqual(run("recover", partial, "-o", self.path("rest.ghog")).returncode, 3)
        self.assert_silent(run("verify", "--quiet", self.path("rest.ghog")))

    def test_a_full_disk_ends_with_2_and_leaves_what_was_written(self):
        tiny = self.path("tiny")
        os.makedirs(tiny)
        script = (f"mount -t tmpfs -o size=1m none '{tiny}' || exit 77; "
                  f"'{PROGRAM}' record -o '{tiny}/out.ghog'; code=$?; ls -A '{tiny}'; exit $code")
        as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
        done = subprocess.run(["unshare", *as_root, "--mount", "sh", "-c", script], timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if done.returncode == 77 or b"unshare" in done.stderr:
            self.skipTest("mounts are not allowed here")
        self.assert_fails(done, 2, "No space left on device", "'groundhog recover'",
                          prints=b"out.ghog.partial\n")

    def test_a_terminal_gets_no_trace(self):
        master, terminal = pty.openpty()
        try:
            done = run("record", "-o", "-", stdout=terminal)
        finally:
            os.close(terminal)
            os.close(master)
        self.assert_fails(done, 2, "-o day.ghog")

    def test_a_reader_that_goes_ends_it_quietly(self):
        with subprocess.Popen([PROGRAM, "record", "--duration", "forever", "-o", "-"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as record:
            record.stdout.read(100)
            record.stdout.close()
            self.assertEqual((record.wait(60), record.stderr.read()), (0, b""))
        read_end, write_end = os.pipe()
        os.close(read_end)
        try:
            self.assert_silent(run("record", "-o", "-", stdout=write_end))
        finally:
            os.close(write_end)

    def test_forever_is_refused_for_a_file(self):
        done = self.record("--duration", "forever")
        self.assert_fails(run("record", "--duration", "forever", "-o", self.output), 2, "forever",
                          "FIFO")
        self.assertEqual(done.returncode, 2)
        self.assert_left_nothing()


class ScenarioTest(RecordTest):

    def test_a_missing_scenario_is_told(self):
        self.assert_fails(self.record("shopp"), 2, "shopp", "did you mean 'shop'")
        self.assert_fails(self.record("nowhere.yaml"), 2, "nowhere.yaml", "No such file")
        self.assert_fails(self.record(self.folder), 2, "directory")
        self.assert_left_nothing()

    def test_the_mistakes_of_a_scenario_are_told_with_their_places(self):
        text = run("scenario", "show", "shop").stdout.decode()
        broken = text.replace("concurrency: 32", "concurency: 32", 1)
        broken = broken.replace("hosts: 3", "hosts: x")
        path = self.write("broken.yaml", broken.encode())
        done = self.record(path)
        self.assertEqual((done.returncode, done.stdout), (2, b""))
        told = done.stderr.decode().splitlines()
        self.assertGreaterEqual(len(told), 2)
        for line in told:
            self.assertRegex(line, rf"\A{path}:\d+:\d+: ")
        self.assertIn("did you mean 'concurrency'", done.stderr.decode())
        self.assert_left_nothing()

    def test_no_yaml_is_told(self):
        for data in (b"", b"\x00\xff", b"name: [", b"- 1\n"):
            with self.subTest(data):
                done = self.record(self.write("odd.yaml", data))
                self.assertEqual((done.returncode, done.stdout), (2, b""))
                self.assertIn(b"odd.yaml", done.stderr)
        self.assert_left_nothing()


class InterruptTest(RecordTest):

    def start(self):
        """Starts a recording that takes long, and returns once some of it is written."""
        process = subprocess.Popen([PROGRAM, "record", *ENDLESS, "-o", self.output],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        partial, deadline = self.output + ".partial", time.monotonic() + 60
        while not os.path.exists(partial) or os.path.getsize(partial) < 1 << 20:
            self.assertLess(time.monotonic(), deadline)
            self.assertIsNone(process.poll())
            time.sleep(0.01)
        return process

    def test_an_interrupt_gives_a_shorter_valid_file(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number):
                process = self.start()
                process.send_signal(number)
                self.assertEqual(process.wait(60), 130)
                self.assertIn(b"digest ", process.stderr.read())
                self.assertFalse(os.path.exists(self.output + ".partial"))
                self.assert_silent(run("verify", self.output))
                info = self.info(self.output)
                self.assertIs(info["complete"], True)
                # The trace has the length that it states: that length recorded again is the same.
                again = self.path("again.ghog")
                self.assert_silent(
                    run("record", "--duration", info["duration"], "--quiet", "-o", again))
                self.assertEqual(self.info(again)["digest"], info["digest"])

    def test_a_crash_leaves_a_partial_file_that_can_be_read(self):
        process = self.start()
        process.kill()
        self.assertEqual(process.wait(60), -signal.SIGKILL)
        self.assertFalse(os.path.exists(self.output))
        done = run("cat", self.output + ".partial")
        self.assert_fails(done, 3, "incomplete", prints=None)
        self.assertGreater(len(done.stdout.splitlines()), 10_000)

    def test_a_second_interrupt_ends_it_at_once(self):
        """A pipe without a reader keeps it from ending cleanly."""
        with subprocess.Popen([PROGRAM, "record", *ENDLESS, "-o", "-"], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL) as process:
            process.stdout.read(1)
            time.sleep(0.5)
            process.send_signal(signal.SIGINT)
            time.sleep(0.5)
            self.assertIsNone(process.poll(), "the first one asks for a clean end")
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(60), -signal.SIGINT)

    def test_an_interrupted_pipe_is_a_whole_trace(self):
        with subprocess.Popen([PROGRAM, "record", "--duration", "forever", "-o", "-", "--quiet"],
                              stdout=subprocess.PIPE) as process:
            head = process.stdout.read(1 << 16)
            process.send_signal(signal.SIGINT)
            rest = process.stdout.read()
            self.assertEqual(process.wait(60), 130)
        self.assert_silent(run("verify", "-", stdin=head + rest))


if __name__ == "__main__":
    unittest.main()
