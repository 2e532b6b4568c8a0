"""Completion, asked of the real shells: bash, zsh and fish complete commands, options, values and
files of both programs, as the programs know them."""
import os
import shlex
import subprocess
import tempfile
import time
import unittest

from help_pages import BIN, PROGRAMS, pages, run
from terminal import Terminal

ENVIRONMENT = dict(os.environ, PATH=BIN + ":" + os.environ["PATH"], LC_ALL="C.UTF-8",
                   TERM="xterm")
SCENARIOS = ["shop", "quiet", "outage", "gray-failure", "retry-storm", "cascade", "black-friday"]


def ask(line):
    """What the program answers for `line` up to its end: (kind, {word: meaning})."""
    program, *words = line.split(" ")
    kind, *lines = run([program, "__complete", *words]).stdout.decode().splitlines()
    return kind, dict(line.split("\t") for line in lines)


class AnswersTest(unittest.TestCase):
    """The program's own answers: the shells' scripts only pass them on."""

    def test_commands_options_and_meanings_are_those_of_the_help(self):
        for page in pages():
            with self.subTest(page.command):
                line = " ".join(page.command)
                if page.command[-1] != "help":
                    self.assertLessEqual(set(page.commands), set(ask(line + " ")[1]))
                kind, offered = ask(line + " -")
                if page.command[1:2] == ["help"]:
                    continue
                self.assertEqual(kind, "words")
                self.assertEqual(set(offered), set(page.options))
                for option, meaning in offered.items():
                    self.assertIn(meaning, page.meaning(option))

    def test_choices(self):
        for line, words in [
                ("groundhog recor", ["record"]),
                ("groundhog scenario ", ["list", "show", "check", "schema", "source"]),
                ("groundhog record --compression ", ["none", "packed", "zstd"]),
                ("groundhog record --compression=", ["--compression=none", "--compression=packed",
                                                     "--compression=zstd"]),
                ("groundhog record --duration ", ["forever"]),
                ("groundhog record s", ["shop"]),
                ("groundhog record ", SCENARIOS),
                ("groundhog cat x --level ", ["INFO", "WARN", "ERROR"]),
                ("groundhog cat x --level w", ["WARN"]),
                ("groundhog completion ", ["bash", "zsh", "fish"]),
                ("groundhog help scenario sh", ["show"]),
                ("groundhog-replay x --to ", ["kafka://", "kafka://embedded", "postgres://",
                                              "jsonl:", "jsonl:-", "null:"]),
                ("groundhog-replay x --speed ", ["max"]),
                ("groundhog-replay x --key ", ["service", "trace_id", "none"]),
                ("groundhog-replay x -X ", ["list", "dump"]),
                ("groundhog-replay ctl x st", ["step", "status"]),
                ("groundhog-replay ctl x pause res", ["resume"]),
                ("groundhog-replay he", ["help"])]:
            with self.subTest(line):
                offered = set(ask(line)[1])
                self.assertEqual(offered, set(words))

    def test_files(self):
        for line, prefix in [("groundhog cat ", ""), ("groundhog record -o ", ""),
                             ("groundhog record ", ""), ("groundhog digest one two", ""),
                             ("groundhog-replay ", ""), ("groundhog-replay x --report ", ""),
                             ("groundhog-replay x --report=", "--report="),
                             ("groundhog-replay x --to jsonl:", "jsonl:"),
                             ("groundhog-replay ctl ", ""),
                             ("groundhog-replay x --control unix:", "unix:")]:
            with self.subTest(line):
                self.assertEqual(ask(line)[0], "files " + prefix)
        for line in ("groundhog ", "groundhog cat one two", "groundhog record --seed ",
                     "groundhog-replay x --to ", "groundhog-replay x --topic "):
            with self.subTest(line):
                self.assertEqual(ask(line)[0], "words")

    def test_what_was_given_is_not_offered_again(self):
        self.assertNotIn("--output", ask("groundhog record -o x -")[1])
        self.assertNotIn("--output", ask("groundhog record --output=x -")[1])
        self.assertIn("--without", ask("groundhog record --without x -")[1])
        self.assertIn("--level", ask("groundhog cat x --level INFO -")[1])
        self.assertNotIn("ctl", ask("groundhog-replay x --to null: ")[1])

    def test_nonsense_is_answered_by_nothing(self):
        for line in ("groundhog xyzzy", "groundhog cat x y", "groundhog record --xyzzy=",
                     "groundhog record -- --see"):
            with self.subTest(line):
                self.assertEqual(ask(line)[1], {})


class ShellsTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = temporary.name
        for name in ("one day.ghog", "two.ghog"):
            with open(os.path.join(cls.folder, name), "wb"):
                pass
        for shell in ("bash", "zsh", "fish"):
            for program in PROGRAMS:
                done = run([program, "completion", shell])
                assert (done.returncode, done.stderr) == (0, b"")
                with open(os.path.join(cls.folder, f"_{program}.{shell}"), "wb") as file:
                    file.write(done.stdout)

    def script(self, program, shell):
        return os.path.join(self.folder, f"_{program}.{shell}")

    def output(self, *command, **options):
        done = subprocess.run(command, cwd=self.folder, env=dict(ENVIRONMENT, HOME=self.folder),
                              timeout=60, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=False, **options)
        return done.stdout.decode().splitlines()

    def bash(self, line):
        """The completions of the last word of `line`, as bash puts them in its place."""
        program = line.split()[0]
        commands = (
            f"source {self.script(program, 'bash')}\n"
            f"COMP_LINE={shlex.quote(line)} COMP_POINT={len(line)} COMP_TYPE=9\n"
            f"COMP_WORDS=({line}) COMP_CWORD=1\n"
            f'function="$(complete -p {program})"; function="${{function#*-F }}"\n'
            '"${function%% *}"\n'
            'printf "%s\\n" "${COMPREPLY[@]}"')
        return [found for found in self.output("bash", "--norc", "-c", commands) if found]

    def fish(self, line):
        """[word] that fish offers for the last word of `line`."""
        program = line.split()[0]
        commands = f"source {self.script(program, 'fish')}; complete -C {shlex.quote(line)}"
        return [found.split("\t")[0]
                for found in self.output("fish", "--no-config", "-c", commands)]

    def zsh(self, lines):
        """Each line as it is after a Tab in zsh at a terminal, and all that was shown."""
        result = os.path.join(self.folder, "buffers")
        scripts = "; ".join(f"source {self.script(program, 'zsh')}" for program in PROGRAMS)
        with Terminal(["env", f"HOME={self.folder}", f"PATH={ENVIRONMENT['PATH']}", "TERM=dumb",
                       "LC_ALL=C.UTF-8", "sh", "-c", f"cd {self.folder}; exec zsh -f -i"],
                      columns=200) as terminal:
            # Control-T saves the current line.
            terminal.press(f"autoload -Uz compinit; compinit -u -D; {scripts}; "
                           f"note() {{ print -r -- $BUFFER >> {result} }}; zle -N note; "
                           "bindkey '^T' note; print re''ady\n")
            terminal.wait_for("ready")
            for number, line in enumerate(lines, 1):
                terminal.press(f"\x15{line}\t\x14")
                end = time.monotonic() + 60
                while self.lines_of(result) < number and time.monotonic() < end:
                    terminal.watch(0.05)
            shown = terminal.shown.decode()
        with open(result, encoding="utf-8") as file:
            return [line.strip() for line in file], shown

    @staticmethod
    def lines_of(path):
        if not os.path.exists(path):
            return 0
        with open(path, "rb") as file:
            return file.read().count(b"\n")

    def test_bash(self):
        for line, words in [
                ("groundhog recor", ["record"]),
                ("groundhog record --se", ["--seed", "--set"]),
                ("groundhog record --compression ", ["none", "packed", "zstd"]),
                ("groundhog record --compression=p", ["packed"]),
                ("groundhog cat x --level E", ["ERROR"]),
                ("groundhog record bl", ["black-friday"]),
                ("groundhog scenario sho", ["show"]),
                ("groundhog cat ", ["_groundhog.bash", "_groundhog-replay.bash", "one day.ghog",
                                    "two.ghog"]),
                ("groundhog cat tw", ["two.ghog"]),
                ("groundhog-replay two.ghog --to k", ["kafka://", "kafka://embedded"]),
                ("groundhog-replay two.ghog --to kafka:", ["//", "//embedded"]),
                ("groundhog-replay two.ghog --to jsonl:tw", ["two.ghog"]),
                ("groundhog-replay two.ghog --timestamps s", ["shift"])]:
            with self.subTest(line):
                found = [word for word in self.bash(line) if not word.endswith(("sh", "zcompdump"))
                         or word in words]
                self.assertEqual(sorted(found), sorted(words))

    def test_fish(self):
        for line, words in [
                ("groundhog recor", ["record"]),
                ("groundhog record --se", ["--seed", "--set"]),
                ("groundhog record --compression ", ["none", "packed", "zstd"]),
                ("groundhog record --compression=p", ["--compression=packed"]),
                ("groundhog record bl", ["black-friday"]),
                ("groundhog cat tw", ["two.ghog"]),
                ("groundhog-replay two.ghog --to k", ["kafka://", "kafka://embedded"]),
                ("groundhog-replay two.ghog --to jsonl:tw", ["jsonl:two.ghog"]),
                ("groundhog-replay two.ghog --timestamps s", ["shift"])]:
            with self.subTest(line):
                self.assertEqual(sorted(self.fish(line)), sorted(words))

    def test_zsh(self):
        completed = {
            "groundhog recor": "groundhog record",
            "groundhog record --comp": "groundhog record --compression",
            "groundhog record --compression p": "groundhog record --compression packed",
            "groundhog record --compression=p": "groundhog record --compression=packed",
            "groundhog record bl": "groundhog record black-friday",
            "groundhog record --progress ": "groundhog record --progress",
            "groundhog cat tw": "groundhog cat two.ghog",
            "groundhog cat one": "groundhog cat one\\ day.ghog",
            "groundhog-replay two.ghog --to n": "groundhog-replay two.ghog --to null:",
            "groundhog-replay x --to jsonl:tw": "groundhog-replay x --to jsonl:two.ghog"}
        lines, shown = self.zsh(list(completed))
        self.assertEqual(lines, list(completed.values()))
        # zsh lists words without a description in columns of their own.
        self.assertRegex(shown, r"auto +always +never *\r\n")


if __name__ == "__main__":
    unittest.main()
