"""The package installs into a fresh environment, without network; there everything that its README
shows runs unchanged, and type checkers see its types."""
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import unittest

from package import PROGRAM, SOURCE, output_of

VENV = os.path.join(SOURCE, "build/venv")


def blocks(language):
    with open(os.path.join(SOURCE, "python/README.md"), encoding="utf-8") as file:
        return re.findall(rf"^```{language}\n(.*?)^```$", file.read(), re.M | re.S)


class InstallTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        # A copy, as the build leaves files behind; the links in it stay links.
        for name in ("python", "traces"):
            shutil.copytree(os.path.join(SOURCE, name), os.path.join(cls.folder, name),
                            symlinks=True, ignore=shutil.ignore_patterns("build", "*.egg-info"))
        shutil.copy(os.path.join(SOURCE, "LICENSE"), cls.folder)
        subprocess.run([sys.executable, "-m", "venv", "--without-pip",
                        os.path.join(cls.folder, "venv")], check=True)
        cls.python = os.path.join(cls.folder, "venv/bin/python")
        cls.packages, = glob.glob(os.path.join(cls.folder, "venv/lib/python*/site-packages"))
        # What the package and its build need is taken from the tests' environment.
        with open(os.path.join(cls.packages, "tests.pth"), "w", encoding="utf-8") as file:
            file.write(glob.glob(os.path.join(VENV, "lib/python*/site-packages"))[0] + "\n")
        cls.commands = [line for block in blocks("sh") for line in block.splitlines()]
        assert cls.commands[0].startswith("pip install ")
        cls.run_command(cls.commands[0])

    @classmethod
    def run_command(cls, command):
        """With an index that has nothing, and building with what is installed."""
        environment = dict(os.environ, PIP_NO_INDEX="1", PIP_NO_BUILD_ISOLATION="no",
                           PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_CONFIG_FILE=os.devnull)
        environment.pop("PYTHONPATH", None)
        command = re.sub(r"^pip ", f"{cls.python} -m pip ", command)
        command = re.sub(r"^python ", f"{cls.python} ", command)
        command = re.sub(r"^groundhog ", f"{PROGRAM} ", command)
        done = subprocess.run(["bash", "-c", command], cwd=cls.folder, env=environment, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert done.returncode == 0, f"{command}: {done.stdout}"
        return done.stdout

    def run_python(self, script):
        return self.run_command(f"python - <<'END'\n{script}\nEND")

    def test_it_is_installed_there(self):
        where = self.run_python("import groundhog_trace; print(groundhog_trace.__file__)").strip()
        self.assertEqual(where, os.path.join(self.packages, "groundhog_trace/__init__.py"))

    def test_the_schema_is_the_one_of_the_format(self):
        with open(os.path.join(self.packages, "groundhog_trace/trace.capnp"), "rb") as file:
            installed = file.read()
        with open(os.path.join(SOURCE, "traces/trace.capnp"), "rb") as file:
            self.assertEqual(installed, file.read())
        self.assertFalse(os.path.islink(os.path.join(self.packages, "groundhog_trace/trace.capnp")))
        self.assertTrue(os.path.islink(
            os.path.join(SOURCE, "python/src/groundhog_trace/trace.capnp")))

    def test_the_licence_goes_with_it(self):
        found = glob.glob(os.path.join(self.packages, "groundhog_trace-*", "**/LICENSE"),
                          recursive=True)
        self.assertEqual(len(found), 1)
        self.assertIn("Apache License", output_of("cat", found[0]).decode())

    def test_its_version_is_the_programs(self):
        with open(os.path.join(SOURCE, "python/pyproject.toml"), "rb") as file:
            version = tomllib.load(file)["project"]["version"]
        self.assertEqual(f"groundhog {version}\n", output_of(PROGRAM, "--version").decode())

    def test_everything_the_readme_shows_runs(self):
        self.run_command(self.commands[1])
        with open(os.path.join(self.folder, "day.ghog"), "rb") as file:
            half = file.read(3_000_000)
        with open(os.path.join(self.folder, "day.ghog.partial"), "wb") as file:
            file.write(half)
        first, to_parquet, by_minute, incomplete = blocks("python")
        shown = self.run_python(first).splitlines()
        self.assertTrue(shown[0].startswith("shop 2025-01-06 00:00:00+00:00 "), shown)
        self.assertIn("cause", json.loads(shown[-2])["truth"])
        self.assertGreater(float(shown[-1]), 0)
        self.run_python(to_parquet)
        self.assertGreater(os.path.getsize(os.path.join(self.folder, "day.parquet")), 1_000_000)
        worst, by_service = self.run_python(by_minute).splitlines()
        self.assertRegex(worst, r"\A\[\(\('[a-z-]+-service', \d+\), \d+\), ")
        self.assertEqual(by_service.count("records_sum"), 12)
        self.assertRegex(self.run_python(incomplete), r"\d{6} records before byte \d{7}\n")
        # The hours of an incident in it are the slowest.
        hours = self.run_command(self.commands[2]).splitlines()
        self.assertEqual(len(hours), 24)
        self.assertIn("search-slow/1", max(hours, key=lambda line: line.count("#")))
        self.assertEqual(len(self.commands), 3)

    def test_type_checkers_see_its_types(self):
        script = os.path.join(self.folder, "user.py")
        mypy = [os.path.join(VENV, "bin/mypy"), "--strict", "--no-incremental",
                "--python-executable", self.python, script]
        for kind, outcome in (("str", 0), ("int", 1)):
            with open(script, "w", encoding="utf-8") as file:
                file.write("import groundhog_trace\n"
                           "def services(path: str) -> list[str]:\n"
                           "    with groundhog_trace.open(path) as trace:\n"
                           f"        first: {kind} = next(iter(trace)).service\n"
                           "        print(first)\n"
                           "        return [one.name for one in trace.header.services]\n")
            done = subprocess.run(mypy, check=False, stdout=subprocess.PIPE, text=True,
                                  cwd=self.folder)
            self.assertEqual(done.returncode, outcome, done.stdout)


if __name__ == "__main__":
    unittest.main()
