"""groundhog verify and digest: no change to a trace goes unnoticed."""
import json
import os
import random
import struct
import unittest

from groundhog import (CliTest, DURATION, PROGRAM, TRAILER_BYTES, entries, number, read, run,
                       sealed)

# The seed of which bytes are changed; when a test fails, the case names its offset.
SEED = int(os.environ.get("GROUNDHOG_TEST_SEED", "1"))


class VerifyTest(CliTest):

    def assert_broken(self, path, *words):
        self.assert_fails(run("verify", path), 1, *words)

    def test_a_sound_trace_is_told_in_one_line(self):
        done = run("verify", self.trace)
        self.assert_silent(done)
        info = self.info(self.trace)
        self.assertEqual(done.stdout.decode(), f"{self.trace}: sound and complete, "
                         f"{info['records']} records, digest {info['digest']}\n")

    def test_every_encoding_is_sound_and_has_the_digest(self):
        digest = self.info(self.trace)["digest"]
        path = self.path("other.ghog")
        for options in (["--compression", "none"], ["--compression", "packed"],
                        ["--chunk-records", "1"], ["--chunk-records", "65536"]):
            with self.subTest(options):
                self.assert_silent(
                    run("record", "--duration", DURATION, *options, "--quiet", "-o", path))
                done = run("verify", path)
                self.assert_silent(done)
                self.assertIn(digest.encode(), done.stdout)

    def test_a_pipe_is_verified_like_a_file(self):
        done = run("verify", "-", stdin=self.data)
        self.assert_silent(done)
        self.assertRegex(done.stdout, rb"\A-: sound and complete")
        self.assert_fails(run("verify", "-", stdin=self.data[:-1]), 1, "standard input")

    def test_a_trace_without_records_is_sound(self):
        path = self.path("none.ghog")
        self.assert_silent(run("record", "--duration", "1ms", "--quiet", "-o", path))
        self.assertIn(b" 0 records", run("verify", path).stdout)

    def test_what_follows_the_trailer_is_told(self):
        for extra in (b"\0", b"\n", self.data[-TRAILER_BYTES:], self.data):
            with self.subTest(len(extra)):
                path = self.write("more.ghog", self.data + extra)
                self.assert_broken(path, "byte ", "follows")

    def test_a_missing_doubled_or_swapped_chunk_is_told(self):
        (begin, size), (after, size_after) = self.entries[5:7]
        one, two = self.data[begin:after], self.data[after:after + size_after]
        self.assertEqual(len(one), size)
        rest = self.data[after + size_after:]
        cases = {"missing": two, "doubled": one + one + two, "swapped": two + one}
        for name, middle in cases.items():
            with self.subTest(name):
                self.assert_broken(self.write("wrong.ghog", self.data[:begin] + middle + rest),
                                   "byte ")

    def test_a_footer_that_says_otherwise_is_told(self):
        """The checksums are right, as if a writer had made the mistake."""
        info = self.info(self.trace)
        start = 1736121600_000000000
        first, last = (self.nanoseconds(info[key]) - start for key in ("first_time", "last_time"))
        errors = info["services"]["user-service"]["ERROR"]
        fault_start = (6 * 60 + 40) * 60 * 10**9
        digest = bytes.fromhex(info["digest"])
        cases = {
            "records": (number(info["records"]), number(info["records"] + 1)),
            "first record": (number(first), number(first + 1)),
            "last record": (number(last), number(last - 1)),
            "'user-service' has": (number(errors), number(errors + 1)),
            "digest": (digest, digest[:-1] + bytes([digest[-1] ^ 1])),
            "header": (self.data[24:32], bytes(8)),  # the checksum of its entry
        }
        for word, (old, new) in cases.items():
            with self.subTest(word):
                self.assert_broken(self.forged(-2, old, new), word, f"byte {self.footer_offset}")
        with self.subTest("occurrences"):
            offset, size = self.entries[-2]
            entry = self.data[offset:offset + size]
            at = entry.index(number(fault_start))
            old = entry[at - 8:at + 8]
            self.assert_broken(self.forged(-2, old, old[:8] + number(fault_start + 1)),
                               "occurrences")

        with self.subTest("index"):
            # The seventh pointer is to the index, whose first one is to the offsets.
            rows = self.pointed(entry, 8 + 8 + 32 + 7 * 8 + 6 * 8) + 8
            base = self.pointed(entry, rows)
            wrong = bytearray(entry)
            wrong[base] ^= 8
            path = self.write("forged.ghog", self.data[:offset] + sealed(bytes(wrong)) +
                              self.data[offset + size:])
            self.assert_broken(path, "index", f"byte {self.footer_offset}")

    def test_a_damaged_appendix_is_told_and_costs_no_record(self):
        path = self.damaged(self.appendix_offset + 500)
        self.assert_broken(path, "checksum", f"byte {self.appendix_offset}")
        done = run("cat", path)
        self.assertEqual(done.returncode, 3)
        self.assertEqual(done.stdout, run("cat", self.trace).stdout)
        recovered = self.path("recovered.ghog")
        done = run("recover", path, "-o", recovered)
        self.assertEqual(done.returncode, 3)
        for words in (f"byte {self.appendix_offset}", "no record is lost"):
            self.assertIn(words, done.stderr.decode())
        self.assert_silent(run("verify", "--quiet", recovered))
        self.assertEqual(run("info", "--timeline", recovered).stdout,
                         run("info", "--timeline", self.trace).stdout)

    @staticmethod
    def pointed(entry, at):
        """Where the pointer there points to."""
        return at + 8 + 8 * (struct.unpack_from("<i", entry, at)[0] >> 2)

    @staticmethod
    def nanoseconds(text):
        """RFC 3339 with nine digits, on 2025-01-06."""
        hours, minutes, seconds = text[11:-1].split(":")
        whole, fraction = seconds.split(".")
        return (1736121600 + int(hours) * 3600 + int(minutes) * 60 + int(whole)) * 10**9 + \
            int(fraction)

    def test_quiet_tells_by_the_exit_code_alone(self):
        for path, code in ((self.trace, 0), (self.cut(self.footer_offset), 1)):
            done = run("verify", "--quiet", path)
            self.assert_silent(done, code)
            self.assertEqual(done.stdout, b"")

    def test_what_is_no_trace_ends_with_2(self):
        for arguments in (["nowhere.ghog"], [self.folder], [self.write("empty", b"")], ["-"],
                          [PROGRAM], [self.cut(20)]):
            for quiet in ([], ["--quiet"]):
                with self.subTest(arguments, quiet=quiet):
                    self.assert_fails(run("verify", *quiet, *arguments), 2)


