"""The examples of traces/FORMAT.md work for a whole day, recorded with default and with other
options: an example that works for a small sample may fail for a trace of real size."""
import os
import subprocess
import sys
import unittest

from groundhog import CliTest, run

ROOT = os.environ["GROUNDHOG_SOURCE_DIR"]
sys.path.insert(0, os.path.join(ROOT, "tests/traces"))
import format_page  # pylint: disable=wrong-import-position


class ExamplesTest(CliTest):
    RECORD = []

    def record_day(self, *arguments):
        path = self.path("other.ghog")
        self.assert_silent(run("record", "--quiet", "-o", path, *arguments))
        return path

    def count_records(self, path):
        script = self.write("count.py", format_page.block("count-records").encode())
        done = subprocess.run([sys.executable, script, path], cwd=ROOT, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def services(self, path):
        return "".join(f"{name} {sum(counts.values())}\n"
                       for name, counts in self.info(path)["services"].items())

    def test_script_counts_the_records_of_a_day_recorded_by_default(self):
        self.assertEqual(self.count_records(self.trace), self.services(self.trace))
        self.assertGreater(self.info(self.trace)["records"], 900_000)

    def test_script_counts_those_of_the_longest_chunks(self):
        path = self.record_day("--chunk-records", "65536")
        self.assertEqual(self.count_records(path), self.services(path))

    def test_capnp_decode_shows_a_day(self):
        path = self.record_day("--compression", "none")
        command = format_page.block("capnp-decode").replace("day.ghog", path)
        with subprocess.Popen(["bash", "-c", command], cwd=ROOT, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as decode:
            chunks = sum(b"chunk = (" in line for line in decode.stdout)
            self.assertEqual((decode.wait(), decode.stderr.read()), (0, b""))
        self.assertEqual(chunks, self.info(path)["chunks"])

    def test_every_example_of_the_page_is_run_here(self):
        names = [line.split()[1] for line in format_page.text().splitlines()
                 if line.startswith(("```sh ", "```python "))]
        self.assertEqual(names, ["capnp-decode", "count-records"])


if __name__ == "__main__":
    unittest.main()
