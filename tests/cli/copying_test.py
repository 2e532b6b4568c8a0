"""groundhog convert, slice and recover: what is in the trace that they write, and what they say."""
import json
import os
import pty
import random
import resource
import signal
import struct
import subprocess
import time
import unittest

from groundhog import CliTest, DURATION, PROGRAM, entries, read, run, sealed


def duration_text(seconds):
    """As info has it, from a minute on."""
    parts = [(seconds // 3600, "h"), (seconds // 60 % 60, "m"), (seconds % 60, "s")]
    return "".join(f"{count}{unit}" for count, unit in parts if count)


def wait_for_partial(case, process, path):
    deadline = time.monotonic() + 60
    while not os.path.exists(path) or os.path.getsize(path) < 100_000:
        case.assertLess(time.monotonic(), deadline)
        case.assertIsNone(process.poll())
        time.sleep(0.01)


class CopyingCase(CliTest):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.out = cls.path("out.ghog")
        cls.whole = run("cat", cls.trace, "--truth").stdout.splitlines()
        cls.chunks = cls.entries[1:-3]  # (offset, size)

    def place_of(self, index):
        """The positions of a chunk's first record and of the first one after it: by reading this
        chunk alone, after the header."""
        offset, size = self.chunks[index]
        alone = self.data[:self.entries[0][1]] + self.data[offset:offset + size]
        lines = run("cat", "-", "-q", "--truth", stdin=alone).stdout.splitlines()
        begin = self.whole.index(lines[0])
        self.assertEqual(self.whole[begin:begin + len(lines)], lines)
        return begin, begin + len(lines)

    def setUp(self):
        for path in (self.out, self.out + ".partial"):
            if os.path.lexists(path):
                os.remove(path)

    def copied(self, *arguments, code=0, **options):
        done = run(*arguments, "-o", self.out, **options)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assert_silent(run("verify", "--quiet", self.out))
        self.assertFalse(os.path.exists(self.out + ".partial"))
        return done.stderr.decode()

    def header(self, path):
        info = self.info(path)
        return [list(info["services"])] + [info[key] for key in (
            "scenario", "seed", "overrides", "start", "resolution", "program_version")]


class ConvertTest(CopyingCase):

    def test_every_way_of_storing_keeps_records_header_and_digest(self):
        for options in ([], ["--compression", "none"], ["--compression", "packed"],
                        ["--level", "1"], ["--chunk-records", "1"], ["--chunk-records", "65536"]):
            with self.subTest(options):
                told = self.copied("convert", self.trace, *options)
                digest = self.info(self.trace)["digest"]
                self.assertEqual(self.info(self.out)["digest"], digest)
                self.assertIn(f"digest {digest}", told)
                self.assertEqual(run("cat", self.out, "--truth").stdout.splitlines(), self.whole)
                self.assertEqual(self.header(self.out), self.header(self.trace))
                self.assertEqual(self.info(self.out)["duration"], DURATION)

    def test_with_the_options_of_the_recording_the_bytes_are_the_same(self):
        self.copied("convert", self.trace, "--chunk-records", "1000")
        self.assertEqual(read(self.out), self.data)

    def test_pipes(self):
        done = run("convert", "-", "-o", "-", "--chunk-records", "1000", stdin=self.data)
        self.assertEqual((done.returncode, done.stdout), (0, self.data))

    def test_sample_traces_with_every_feature(self):
        for name in ("golden", "tiny"):
            with self.subTest(name):
                sample = self.sample(name)
                self.copied("convert", sample, "--chunk-records", "3")
                self.assertEqual(self.info(self.out)["digest"], self.info(sample)["digest"])

    def test_chunks_with_a_key_of_their_own_keep_it(self):
        """As of merged traces: the second chunk has another key."""
        key = struct.pack("<Q", self.key())
        other = struct.pack("<Q", 4711)
        forged = self.forged(2, key, other)
        before = run("cat", forged, "-q").stdout
        self.assertNotEqual(before, run("cat", self.trace).stdout)
        # The footer's digest is not the records' any more; the copy's is.
        self.copied("convert", forged, "--chunk-records", "65536")
        self.assertEqual(run("cat", self.out).stdout, before)

    def key(self):
        """The trace key of the first chunk; its place in the entry is found by the header's."""
        plain = read(self.plain())
        offset, size = entries(plain)[0]
        header = plain[offset:offset + size]
        offset, size = self.entries[1]
        chunk = self.data[offset:offset + size]
        for at in range(32, len(chunk) - 8, 8):
            (value,) = struct.unpack_from("<Q", chunk, at)
            if value > 1 << 48 and struct.pack("<Q", value) in header:
                return value
        self.fail("no key")

    def test_an_incomplete_trace_gives_what_can_be_read(self):
        cut = self.cut(len(self.data) // 2)
        told = self.copied("convert", cut, code=3)
        self.assertIn("incomplete", told)
        count = self.info(self.out)["records"]
        self.assertEqual(run("cat", self.out, "--truth").stdout.splitlines(), self.whole[:count])

    def test_the_empty_trace_and_one_record(self):
        empty = self.path("empty.ghog")
        run("record", "--duration", "1ms", "-q", "-o", empty)
        self.copied("convert", empty)
        self.assertEqual(self.info(self.out)["digest"], self.info(empty)["digest"])
        self.assertEqual(self.info(self.out)["records"], 0)


class SliceTest(CopyingCase):

    def test_a_slice_has_the_records_of_its_time_as_they_were(self):
        generator = random.Random(2)
        for begin, end in [(0, 7 * 3600), (6 * 3600 + 2400, 6 * 3600 + 2460)] + [
                sorted(generator.sample(range(7 * 3600), k=2)) for _ in range(5)]:
            with self.subTest(begin=begin, end=end):
                limits = ["--from", f"{begin}s", "--until", f"{end}s"]
                wanted = run("cat", self.trace, "--truth", *limits).stdout
                self.copied("slice", self.trace, *limits)
                self.assertEqual(run("cat", self.out, "--truth").stdout, wanted)
                self.assertEqual(self.header(self.out), self.header(self.trace))
                self.assertEqual(self.info(self.out)["duration"], duration_text(end))
                piped = run("slice", "-", "-o", "-", *limits, stdin=self.data)
                self.assertEqual((piped.returncode, piped.stdout), (0, read(self.out)))

    def test_it_reads_the_chunks_that_it_needs_and_no_other(self):
        needed = len(self.chunks) // 2
        begin, end = self.place_of(needed)
        limits = [json.loads(self.whole[at])["timestamp"] for at in (begin + 100, end - 100)]
        damaged = bytearray(self.data)
        for index, (offset, size) in enumerate(self.chunks):
            if index != needed:
                damaged[offset + size - 1] ^= 1
        path = self.write("holes.ghog", bytes(damaged))
        told = self.copied("slice", path, "--from", limits[0], "--until", limits[1])
        self.assertNotIn("damaged", told)
        self.assertGreater(self.info(self.out)["records"], 100)

    def test_recorded_again_a_slice_gives_the_day_up_to_its_end(self):
        limits = ["--from", "6h41m", "--until", "6h42m"]
        self.copied("slice", self.trace, *limits)
        day, again = self.path("again.ghog"), self.path("again-slice.ghog")
        self.assert_silent(run("record", self.out, "-q", "--no-expect", "-o", day))
        self.assertEqual(run("cat", day, "--truth").stdout,
                         run("cat", self.trace, "--truth", "--until", "6h42m").stdout)
        run("slice", day, *limits, "-o", again)
        self.assertEqual(self.info(again)["digest"], self.info(self.out)["digest"])

    def test_a_time_without_records(self):
        info = self.info(self.trace)
        told = self.copied("slice", self.trace, "--until", info["first_time"])
        self.assertIn("no record matches", told)
        self.assertEqual(self.info(self.out)["records"], 0)

    def test_a_time_beyond_the_trace_is_refused(self):
        for limits in (["--from", "8h"], ["--from", "2h", "--until", "1h"], ["--from", "x"]):
            with self.subTest(limits):
                self.assert_fails(run("slice", self.trace, "-o", self.out, *limits), 2, "--from")
                self.assertFalse(os.path.exists(self.out))


class RecoverTest(CopyingCase):

    def test_a_sound_trace_is_copied(self):
        told = self.copied("recover", self.trace)
        self.assertIn("no record is lost", told)
        self.assertEqual(self.info(self.out)["digest"], self.info(self.trace)["digest"])

    def test_any_damaged_chunk_costs_its_records_only_and_they_are_named(self):
        generator = random.Random(3)
        for index in generator.sample(range(len(self.chunks)), k=8) + [0, len(self.chunks) - 1]:
            offset, size = self.chunks[index]
            begin, end = self.place_of(index)
            for place in (4, 17, generator.randrange(32, size)):  # frame, marker, content
                with self.subTest(chunk=index, place=place):
                    told = self.copied("recover", self.damaged(offset + place), code=3)
                    self.assertEqual(run("cat", self.out, "--truth").stdout.splitlines(),
                                     self.whole[:begin] + self.whole[end:])
                    self.assertIn(f"byte {offset}", told)
                    self.assertIn(f"lost {end - begin:,} records, positions {begin} to {end - 1}",
                                  told.replace("\n", " "))

    def test_without_a_footer_too(self):
        index = len(self.chunks) // 2
        offset = self.chunks[index][0]
        data = self.damaged_data(offset + 5)[:self.footer_offset + 100]
        told = self.copied("recover", self.write("cut.ghog", data), code=3)
        self.assertIn("end is missing", told)
        begin, end = self.place_of(index)
        self.assertEqual(run("cat", self.out, "--truth").stdout.splitlines(),
                         self.whole[:begin] + self.whole[end:])

    def test_a_damaged_header(self):
        for place in (4, 17, 200):
            with self.subTest(place):
                told = self.copied("recover", self.damaged(place), code=3)
                self.assertIn("no record is lost", told)
                self.assertEqual(self.info(self.out)["digest"], self.info(self.trace)["digest"])

    def test_without_any_header_there_is_nothing_to_recover(self):
        data = self.damaged_data(200)[:self.appendix_offset]
        self.assert_fails(run("recover", self.write("cut.ghog", data), "-o", self.out), 2)
        self.assert_fails(run("recover", self.write("text", b"hello"), "-o", self.out), 2)
        self.assertFalse(os.path.exists(self.out))

    def test_a_pipe_is_refused(self):
        self.assert_fails(run("recover", "-", "-o", self.out, stdin=self.data), 2, "pipe")

    def test_it_does_not_write_over_what_it_reads(self):
        path = self.write("day2.ghog.partial", self.data[:len(self.data) // 2])
        for command in ("recover", "convert", "slice", "merge"):
            done = run(command, path, "-o", self.path("day2.ghog"))
            self.assert_fails(done, 2, "day2.ghog.partial", "another")
            with open(path, "rb") as file:
                done = run(command, "-", "-o", self.path("day2.ghog"), stdin=file)
            self.assert_fails(done, 2, "day2.ghog.partial", "another")
        self.assertEqual(len(read(path)), len(self.data) // 2)

    def test_it_does_not_replace_what_it_reads(self):
        path = self.write("day2.ghog", self.data)
        symbolic, hard = self.path("symbolic.ghog"), self.path("hard.ghog")
        os.symlink(path, symbolic)
        os.link(path, hard)
        self.addCleanup(os.unlink, symbolic)
        self.addCleanup(os.unlink, hard)
        relative = os.path.join(self.folder, ".", "day2.ghog")
        for command in ("recover", "convert", "slice", "merge"):
            for output in (path, relative, symbolic, hard):
                with self.subTest(command, output=output):
                    done = run(command, path, "-o", output)
                    self.assert_fails(done, 2, output, "would replace", "choose another name")
            with open(path, "rb") as file:
                done = run(command, "-", "-o", path, stdin=file)
            self.assert_fails(done, 2, path, "choose another name")
            done = run(command, symbolic, "-o", path)
            self.assert_fails(done, 2, path, "choose another name")
        done = run("merge", self.trace, path, "-o", path)
        self.assert_fails(done, 2, path, "choose another name")
        self.assertEqual(read(path), self.data)

    def test_streams_are_never_what_is_read(self):
        for command in ("convert", "slice", "merge"):
            done = run(command, self.trace, "-o", "/dev/null")
            self.assertEqual(done.returncode, 0, done.stderr)
            done = run(command, "-", "-o", "-", stdin=self.data)
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_it_says_that_it_has_given_up_a_search(self):
        start = struct.pack("<IIQ", 0, (31 << 20) // 8 - 1, 1 << 48 | 3 << 32) + self.data[16:24]
        def hostile(starts):
            first_chunks = self.data[:self.chunks[3][0]]
            return self.write("hostile.ghog", first_chunks + start * starts + bytes(31 << 20))
        told = self.copied("recover", hostile(60), code=3).replace("\n    ", " ")
        self.assertIn("the search was ended early", told)
        self.assertEqual(self.info(self.out)["records"], self.place_of(3)[0])
        self.assertNotIn("ended early", self.copied("recover", hostile(2), code=3))


class OutputTest(CopyingCase):
    """As of record."""
    COMMANDS = ("convert", "merge", "slice", "recover")

    def test_what_cannot_be_written_to(self):
        for command in self.COMMANDS:
            for path in ("/nowhere/x.ghog", self.folder, ""):
                done = run(command, self.trace, "-o", path)
                self.assertEqual((done.returncode, done.stdout), (2, b""))
            self.assert_fails(run(command, self.trace, "-o", "/dev/full"), 2, "No space left")

    def test_a_size_limit(self):
        limit = 100 << 10
        for command in self.COMMANDS:
            done = run(command, self.trace, "-o", self.out, preexec_fn=lambda:
                       resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
            self.assert_fails(done, 2, "ulimit -f")
            self.assertFalse(os.path.exists(self.out))

    def test_a_terminal_gets_no_trace(self):
        for command in self.COMMANDS:
            master, terminal = pty.openpty()
            try:
                done = run(command, self.trace, "-o", "-", stdout=terminal)
            finally:
                os.close(terminal)
                os.close(master)
            self.assert_fails(done, 2, "-o day.ghog")

    def test_a_reader_that_goes_ends_it_quietly(self):
        for command in self.COMMANDS:
            with subprocess.Popen([PROGRAM, command, self.trace, "-o", "-"],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
                process.stdout.read(100)
                process.stdout.close()
                self.assertEqual((process.wait(60), process.stderr.read()), (0, b""))

    def test_an_interrupt_gives_a_shorter_valid_trace(self):
        with subprocess.Popen([PROGRAM, "record", "--duration", "forever", "-o", "-"],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as record:
            process = subprocess.Popen([PROGRAM, "convert", "-", "-o", self.out],
                                       stdin=record.stdout, stderr=subprocess.PIPE)
            wait_for_partial(self, process, self.out + ".partial")
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(60), 130)
            process.stderr.close()
            record.kill()
        self.assert_silent(run("verify", "--quiet", self.out))
        self.assertFalse(os.path.exists(self.out + ".partial"))

    def test_an_interrupt_leaves_a_trace_that_was_there(self):
        before = self.write("before.ghog", self.data)
        with subprocess.Popen([PROGRAM, "record", "--duration", "forever", "-o", "-"],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as record:
            with subprocess.Popen([PROGRAM, "convert", "-", "-o", before], stdin=record.stdout,
                                  stderr=subprocess.PIPE) as process:
                wait_for_partial(self, process, before + ".partial")
                process.send_signal(signal.SIGINT)
                self.assertIn(b"is as it was before", process.stderr.read())
                self.assertEqual(process.wait(60), 130)
            record.kill()
        with open(before, "rb") as file:
            self.assertEqual(file.read(), self.data)
        self.assertFalse(os.path.exists(before + ".partial"))

    def test_an_interrupt_does_not_hide_that_the_disk_is_full(self):
        partial = self.out + ".partial"
        with subprocess.Popen([PROGRAM, "record", "--duration", "forever", "-o", "-"],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as record:
            with subprocess.Popen([PROGRAM, "convert", "-", "-o", self.out], stdin=record.stdout,
                                  stderr=subprocess.PIPE) as process:
                wait_for_partial(self, process, partial)
                process.send_signal(signal.SIGSTOP)
                size = os.path.getsize(partial)
                resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, size))
                process.send_signal(signal.SIGINT)
                process.send_signal(signal.SIGCONT)
                said = process.stderr.read().decode()
                self.assertEqual(process.wait(60), 2)
            record.kill()
        self.assertIn("File too large", said)
        self.assertFalse(os.path.exists(self.out))

    def test_hostile_files_end_with_one_line(self):
        """Sound checksums, wrong contents: never a crash."""
        offset, size = self.entries[1]
        entry = bytearray(self.data[offset:offset + size])
        generator = random.Random(4)
        for _ in range(60):
            forged = bytearray(entry)
            at = generator.randrange(32, 200)
            forged[at] = generator.randrange(256)
            data = self.data[:offset] + sealed(bytes(forged)) + self.data[offset + size:]
            path = self.write("hostile.ghog", data)
            for command in self.COMMANDS:
                done = run(command, path, "-o", self.out)
                self.assertIn(done.returncode, (0, 2, 3), done.stderr)
                self.assert_silent(run("verify", "--quiet", self.out))


if __name__ == "__main__":
    unittest.main()
