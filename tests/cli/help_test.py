"""Help, versions and mistakes in usage are alike for every command of both programs."""
import re
import unittest

from groundhog import CliTest
from help_pages import PROGRAMS, pages, run

PAGES = pages()
# Texts that come from CLI11 itself.
NOISE = ["TEXT", "REQUIRED", "Excludes", "Positionals", "Subcommand", "SUBCOMMAND", " in [", ":INT",
         ":UINT", "FILE FILE", "required but received", "Could not convert", "The following"]
# Options that take any text, or any file's name, as it is.
TAKES_ANYTHING = {"--output", "--report", "--resume", "--topic", "--alerts-topic", "--exactly-once",
                  "--kafka-config", "--kafka-stats"}
# Options whose value has a meaning only together with a scenario or a trace.
NEEDS_INPUT = {"--from", "--until", "--service", "--seed", "--duration", "--start", "--scale",
               "--without", "--set", "--to", "--check", "--audit", "--expect",
               "--check-reproducible"}


class HelpCase(unittest.TestCase):

    def assert_usage_error(self, done, *words):
        message = done.stderr.decode()
        self.assertEqual((done.returncode, done.stdout), (2, b""), message)
        self.assertRegex(message, r"\Agroundhog(-replay)?: [^\n]+\n\Z")
        for word in words:
            self.assertIn(word, message)
        for noise in NOISE:
            self.assertNotIn(noise, message)
        return message


class PagesTest(HelpCase):

    def test_all_commands_are_found(self):
        commands = [" ".join(page.command) for page in PAGES]
        for command in ("groundhog record", "groundhog scenario show", "groundhog help",
                        "groundhog completion", "groundhog-replay help"):
            self.assertIn(command, commands)

    def test_every_command_has_help_with_examples(self):
        for page in PAGES:
            for flag in ("--help", "-h"):
                with self.subTest(page.command, flag=flag):
                    done = run([*page.command, flag])
                    self.assertEqual((done.returncode, done.stderr), (0, b""))
                    self.assertEqual(done.stdout.decode(), page.text)
            with self.subTest(page.command):
                self.assertIn(f"Usage: {' '.join(page.command)} ", page.text)
                self.assertTrue(page.examples)
                for example in page.examples:
                    self.assertIn(" ".join(page.command[:2]) if page.command[1:] else "groundhog",
                                  example)
                self.assertTrue(page.text.endswith("\n") and not page.text.endswith("\n\n"))

    def test_pages_fit_a_terminal_and_have_no_noise(self):
        for page in PAGES:
            with self.subTest(page.command):
                for line in page.text.splitlines():
                    # An example is one line, to be copied.
                    if line.strip() not in page.examples:
                        self.assertLessEqual(len(line), 80, line)
                    self.assertTrue(line == line.rstrip() and line.isprintable(), line)
                for noise in NOISE:
                    self.assertNotIn(noise, page.text)

    def test_help_prints_the_same(self):
        for page in PAGES:
            program, *words = page.command
            with self.subTest(page.command):
                done = run([program, "help", *words])
                self.assertEqual((done.returncode, done.stderr), (0, b""))
                self.assertEqual(done.stdout.decode(), page.text)

    def test_help_of_no_command_is_an_error(self):
        self.assert_usage_error(run(["groundhog", "help", "recrod"]), "did you mean 'record'?")
        self.assert_usage_error(run(["groundhog", "help", "scenario", "chek"]), "'check'")
        self.assert_usage_error(run(["groundhog", "help", "xyzzy"]), "'xyzzy'")

    def test_every_command_tells_the_version(self):
        for program in PROGRAMS:
            version = run([program, "--version"]).stdout
            self.assertRegex(version, rf"\A{program} \d+\.\d+\.\d+\n\Z".encode())
            for page in PAGES:
                if page.command[0] == program:
                    self.assertEqual(run([*page.command, "--version"]).stdout, version)

    def test_without_a_command_the_commands_are_listed(self):
        for command in (["groundhog"], ["groundhog", "scenario"]):
            done = run(command)
            self.assertEqual((done.returncode, done.stdout), (2, b""))
            self.assertEqual(done.stderr.decode(), run([*command, "--help"]).stdout.decode())

    def test_without_a_trace_the_replayer_asks_for_it(self):
        self.assert_usage_error(run(["groundhog-replay"]), "FILE is missing")
        self.assert_usage_error(run(["groundhog-replay", "--to", "null:"]), "FILE is missing")


