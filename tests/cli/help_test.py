"""Help, versions and mistakes in usage are alike for every command."""
import unittest

from groundhog import run

COMMANDS = [["record"], ["info"], ["cat"], ["digest"], ["verify"], ["scenario"],
            ["scenario", "list"], ["scenario", "show"], ["scenario", "check"],
            ["scenario", "schema"]]


class HelpTest(unittest.TestCase):

    def assert_usage_error(self, done, *words):
        message = done.stderr.decode()
        self.assertEqual((done.returncode, done.stdout), (2, b""), message)
        self.assertRegex(message, r"\Agroundhog: [^\n]+\n\Z")
        for word in words:
            self.assertIn(word, message)

    def test_every_command_has_help_with_examples(self):
        for command in [[], *COMMANDS]:
            for flag in ("--help", "-h"):
                with self.subTest(command, flag=flag):
                    done = run(*command, flag)
                    text = done.stdout.decode()
                    self.assertEqual((done.returncode, done.stderr), (0, b""))
                    self.assertIn(f"Usage: {' '.join(['groundhog', *command])} ", text)
                    self.assertIn("Examples:\n  groundhog " + " ".join(command), text)
                    self.assertTrue(text.isprintable() or text.replace("\n", "").isprintable())
                    self.assertTrue(text.endswith("\n") and not text.endswith("\n\n"))

    def test_the_program_names_its_commands(self):
        text = run("--help").stdout.decode()
        for command in COMMANDS[:6]:
            self.assertRegex(text, rf"\n  {command[0]} +\w")

    def test_every_command_tells_the_version(self):
        version = run("--version").stdout
        self.assertRegex(version, rb"\Agroundhog \d+\.\d+\.\d+\n\Z")
        for command in COMMANDS:
            with self.subTest(command):
                self.assertEqual(run(*command, "--version").stdout, version)

    def test_unknown_words_are_errors_that_point_to_help(self):
        self.assert_usage_error(run(), "groundhog --help")
        self.assert_usage_error(run("replay"), "'replay'", "record info cat digest verify scenario")
        self.assert_usage_error(run("--nope"), "--nope")
        self.assert_usage_error(run("scenario", "nope"), "nope")
        for command in COMMANDS:
            with self.subTest(command):
                self.assert_usage_error(run(*command, "--nope"), f"{' '.join(command)} --help")
        for command in COMMANDS[1:5]:
            with self.subTest(command):
                self.assert_usage_error(run(*command), "FILE")

    def test_one_trace_is_read_at_a_time(self):
        for command in ("info", "cat", "verify"):
            self.assert_usage_error(run(command, "one.ghog", "two.ghog"), "two.ghog")


if __name__ == "__main__":
    unittest.main()