class ChangeTest(CliTest):
    """Many changes of a short trace."""
    RECORD = ["shop", "--duration", "20m", "--chunk-records", "300"]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.whole = run("cat", cls.trace).stdout

    def test_of_a_damaged_header_the_footer_takes_the_place(self):
        for offset in (0, 5, 20, 200):  # frame, length, marker, content
            path = self.damaged(offset)
            with self.subTest(offset=offset):
                told = f"groundhog: {path}: damaged in the header, the entry at byte 0: "
                done = run("info", "--json", path)
                self.assert_fails(done, 0, told, prints=None)
                self.assertEqual(json.loads(done.stdout), self.info(self.trace))
                done = run("digest", path)
                self.assert_fails(done, 0, told, prints=None)
                self.assertEqual(done.stdout.split()[0],
                                 run("digest", self.trace).stdout.split()[0])
                done = run("cat", "--from", "10m", "--limit", "3", path)
                self.assert_fails(done, 3, told, prints=None)
                self.assertEqual(done.stdout, run("cat", "--from", "10m", "--limit", "3",
                                                  self.trace).stdout)
                self.assert_fails(run("cat", "--position", "700", path), 3, told,
                                  prints=self.whole.splitlines(keepends=True)[700])
                self.assert_silent(run("digest", "--quiet", path))
                self.assert_silent(run("info", "--quiet", path))
                self.assert_silent(run("cat", "--quiet", path), code=3)

    def test_both_headers_damaged_is_one_line(self):
        changed = bytearray(self.data)
        changed[200] ^= 1
        changed[self.footer_offset + 300] ^= 1
        path = self.write("damaged.ghog", bytes(changed))
        for command in ("info", "cat", "digest", "verify"):
            says = "its header, the entry at byte 0, is damaged"
            self.assert_fails(run(command, path), 2, f"groundhog: {path}: {says}", "the footer")
            self.assert_fails(run(command, "-", stdin=self.damaged_data(200)), 2,
                              f"standard input: {says}", "a pipe's header cannot be read")

    def test_no_changed_byte_goes_unnoticed(self):
        generator = random.Random(SEED)
        header_end = self.entries[0][1]
        offsets = generator.sample(range(header_end, len(self.data)), 250)
        offsets += range(self.entries[4][0], self.entries[4][0] + 32)  # frame, marker, checksum
        offsets += range(self.footer_offset, self.footer_offset + 64)
        offsets += range(len(self.data) - TRAILER_BYTES, len(self.data))
        for offset in offsets:
            with self.subTest(offset=offset):
                path = self.damaged(offset, mask=1 << generator.randrange(8))
                done = run("verify", path)
                self.assert_fails(done, 1, "byte ")
                self.assertEqual(run("cat", path).returncode, 3)
        for offset in generator.sample(range(header_end), 50):
            with self.subTest(offset=offset):
                path = self.damaged(offset)
                self.assert_fails(run("verify", path), 1, "damaged.ghog", "damaged in the header",
                                  "byte 0")
                done = run("cat", path)
                self.assert_fails(done, 3, "damaged in the header", prints=self.whole)

    def test_no_cut_goes_unnoticed(self):
        generator = random.Random(SEED)
        header_end = self.entries[0][1]
        lengths = {offset + more for offset, _ in self.entries[1:] for more in (0, 1)}
        lengths |= {len(self.data) - 1, len(self.data) - TRAILER_BYTES + 8}
        for length in [*generator.sample(sorted(lengths), 60),
                       *generator.sample(range(header_end, len(self.data)), 40)]:
            with self.subTest(length=length):
                self.assert_fails(run("verify", self.cut(length)), 1, "incomplete", "byte ")

    def test_records_changed_under_a_fitting_checksum_change_the_digest(self):
        plain = self.path("plain.ghog")
        self.assert_silent(run("record", "--duration", "10m", "--compression", "none", "--quiet",
                               "-o", plain))
        data, lines = read(plain), run("cat", "--truth", plain).stdout
        offset, size = entries(data)[1]
        generator = random.Random(SEED)
        told_by_digest = 0
        for _ in range(150):
            entry = bytearray(data[offset:offset + size])
            entry[generator.randrange(100, size)] ^= 1 << generator.randrange(8)
            path = self.write("forged.ghog",
                              data[:offset] + sealed(bytes(entry)) + data[offset + size:])
            done = run("verify", path)
            if done.returncode == 0:  # padding between columns
                self.assertEqual(run("cat", "--truth", path).stdout, lines)
                continue
            self.assert_fails(done, 1, "byte ")
            told_by_digest += b"the records give" in done.stderr
        self.assertGreater(told_by_digest, 10)


