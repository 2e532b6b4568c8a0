"""groundhog scenario list, show, check and schema."""
import json
import os
import tempfile
import unittest

from groundhog import run


class ScenarioTest(unittest.TestCase):

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.path = os.path.join(temporary.name, "shown.yaml")

    def show(self, *arguments):
        done = run("scenario", "show", *arguments)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        return done.stdout.decode()

    def test_what_show_prints_reads_back_to_the_same(self):
        changes = ["--scale", "3", "--set", "services.auth-service.slow=1500us", "--seed", "7"]
        shown = self.show("shop", *changes)
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(shown)
        self.assertEqual(self.show(self.path), shown)

    def test_show_adds_each_services_load_as_comments(self):
        comments = [line for line in self.show("shop").splitlines() if line.startswith("#")]
        rows = [line.split() for line in comments if line.startswith("# gateway-service ")]
        # Six journeys of 0.15 to 0.3 a second, all through the gateway; 1.5 times as many at three.
        self.assertEqual([[row[2], row[5]] for row in rows], [["1.50", "2.25"]])
        self.assertEqual(len([line for line in comments if line.endswith("%")]), 12)

    def test_scaling_leaves_the_utilisation(self):
        def utilisation(text):
            return [line.split()[3] for line in text.splitlines()
                    if line.startswith("# ") and line.endswith("%")]
        self.assertEqual(utilisation(self.show("shop", "--scale", "20")),
                         utilisation(self.show("shop")))

    def test_warnings_leave_the_exit_code(self):
        quiet = run("scenario", "check", "shop")
        self.assertEqual((quiet.returncode, quiet.stdout, quiet.stderr), (0, b"", b""))
        done = run("scenario", "check", "shop", "--duration", "12h")
        self.assertEqual((done.returncode, done.stdout), (0, b""))
        for line in done.stderr.decode().splitlines():
            self.assertRegex(line, r"\Ashop:\d+:\d+: warning: fault '\S+' never begins: ")
        self.assertIn("fault 'auth-outage' never begins", done.stderr.decode())

    def test_every_shipped_scenario_is_listed_and_shown(self):
        names = [line.split()[0] for line in run("scenario", "list").stdout.decode().splitlines()]
        self.assertEqual(names[0], "shop")
        for name in names:
            self.assertTrue(self.show(name).startswith(f"name: {name}\n"))

    def test_the_schema_is_json_and_the_same_each_time(self):
        first, second = run("scenario", "schema"), run("scenario", "schema")
        self.assertEqual((first.returncode, first.stderr), (0, b""))
        self.assertEqual(first.stdout, second.stdout)
        self.assertIn("scenario", json.loads(first.stdout)["$defs"])


if __name__ == "__main__":
    unittest.main()
