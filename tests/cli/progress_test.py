"""What commands that read a whole trace show on a terminal while they do: one line, once they have
run for a second, gone before anything else is written; and nothing elsewhere."""
import re
import subprocess
import time
import unittest

from groundhog import CliTest, PROGRAM, read, run
from terminal import Terminal

LINE = r"\r{} standard input: \d+\.\d MB\x1b\[K"


class ProgressTest(CliTest):

    def slowly(self, *arguments, redirect="", trace=None):
        """A shell's words for the command with a trace on standard input, whose second half comes
        after a second and more."""
        path, half = trace or self.trace, len(self.data) // 2
        feed = f"{{ head -c {half} '{path}'; sleep 1.3; tail -c +{half + 1} '{path}'; }}"
        words = " ".join(f"'{word}'" for word in (PROGRAM, *arguments))
        return ["sh", "-c", f"{feed} | {words} {redirect}"]

    def at_terminal(self, *arguments, **options):
        """What the command shows on its terminal, and its exit code."""
        with Terminal(self.slowly(*arguments, **options)) as at:
            code = at.exit_code()
            return at.shown.decode(), code

    def commands(self):
        """Those that read a pipe to its end, and what they are doing."""
        out = self.path("out.ghog")
        return {
            "verify": (["verify", "-"], "reading"),
            "stats": (["stats", "-"], "reading"),
            "diff": (["diff", "-", self.trace], "reading"),
            "tree": (["tree", "-", self.lines(self.trace, "--limit", "1")[0].decode().split(
                '"trace_id":"')[1][:32]], "reading"),
            "convert": (["convert", "-", "-o", out], "copying"),
            "slice": (["slice", "-", "-o", out], "copying")}

    def test_a_long_command_shows_how_far_it_is_and_takes_that_away(self):
        for name, (arguments, doing) in self.commands().items():
            with self.subTest(name):
                shown, code = self.at_terminal(*arguments)
                self.assertEqual(code, 0, shown)
                lines = list(re.finditer(LINE.format(doing), shown))
                self.assertGreaterEqual(len(lines), 1, shown)
                rest = shown[lines[-1].end():]
                self.assertTrue(rest.startswith("\r\x1b[K"), rest)
                self.assertNotRegex(rest, r"input: \d")

    def test_data_in_a_file_leaves_the_terminal_to_it(self):
        path = self.path("lines.jsonl")
        shown, code = self.at_terminal("cat", "-", redirect=f"> '{path}'")
        self.assertEqual(code, 0)
        self.assertRegex(shown, LINE.format("reading"))
        self.assertTrue(shown.endswith("\r\x1b[K"), shown)
        self.assertEqual(read(path), run("cat", self.trace).stdout)

    def test_data_on_the_terminal_has_it_to_itself(self):
        shown, code = self.at_terminal("cat", "-", "--level", "ERROR", "--until", "6h50m")
        self.assertEqual(code, 0)
        self.assertNotRegex(shown, r"input: \d")

    def test_a_pipe_may_lead_to_a_pager(self):
        for arguments in (["cat", "-"], ["stats", "-"]):
            shown, code = self.at_terminal(*arguments, redirect="| wc -l")
            self.assertEqual(code, 0)
            self.assertRegex(shown, r"\A\d+\r\n\Z")

    def test_quiet_and_short_ones_show_nothing(self):
        shown, code = self.at_terminal("stats", "-", "--quiet", "--json", redirect=">/dev/null")
        self.assertEqual((shown, code), ("", 0))
        started = time.monotonic()
        with Terminal([PROGRAM, "verify", self.trace]) as at:
            self.assertEqual(at.exit_code(), 0)
            shown = at.shown.decode()
        if time.monotonic() - started < 1:
            self.assertEqual(shown,
                             run("verify", self.trace).stdout.decode().replace("\n", "\r\n"))

    def test_a_file_has_a_length(self):
        """Shown at once and however short it is, as that was asked for."""
        done = run("convert", self.trace, "--progress", "always", "-o", self.path("out.ghog"))
        self.assertRegex(done.stderr.decode(),
                         r"(?m)^copying day\.ghog: \d+ %, \d+\.\d of \d+\.\d MB$")

    def test_damage_is_told_on_a_line_of_its_own(self):
        offset, size = self.entries[-4]  # comes after the progress has begun
        shown, code = self.at_terminal("stats", "-", trace=self.damaged(offset + size // 2))
        self.assertEqual(code, 3)
        self.assertRegex(shown, LINE.format("reading"))
        self.assertRegex(shown, r"\x1b\[K\r\x1b\[Kgroundhog: standard input: damaged")

    def test_without_a_terminal_nothing_is_shown_unless_asked_for(self):
        for options, expected in (([], False), (["--progress", "always"], True)):
            done = subprocess.run(
                self.slowly("convert", "-", "-o", self.path("out.ghog"), *options),
                stderr=subprocess.PIPE, check=True)
            shown = re.findall(rb"^copying standard input: \d+\.\d MB$", done.stderr, re.MULTILINE)
            self.assertEqual(bool(shown), expected, done.stderr)


if __name__ == "__main__":
    unittest.main()