class MistakesTest(HelpCase):

    def test_mistyped_words_get_a_guess(self):
        for command, guess in [
                ("groundhog recrod -o x", "unknown command 'recrod'; did you mean 'record'?"),
                ("groundhog scenario lst", "unknown command 'lst'; did you mean 'list'?"),
                ("groundhog --vershun", "unknown option '--vershun'; did you mean '--version'?"),
                ("groundhog record --sed 7 -o x",
                 "unknown option '--sed'; did you mean '--seed'?"),
                ("groundhog record --sed=7 -o x",
                 "unknown option '--sed'; did you mean '--seed'?"),
                ("groundhog record -seed 7 -o x",
                 "unknown option '-seed'; did you mean '--seed'?"),
                ("groundhog record -o x --compression zst",
                 "--compression 'zst': write none, packed or zstd; did you mean 'zstd'?"),
                ("groundhog cat x --levl ERROR",
                 "unknown option '--levl'; did you mean '--level'?"),
                ("groundhog-replay x --to null: --topc y",
                 "unknown option '--topc'; did you mean '--topic'?"),
                ("groundhog-replay x --too null:", "unknown option '--too'; did you mean '--to'?"),
                ("groundhog-replay hlep", "unknown command 'hlep'; did you mean 'help'?"),
                ("groundhog-replay clt replay.sock status",
                 "unknown command 'clt'; did you mean 'ctl'?"),
                ("groundhog completion bsh", "SHELL 'bsh': write bash, zsh or fish")]:
            with self.subTest(command):
                self.assert_usage_error(run(command.split()), guess)

    def test_words_like_nothing_point_to_help(self):
        self.assert_usage_error(run(["groundhog", "xyzzy"]),
                                "'xyzzy'; the commands are record info cat stats digest verify "
                                "diff explain tree slice merge convert recover")
        for page in PAGES:
            with self.subTest(page.command):
                self.assert_usage_error(run([*page.command, "--xyzzy"]), "'--xyzzy'",
                                        f"'{' '.join(page.command)} --help'")

    def test_surplus_arguments_are_named_in_their_order(self):
        for command in ("info", "cat", "verify"):
            self.assert_usage_error(
                run(["groundhog", command, "one", "two", "three"]),
                f"surplus arguments 'two', 'three': 'groundhog {command}' takes one FILE only")
        self.assert_usage_error(run(["groundhog", "scenario", "list", "two"]),
                                "surplus argument 'two': 'groundhog scenario list' takes no argu")
        self.assert_usage_error(run("groundhog-replay one two three --to null:".split()),
                                "surplus arguments 'two', 'three'", "takes one FILE only")

    def test_what_is_missing_is_named(self):
        for command in ("info", "cat", "digest", "verify"):
            self.assert_usage_error(run(["groundhog", command]), "FILE is missing: the trace")
        self.assert_usage_error(run(["groundhog", "record"]),
                                "--output FILE is missing: the trace file to write")
        self.assert_usage_error(run(["groundhog-replay", "x"]), "--to SINK is missing")

    def test_what_excludes_each_other_is_named(self):
        self.assert_usage_error(
            run("groundhog-replay x --to null: --rate 5/s --speed 2x".split()),
            "--speed and --rate exclude each other: give one of them")


