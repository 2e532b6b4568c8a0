"""The package passes mypy --strict, which pyproject.toml asks for."""
import glob
import os
import subprocess
import sys
import unittest

from package import SOURCE


class TypesTest(unittest.TestCase):

    def test_mypy_finds_nothing(self):
        done = subprocess.run([sys.executable, "-m", "mypy", "--no-incremental"], check=False,
                              cwd=os.path.join(SOURCE, "python"), stdout=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 0, done.stdout)
        sources = glob.glob(os.path.join(SOURCE, "python/src/groundhog_trace/*.py"))
        self.assertIn(f"no issues found in {len(sources)} source files", done.stdout)


if __name__ == "__main__":
    unittest.main()
