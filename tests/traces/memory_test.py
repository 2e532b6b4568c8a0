"""Writing and reading a trace takes the same memory for any length: 6 million records in 94,000
chunks, more than the index has room for, written and read back in one process. Not for builds with
sanitizers, which use memory themselves."""
import os
import subprocess
import sys
import tempfile
import unittest

TOOL = os.path.join(os.environ["GROUNDHOG_BUILD_DIR"], "tests/traces/traces_tool")
RECORDS = 6_000_000
# The open chunk with its columns, a chunk as read, and an index of 65,536 entries on both sides.
PEAK_KIB_MAX = 40 * 1024


def peak_kib(arguments):
    """Peak resident memory of the command, in a child of its own so that no other one counts."""
    script = ("import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True); "
              "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)")
    ran = subprocess.run([sys.executable, "-c", script, *arguments], check=True, text=True,
                         stdout=subprocess.PIPE)
    said, peak = ran.stdout.splitlines()
    return said, int(peak)


class MemoryTest(unittest.TestCase):

    def stream(self, records):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "long.ghog")
            return peak_kib([TOOL, "stream", path, str(records)])

    def test_does_not_grow_with_the_trace(self):
        said, peak = self.stream(RECORDS)
        self.assertEqual(said, f"{RECORDS} records, 46915 index entries, 93830 chunks")
        self.assertLess(peak, PEAK_KIB_MAX)

    def test_peak_is_measured(self):
        _, peak = peak_kib([sys.executable, "-c", "x = bytearray(80 << 20); print()"])
        self.assertGreater(peak, PEAK_KIB_MAX)


if __name__ == "__main__":
    unittest.main()
