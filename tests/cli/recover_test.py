"""groundhog recover, as promised: after any one damaged region every record of the undamaged
chunks, and a report of exactly what is lost; after a crash or on a full disk all whole chunks."""
import os
import random
import re
import resource
import shutil
import struct
import subprocess
import unittest

from copying_test import CopyingCase, wait_for_partial
from groundhog import PROGRAM, read, run

# When a test fails, the case names the number of the damage.
SEED = int(os.environ.get("GROUNDHOG_TEST_SEED", "1"))


def damaged_once(data, generator):
    """One region overwritten, lost or put in; every fourth begins in the header."""
    begin = generator.randrange(generator.choice((10_000, *[len(data)] * 3)))
    size = 1 + generator.randrange(min(len(data) - begin, 1 << generator.randrange(20)))
    other = generator.randrange(len(data) - size + 1)
    noise = generator.choice((bytes(size), generator.randbytes(size), data[other:other + size]))
    before, rest = data[:begin], data[begin:]
    return generator.choice((before + noise + rest[size:], before + rest[size:],
                             before + noise + rest))


class RegionTest(CopyingCase):
    RECORD = ["shop", "--duration", "3h", "--chunk-records", "1000"]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.header = cls.data[:cls.entries[0][1]]
        cls.appendix, cls.footer = (cls.data[offset:offset + size]
                                    for offset, size in cls.entries[-3:-1])
        cls.whole_chunks = [cls.data[offset:offset + size] for offset, size in cls.chunks]

    def expect_recovered(self, damaged, places):
        """The records of undamaged chunks, and a report that counts the others."""
        kept = [place for chunk, place in zip(self.whole_chunks, places) if chunk in damaged]
        path = self.write("region.ghog", damaged)
        told = self.copied("recover", path, "--progress", "never", code=3)
        self.assertEqual(run("cat", self.out, "--truth").stdout.splitlines(),
                         [line for begin, end in kept for line in self.whole[begin:end]])
        text = told.replace("\n", " ")
        lost = [int(count.replace(",", "")) for count in
                re.findall(r"\blost ([\d,]+) records?\b", text)]
        missing = len(self.whole) - sum(end - begin for begin, end in kept)
        if self.footer in damaged:
            self.assertEqual(sum(lost), missing, told)
            self.assertEqual("no record is lost" in text, missing == 0, told)
        else:
            self.assertIn("end is missing", text)
            self.assertLessEqual(sum(lost), missing, told)
        self.assertRegex(text, r"\bbyte \d+")

    def test_any_one_region(self):
        places = [self.place_of(index) for index in range(len(self.chunks))]
        generator = random.Random(SEED)
        without_header = 0
        for number in range(80):
            damaged = damaged_once(self.data, generator)
            if damaged == self.data:
                continue
            with self.subTest(number=number, seed=SEED):
                if self.header in damaged or self.appendix in damaged:
                    self.expect_recovered(damaged, places)
                    without_header += not damaged.startswith(self.header)
                else:
                    path = self.write("region.ghog", damaged)
                    self.assert_fails(run("recover", path, "-o", self.out), 2, path)
        self.assertGreater(without_header, 10)

    def test_the_header_and_the_trailer(self):
        damaged = bytearray(self.data)
        damaged[100] ^= 1
        damaged[-1] ^= 1
        path = self.write("ends.ghog", bytes(damaged))
        self.assert_fails(run("cat", path), 2, "its header, the entry at byte 0, is damaged")
        told = self.copied("recover", path, code=3)
        self.assertIn(f"the one in the entry at byte {self.appendix_offset} is used", told)
        self.assertIn("no record is lost", told)
        self.assertEqual(self.info(self.out)["digest"], self.info(self.trace)["digest"])


class PartialTest(CopyingCase):
    """What a recording leaves that did not end well."""
    RECORD = ["quiet", "--duration", "1m"]

    def assert_all_whole_chunks(self, partial):
        """The copy has the same bytes, up to its own end."""
        data = read(partial)
        end = 0
        while end + 8 <= len(data):
            size = 8 + 8 * struct.unpack_from("<I", data, end + 4)[0]
            if end + size > len(data):
                break
            end += size
        told = self.copied("recover", partial, code=3)
        self.assertIn(f"byte {end}", told)
        self.assertIn("end is missing", told)
        copy = read(self.out)
        self.assertEqual(copy[:end], data[:end])
        self.assertEqual(struct.unpack_from("<H", copy, end + 32)[0], 4, "the appendix follows")
        self.assertGreater(end, 50_000)

    def test_a_killed_recording(self):
        path = self.path("killed.ghog")
        for _ in range(5):
            with subprocess.Popen([PROGRAM, "record", "--duration", "1000d", "-q", "-o",
                                   path]) as process:
                wait_for_partial(self, process, path + ".partial")
                process.kill()
            self.assert_all_whole_chunks(path + ".partial")

    def test_a_limit_of_size(self):
        path = self.path("limited.ghog")
        for limit in (400_000, 567_891, 1_000_003):
            done = run("record", "--duration", "24h", "-o", path,
                       preexec_fn=lambda limit=limit:
                       resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
            self.assert_fails(done, 2, "File too large", path + ".partial")
            self.assertEqual(os.path.getsize(path + ".partial"), limit)
            self.assert_all_whole_chunks(path + ".partial")

    def test_a_full_disk(self):
        disk, partial = self.path("disk"), self.path("full.ghog.partial")
        os.makedirs(disk)
        script = (f"mount -t tmpfs -o size=700k none '{disk}' || exit 77; "
                  f"'{PROGRAM}' record --duration 24h -q -o '{disk}/full.ghog'; "
                  f"code=$?; cp '{disk}/full.ghog.partial' '{partial}'; "
                  "exit $code")
        as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
        done = subprocess.run(["unshare", *as_root, "--mount", "sh", "-c", script], timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        shutil.rmtree(disk)
        if done.returncode == 77 or b"unshare" in done.stderr:
            self.skipTest("mounts are not allowed here")
        self.assert_fails(done, 2, "No space left on device", "'groundhog recover'")
        self.assert_all_whole_chunks(partial)


if __name__ == "__main__":
    unittest.main()