class DigestTest(CliTest):

    def test_prints_the_digest_and_the_name_as_sha256sum_does(self):
        done = run("digest", self.trace)
        self.assert_silent(done)
        self.assertRegex(done.stdout.decode(), rf"\A[0-9a-f]{{32}}  {self.trace}\n\Z")

    def test_standard_input_is_a_file_too(self):
        done = run("digest", "-", stdin=self.data)
        self.assert_silent(done)
        self.assertEqual(done.stdout.decode(), f"{self.info(self.trace)['digest']}  -\n")

    def test_several_files_are_a_line_each_and_the_worst_one_is_the_exit_code(self):
        line = run("digest", self.trace).stdout
        self.assertEqual(run("digest", self.trace, self.trace).stdout, line * 2)
        cut = self.cut(self.footer_offset)
        done = run("digest", self.trace, cut, self.trace)
        self.assert_fails(done, 1, cut, prints=line * 2)
        done = run("digest", "nowhere.ghog", self.trace)
        self.assert_fails(done, 2, "nowhere.ghog", prints=line)

    def test_an_incomplete_trace_has_none(self):
        for length in (self.entries[3][0] + 7, self.footer_offset, len(self.data) - 1):
            with self.subTest(length):
                self.assert_fails(run("digest", self.cut(length)), 1, "incomplete")
                self.assert_fails(run("digest", "-", stdin=self.data[:length]), 1, "incomplete")
                self.assert_silent(run("digest", "--quiet", self.cut(length)), code=1)

    def test_what_is_no_trace_ends_with_2(self):
        for arguments in (["nowhere.ghog"], [self.folder], [self.write("empty", b"")], ["-"]):
            with self.subTest(arguments):
                self.assert_fails(run("digest", *arguments), 2)

    def test_a_full_disk_is_told(self):
        for command in ("digest", "verify"):
            with open("/dev/full", "wb") as full:
                self.assert_fails(run(command, self.trace, stdout=full), 2, "No space left")


if __name__ == "__main__":
    unittest.main()
