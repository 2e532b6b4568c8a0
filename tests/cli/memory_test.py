"""Commands need the same small memory for a short trace and a long one. In a file of its own,
because a process inherits the peak of the process that started it."""
import json
import os
import subprocess
import unittest

from groundhog import CliTest, PROGRAM

BYTES_MAX = 64 << 20
AUDIT_RECORD_BYTES_MAX = 104  # docs/AUDIT.md
AUDITED = "60h"
OPEN_TRACE_BYTES_MAX = 256 << 10
# What two days do not have in common within an hour is kept, see docs/DIFF.md.
UNEQUAL_BYTES_MAX = 150 << 20


class MemoryTest(CliTest):
    RECORD = ["shop", "--duration", "1m"]

    def peak(self, *arguments, code=0, stdin=subprocess.DEVNULL):
        """The peak of a command's resident memory, in bytes."""
        with open("/dev/null", "wb") as null, subprocess.Popen([PROGRAM, *arguments], stdin=stdin,
                                                               stdout=null) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, code)
        return usage.ru_maxrss << 10

    def last_trace_id(self, trace):
        return json.loads(self.lines("--from", "239h", trace)[-1])["trace_id"]

    def test_an_audit_needs_so_much_for_each_record(self):
        """However many rows there are, as long as they equal records."""
        path = self.path("audited.ghog")
        self.peak("record", "--duration", AUDITED, "--quiet", "-o", path)
        records = self.info(path)["records"]
        self.assertGreater(records, 2_000_000)
        with subprocess.Popen([PROGRAM, "cat", path], stdout=subprocess.PIPE) as cat:
            peak = self.peak("audit", path, "-", stdin=cat.stdout)
        self.assertLess(peak, BYTES_MAX + AUDIT_RECORD_BYTES_MAX * records)

    def test_merging_hundreds_of_files_that_follow_each_other(self):
        """They are slices of one day, given in any order."""
        day, merged = self.path("slices.ghog"), self.path("merged.ghog")
        self.peak("record", "--duration", "25h", "--quiet", "-o", day)
        slices = [self.path(f"slice{i}.ghog") for i in range(300)]
        for i, path in enumerate(slices):
            self.peak("slice", day, "--from", f"{i * 5}m", "--until", f"{i * 5 + 5}m", "--quiet",
                      "-o", path)
        self.assertLess(self.peak("merge", *reversed(slices), "--quiet", "-o", merged),
                        BYTES_MAX + len(slices) * OPEN_TRACE_BYTES_MAX)
        self.assertEqual(self.info(merged)["digest"], self.info(day)["digest"])

    def test_memory_does_not_grow_with_the_trace(self):
        long, copy = self.path("long.ghog"), self.path("copy.ghog")
        self.assertLess(self.peak("record", "--duration", "240h", "--quiet", "-o", long), BYTES_MAX)
        for arguments in (["cat", long], ["cat", "--truth", long], ["verify", long], ["info", long],
                          ["digest", long], ["diff", long, long],
                          ["explain", long, "search-slow/9"], ["stats", long],
                          ["tree", long, self.last_trace_id(long)],
                          ["merge", long, long, "--quiet", "-o", copy],
                          ["convert", long, "--compression", "packed", "--quiet", "-o", copy],
                          ["recover", long, "--quiet", "-o", copy],
                          ["slice", long, "--from", "1h", "--quiet", "-o", copy],
                          ["record", "--check-reproducible", long, "--quiet"]):
            with self.subTest(arguments):
                self.assertLess(self.peak(*arguments), BYTES_MAX)
        for name in ("csv", "logfmt", "loghub", "otlp-json", "perfetto", "text"):
            with self.subTest(name):
                peak = self.peak("cat", "--until", "24h", "--format", name, long)
                self.assertLess(peak, BYTES_MAX)
        with self.subTest("another day than the golden one"):
            peak = self.peak("record", "--duration", "240h", "--quiet", "--expect", long,
                             "--without", "search-slow", code=1)
            self.assertLess(peak, UNEQUAL_BYTES_MAX)
        with self.subTest("counting an incomplete trace"):
            os.truncate(long, os.path.getsize(long) - 100)
            self.assertIs(self.info(long)["complete"], False)
            self.assertLess(self.peak("info", "--quiet", long), BYTES_MAX)


if __name__ == "__main__":
    unittest.main()