class ValuesTest(CliTest, HelpCase):
    """Every option that takes a value, with no value, two values, and a wrong one."""

    def options(self):
        for page in PAGES:
            # The other arguments that the command needs, so that nothing else is wrong.
            needed = {"record": ["-o", self.path("new.ghog")], "cat": [self.trace],
                      "stats": [self.trace], "info": [self.trace, "--timeline"],
                      "audit": [self.trace, self.trace],
                      "groundhog-replay": [self.trace, "--to", "null:", "--dry-run"]}
            for option, (names, value) in page.options.items():
                if value:
                    yield page, option, names, [*page.command, *needed.get(page.command[-1], [])]

    def test_a_value_that_is_not_there(self):
        for page, option, names, command in self.options():
            with self.subTest(page.command, option=option):
                self.assert_usage_error(run([*command, names[0]]),
                                        f"{option} needs a value: {page.options[option][1]}")

    def test_a_value_given_twice(self):
        for page, option, _, command in self.options():
            if "may be repeated" in page.meaning(option) or option in ("--to", "--output"):
                continue
            # These may be given several times: a later one replaces an earlier one.
            if option in ("--seed", "--duration", "--start", "--scale"):
                continue
            value = self.GOOD.get(option, "x")
            with self.subTest(page.command, option=option):
                self.assert_usage_error(run([*command, option, value, option, value]),
                                        option, "2 times; give it once")

    GOOD = {"--level": "1", "--chunk-records": "1", "--threads": "1", "--compression": "none",
            "--format": "csv",
            "--progress": "never", "--limit": "1", "--position": "1", "--timeout": "1s",
            "--loop": "2", "--shard": "1/2", "--rate": "1/s", "--max-rate": "1/s",
            "--max-gap": "1s", "--catch-up": "slip", "--start-at": "2030-01-01T00:00:00Z",
            "--timestamps": "wall", "--control": "unix:x", "--key": "trace_id", "--partitions": "1",
            "--headers": "cause", "--linger": "1s", "--commit-records": "1",
            "--commit-interval": "1s", "--wait": "1s", "--fields": "level=severity",
            "--keep": "level=INFO", "--order-by": "none", "--whole": "none",
            "--output-format": "csv", "--examples": "1", "--series": "1s", "--every": "1m",
            "--audit-key": "trace_id", "--late-after": "1s"}

    def test_a_wrong_value(self):
        checked = 0
        for page, option, _, command in self.options():
            for wrong in ("@wrong@", "", "-1"):
                if wrong and option in TAKES_ANYTHING:
                    continue
                with self.subTest(page.command, option=option, value=wrong):
                    done = run([*command, f"{option}={wrong}" if option[1] == "-" else
                                option + (wrong or "=")])
                    message = done.stderr.decode()
                    self.assertEqual((done.returncode, done.stdout), (2, b""), message)
                    self.assertEqual(message.count("\n"), 1, message)
                    for noise in NOISE:
                        self.assertNotIn(noise, message)
                    if option not in NEEDS_INPUT and option[1] == "-":
                        self.assertIn(f"{option} '{wrong}': ", message)
                    checked += 1
        self.assertGreater(checked, 60)

    def test_a_flag_takes_no_value(self):
        for page in PAGES:
            for option, (_, value) in page.options.items():
                if value or option in ("--help", "--version"):
                    continue
                with self.subTest(page.command, option=option):
                    message = run([*page.command, f"{option}=maybe"]).stderr.decode()
                    self.assertIn(option, message)
                    for noise in NOISE:
                        self.assertNotIn(noise, message)

    def test_a_service_that_the_trace_does_not_have(self):
        for command in (["groundhog", "cat", self.trace],
                        ["groundhog-replay", self.trace, "--to", "null:", "--speed", "max"]):
            self.assert_usage_error(run([*command, "--service", "auth"]), "--service 'auth'",
                                    "did you mean 'auth-service'?")
            self.assert_usage_error(run([*command, "--service", "xyzzy"]), "--service 'xyzzy'",
                                    "it has gateway-service, auth-service")
        self.assert_usage_error(run(["groundhog-replay", self.trace, "--to", "kafka://localhost:1",
                                     "--dry-run", "--route", "service=auth:x"]),
                                "--route 'service=auth:x'", "did you mean 'auth-service'?")


if __name__ == "__main__":
    unittest.main()
