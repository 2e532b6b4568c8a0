"""docs/GOLDEN.md from its first command to its last, in an empty folder, as a reader follows it:
its files are written as they are shown, its commands run as they stand, its CI job too. And the job
fails, and says why, for a consumer that loses, doubles or alters one record of a million."""
import os
import re
import subprocess
import sys
import tempfile
import unittest

import yaml

SOURCE = os.environ["GROUNDHOG_SOURCE_DIR"]
BIN = os.environ["GROUNDHOG_BIN_DIR"]
FILE_NAME = re.compile(r"`([\w./-]+\.(?:py|sh|cc|yml))`")
FAILS = "# exit code 1"
WORKFLOW = ".github/workflows/golden.yml"
# The record that the faulty consumers do something to; the first is 0.
POSITION = 499_999
LOOP = "for line in sys.stdin:\n"
NUMBERED = "for number, line in enumerate(sys.stdin):\n"
PRINT = "    print(json.dumps(record))\n"
AT_POSITION = f"    if number == {POSITION}:\n"
# {what is found: a line of the consumer, and what is there instead}
FAULTS = {
    "missing": (NUMBERED, f"{NUMBERED}{AT_POSITION}        continue\n"),
    "doubled": (PRINT, f"{PRINT}{AT_POSITION}    {PRINT}"),
    "altered": (NUMBERED, NUMBERED + AT_POSITION +
                "        line = line.replace('\"latency_ms\":', '\"latency_ms\":1')\n")}
# {what is printed of a consumer that loses fields in all rows, or in the first ones: the same}
LOST_FIELDS = {
    "fields missing +1: latency_ms": (PRINT, '    del record["latency_ms"]\n' + PRINT),
    "fields missing +2: level, error_code": (
        PRINT, '    record.pop("error_code", 0)\n    del record["level"]\n' + PRINT),
    "altered +2,000: latency_ms 2,000": (
        PRINT, '    if number < 2000:\n        del record["latency_ms"]\n' + PRINT)}


def blocks():
    """[(language, the name of the file it shows or None, text)] of the page."""
    with open(os.path.join(SOURCE, "docs/GOLDEN.md"), encoding="utf-8") as file:
        parts = re.split(r"^```(\w*)\n(.*?)^```\n", file.read(), flags=re.MULTILINE | re.DOTALL)
    found = []
    for before, language, text in zip(parts[0::3], parts[1::3], parts[2::3]):
        names = FILE_NAME.findall(before.strip().split("\n\n")[-1])
        found.append((language, names[-1] if names else None, text))
    return found


class GoldenPageTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = os.path.join(temporary.name, "work")
        os.mkdir(cls.folder)
        # python3 is the tests' own, which has pytest; git's settings are nobody else's.
        cls.environment = dict(os.environ, HOME=temporary.name, PATH=":".join(
            [BIN, os.path.dirname(sys.executable), os.environ["PATH"]]))
        for name in ("GITHUB_ENV", "GITHUB_PATH"):
            cls.environment[name] = os.path.join(temporary.name, name)
        for who in ("AUTHOR", "COMMITTER"):
            cls.environment.update({f"GIT_{who}_NAME": "Reader", f"GIT_{who}_EMAIL": "r@example"})
        cls.follow()

    @classmethod
    def path(cls, name):
        return os.path.join(cls.folder, name)

    @classmethod
    def shell(cls, command):
        return subprocess.run(["bash", "-e", "-o", "pipefail", "-c", command], cwd=cls.folder,
                              env=cls.environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)

    @classmethod
    def follow(cls):
        """Does what the page says, and keeps [(command, wanted code, code, output)]."""
        cls.done, cls.files = [], []
        for language, name, text in blocks():
            if language in ("python", "bash", "cpp", "yaml"):
                assert name is not None, text
                os.makedirs(os.path.dirname(cls.path(name)), exist_ok=True)
                with open(cls.path(name), "w", encoding="utf-8") as file:
                    file.write(text)
                cls.files.append(name)
            elif language == "sh":
                for line in text.splitlines():
                    done = cls.shell(line)
                    cls.done.append((line, int(line.endswith(FAILS)), done.returncode,
                                     done.stdout.decode()))

    def test_every_command_ends_as_the_page_says(self):
        self.assertGreater(len(self.done), 28)
        for line, wanted, code, output in self.done:
            with self.subTest(line):
                self.assertEqual(code, wanted, output)
        self.assertEqual(set(self.files), {"consumer.py", "check.sh", "counts.py", WORKFLOW,
                                           "golden_test.cc", "test_golden.py"})

    def output_of(self, beginning):
        return [output for line, _, _, output in self.done if line.startswith(beginning)]

    def test_the_tests_it_shows_are_run(self):
        self.assertIn("[  PASSED  ] 2 tests.", self.output_of("./golden_test")[0])
        self.assertIn("2 passed", self.output_of("python3 -m pytest")[0])
        for language, name, text in blocks():
            if name in ("golden_test.cc", "test_golden.py"):
                lines = [line for line in text.splitlines() if line and "include" not in line]
                self.assertLessEqual(len(lines), 10, name)

    def test_an_intended_change_is_shown(self):
        said = self.output_of("groundhog record golden/shop.yaml --expect golden/day.ghog -o")[0]
        self.assertIn("services.auth-service.hosts\n    A 3\n    B 5", said)
        self.assertIn("The first difference, in trace ", said)

    def test_the_record_that_it_shows_as_missing_is_that_of_the_day(self):
        page = "".join(text for language, _, text in blocks() if language == "text")
        shown = re.search(rf"position {POSITION}, (\S+)", page).group(1)
        done = self.shell("groundhog record shop -q -o page.ghog; "
                          f"groundhog cat page.ghog --position {POSITION}; rm page.ghog")
        self.assertIn(f'"timestamp":"{shown[:23]}Z"', done.stdout.decode())
        service = re.search(r'^  {"service":"([^"]+)"', page, re.MULTILINE).group(1)
        self.assertIn(f'{{"service":"{service}"', done.stdout.decode())

    def test_what_a_job_needs_is_committed_and_what_a_check_writes_is_not(self):
        files = self.shell("git ls-files").stdout.decode().split()
        self.assertEqual(set(files), {".gitattributes", ".gitignore", WORKFLOW, "check.sh",
                                      "consumer.py", "golden/day.ghog", "golden/shop.yaml"})
        left = self.shell("git status --porcelain --untracked-files=all").stdout.decode()
        for name in ("out.ndjson", "out.csv", "day.ghog", "new.ghog", "expected.json"):
            self.assertNotRegex(left, rf"(?m)^.. {re.escape(name)}$")
        self.assertNotRegex(left, r"(?m)^[ MARC][MD]")  # all that is committed is so as it is now
        # A checkout of it passes.
        done = self.shell("git clone --quiet . ../clone; cd ../clone; bash check.sh")
        self.assertEqual(done.returncode, 0, done.stdout.decode())

    def workflow(self):
        with open(self.path(WORKFLOW), encoding="utf-8") as file:
            return yaml.safe_load(file)

    def steps(self):
        workflow = self.workflow()
        self.assertEqual(workflow[True], ["push", "pull_request"])  # YAML 1.1 reads `on` as true
        steps = workflow["jobs"]["golden"]["steps"]
        for step in steps:
            self.assertEqual(len({"uses", "run"} & set(step)), 1, step)
            self.assertLessEqual(set(step), {"name", "id", "uses", "with", "run", "if"})
        return {step["name"]: step["run"] for step in steps if "run" in step}

    def test_the_job_installs_what_the_build_needs(self):
        command = self.steps()["Packages"]
        names = set(re.findall(r"[a-z0-9+.-]+", command.split("recommends")[1]))
        with open(os.path.join(SOURCE, "scripts/bootstrap"), encoding="utf-8") as file:
            known = set(re.search(r"PACKAGES=\((.*?)\n\)", file.read(),
                                  re.DOTALL).group(1).split())
        self.assertLessEqual(names, known)

    def test_what_is_built_is_cached_before_the_check_can_fail(self):
        steps = self.workflow()["jobs"]["golden"]["steps"]
        names = [step.get("name", step.get("uses")) for step in steps]
        at = {name: number for number, name in enumerate(names)}
        restored, saved = (steps[at[f"{verb} Groundhog {where} the cache"]]
                           for verb, where in (("Take", "from"), ("Put", "into")))
        self.assertTrue(restored["uses"].startswith("actions/cache/restore@"))
        self.assertTrue(saved["uses"].startswith("actions/cache/save@"))
        self.assertEqual(restored["with"], saved["with"])
        self.assertIn("env.GROUNDHOG_COMMIT", restored["with"]["key"])
        in_order = ["Version of Groundhog", "Take Groundhog from the cache", "Configure Groundhog",
                    "Build Groundhog", "Put Groundhog into the cache", "Path", "Check"]
        self.assertEqual(names[at[in_order[0]]:at["Check"] + 1], in_order)
        for name in ("Configure Groundhog", "Build Groundhog", "Put Groundhog into the cache"):
            self.assertEqual(steps[at[name]]["if"],
                             f"steps.{restored['id']}.outputs.cache-hit != 'true'")
        program = restored["with"]["path"]
        self.assertIn(f"$PWD/{os.path.dirname(program)}\"", self.steps()["Path"])
        self.assertIn(f"-B {program.split('/', maxsplit=1)[0]} ",
                      self.steps()["Configure Groundhog"])

    def test_the_job_runs(self):
        steps = self.steps()
        os.symlink(SOURCE, self.path("groundhog"))
        for name in ("Version of Groundhog", "Configure Groundhog", "Path", "Check"):
            with self.subTest(name):
                if name.startswith("Version") and not os.path.exists(f"{SOURCE}/.git"):
                    continue
                done = self.shell(steps[name])
                self.assertEqual(done.returncode, 0, done.stdout.decode())
        # What would be built, as building takes minutes.
        done = self.shell(steps["Build Groundhog"] + " -- -n")
        self.assertEqual(done.returncode, 0, done.stdout.decode())
        self.assertIn("Linking CXX executable cli/groundhog", done.stdout.decode())
        with open(self.environment["GITHUB_PATH"], encoding="utf-8") as file:
            self.assertEqual(file.read(), self.path("groundhog-build/cli") + "\n")

    def test_the_replay_that_it_names_is_one(self):
        with open(os.path.join(SOURCE, "docs/GOLDEN.md"), encoding="utf-8") as file:
            command = re.search(r"`(groundhog-replay [^`]+)`", file.read()).group(1)
        if os.path.exists(os.path.join(BIN, "groundhog-replay")):
            done = self.shell(command + " --dry-run")
            self.assertEqual(done.returncode, 0, done.stdout.decode())

    def test_one_record_in_a_million_is_found(self):
        records = int(self.shell("groundhog info golden/day.ghog --json | jq .records").stdout)
        self.assertGreater(records, 990_000)
        record = self.shell(f"groundhog cat golden/day.ghog --position {POSITION}").stdout.decode()
        for found, fault in FAULTS.items():
            with self.subTest(found):
                said = self.check_of_faulty(*fault)
                self.assertRegex(said, rf"(?m)^{found} +1\b")
                self.assertIn(f"position {POSITION}, ", said)
                self.assertIn(record, said)
                for other in {"missing", "extra", "doubled", "altered", "reordered"} - {found}:
                    self.assertRegex(said, rf"(?m)^{other} +0\b")

    def test_a_field_that_the_consumer_loses_is_found(self):
        for found, fault in LOST_FIELDS.items():
            with self.subTest(found):
                self.assertRegex(self.check_of_faulty(*fault), rf"(?m)^{found}$")

    def check_of_faulty(self, line, faulty):
        """What the CI's check says of the page's consumer with other lines instead of one."""
        with open(self.path("consumer.py"), encoding="utf-8") as file:
            sound = file.read()
        numbered = sound.replace(LOOP, NUMBERED)
        self.assertIn(line, numbered)
        with open(self.path("consumer.py"), "w", encoding="utf-8") as file:
            file.write(numbered.replace(line, faulty))
        done = self.shell(self.steps()["Check"])
        with open(self.path("consumer.py"), "w", encoding="utf-8") as file:
            file.write(sound)
        self.assertEqual(done.returncode, 1, done.stdout.decode())
        return done.stdout.decode()


if __name__ == "__main__":
    unittest.main()
