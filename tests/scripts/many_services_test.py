"""scripts/many-services prints a valid scenario with the given number of services."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

SCRIPT = os.path.join(os.environ["GROUNDHOG_SOURCE_DIR"], "scripts", "many-services")
GROUNDHOG = os.path.join(os.environ["GROUNDHOG_BIN_DIR"], "groundhog")


def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          check=False)


class ManyServicesTest(unittest.TestCase):

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = temporary.name

    def generate(self, count):
        path = os.path.join(self.folder, "many.yaml")
        with open(path, "w", encoding="utf-8") as file:
            subprocess.run([sys.executable, SCRIPT, str(count)], check=True, stdout=file)
        return path

    def test_scenarios_of_any_size_are_sound(self):
        for count in (12, 13, 100, 2000):
            done = run(GROUNDHOG, "scenario", "check", self.generate(count))
            self.assertEqual((done.returncode, done.stderr), (0, ""), count)

    def test_every_service_logs_about_a_record_a_second(self):
        trace = os.path.join(self.folder, "many.ghog")
        done = run(GROUNDHOG, "record", self.generate(60), "--duration", "10m", "-o", trace)
        self.assertEqual(done.returncode, 0, done.stderr)
        services = json.loads(run(GROUNDHOG, "info", "--json", trace).stdout)["services"]
        self.assertEqual(len(services), 60)
        for name, levels in services.items():
            self.assertTrue(0.5 < sum(levels.values()) / 600 < 2, f"{name}: {levels}")

    def test_a_wrong_number_is_refused(self):
        for arguments in ([], ["11"], ["2001"], ["many"]):
            done = run(sys.executable, SCRIPT, *arguments)
            self.assertEqual((done.returncode, done.stdout), (2, ""), arguments)


if __name__ == "__main__":
    unittest.main()
