"""The promises of the determinism contract, checked from outside the program."""
import hashlib
import os
import subprocess
import tempfile
import unittest

from surroundings import PLAIN_ENVIRONMENT, surroundings

PROGRAM = os.path.join(os.environ["GROUNDHOG_BIN_DIR"], "groundhog")
# Reaches the first incident of shop, 06:40 to 07:20.
DURATION = "7h"


def run(*arguments, prefix=(), **options):
    options.setdefault("env", PLAIN_ENVIRONMENT)
    done = subprocess.run([*prefix, PROGRAM, *arguments], stdout=subprocess.PIPE, check=True,
                          stdin=subprocess.DEVNULL, **options)
    return done.stdout


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class DeterminismTest(unittest.TestCase):

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = temporary.name
        self.count = 0

    def record(self, *arguments, prefix=(), **options):
        """Records shop and returns the file's path."""
        self.count += 1
        path = os.path.join(self.folder, f"trace-{self.count}.ghog")
        run("record", "shop", "--quiet", "-o", path, *arguments, prefix=prefix, **options)
        return path

    def digest(self, path):
        return run("digest", path).split()[0]

    def lines(self, path, *options):
        return run("cat", path, *options).splitlines()

    def test_the_surroundings_never_enter_a_trace(self):
        first = sha256(self.record("--duration", DURATION))
        places = os.path.join(self.folder, "surroundings")
        for name, options in surroundings(places).items():
            with self.subTest(name):
                self.assertEqual(sha256(self.record("--duration", DURATION, **options)), first)
        with self.subTest("standard output"):
            piped = run("record", "shop", "--quiet", "--duration", DURATION, "-o", "-")
            self.assertEqual(hashlib.sha256(piped).hexdigest(), first)

    def test_the_encoding_changes_neither_digest_nor_lines(self):
        first = self.record("--duration", "2h")
        digest, lines = self.digest(first), self.lines(first, "--truth")
        sizes = {os.path.getsize(first)}
        for options in (["--compression", "none"], ["--compression", "packed"],
                        ["--compression", "zstd", "--level", "9"], ["--chunk-records", "64"],
                        ["--chunk-records", "1000", "--compression", "none"]):
            with self.subTest(options):
                path = self.record("--duration", "2h", *options)
                sizes.add(os.path.getsize(path))
                self.assertEqual(self.digest(path), digest)
                self.assertEqual(self.lines(path, "--truth"), lines)
        self.assertEqual(len(sizes), 6, "each encoding was really another")

    def test_another_seed_gives_another_digest(self):
        digests = {self.digest(self.record("--duration", "1h", "--seed", str(seed)))
                   for seed in (1, 2, 3, 2**63, 2**64 - 1)}
        self.assertEqual(len(digests), 5)

    def test_a_longer_run_begins_with_the_records_of_the_shorter(self):
        shorter = self.lines(self.record("--duration", "6h50m"), "--truth")
        longer = self.lines(self.record("--duration", DURATION), "--truth")
        self.assertGreater(len(longer), len(shorter))
        self.assertEqual(longer[:len(shorter)], shorter)


if __name__ == "__main__":
    unittest.main()
