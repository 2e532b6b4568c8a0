"""What commands that read a whole trace show on a terminal while they do: one line, once they have
run for a second, gone before anything else is written; and nothing elsewhere."""
import os
import re
import subprocess
import time
import unittest

from groundhog import CliTest, PROGRAM, read, run
from terminal import Terminal

LINE = r"\r{} {}: \d+\.\d MB\x1b\[K"


class ProgressTest(CliTest):

    def slowly(self, *arguments, redirect="", trace=None):
        """A shell's words for the command with a trace, or another file, on standard input, whose
        second half comes after a second and more."""
        path = trace or self.trace
        half = os.path.getsize(path) // 2
        feed = f"{{ head -c {half} '{path}'; sleep 1.3; tail -c +{half + 1} '{path}'; }}"
        words = " ".join(f"'{word}'" for word in (PROGRAM, *arguments))
        return ["sh", "-c", f"{feed} | {words} {redirect}"]

    def at_terminal(self, *arguments, **options):
        """What the command shows on its terminal, and its exit code."""
        with Terminal(self.slowly(*arguments, **options)) as at:
            code = at.exit_code()
            return at.shown.decode(), code

    def commands(self):
        """Those that read a pipe to its end, what they are doing, and with what."""
        out = self.path("out.ghog")
        return {
            "verify": (["verify", "-"], "reading", "standard input"),
            "stats": (["stats", "-"], "reading", "standard input"),
            "diff": (["diff", "-", self.trace], "reading", "standard input"),
            "merge": (["merge", "-", self.trace, "-o", out], "merging", "2 traces"),
            "tree": (["tree", "-", self.lines(self.trace, "--limit", "1")[0].decode().split(
                '"trace_id":"')[1][:32]], "reading", "standard input"),
            "convert": (["convert", "-", "-o", out], "copying", "standard input"),
            "slice": (["slice", "-", "-o", out], "copying", "standard input")}

    def assert_shows(self, shown, doing, name):
        lines = list(re.finditer(LINE.format(doing, name), shown))
        self.assertGreaterEqual(len(lines), 1, shown)
        rest = shown[lines[-1].end():]
        self.assertTrue(rest.startswith("\r\x1b[K"), rest)
        self.assertNotRegex(rest, rf"{name}: \d")

    def test_a_long_command_shows_how_far_it_is_and_takes_that_away(self):
        for command, (arguments, doing, name) in self.commands().items():
            with self.subTest(command):
                shown, code = self.at_terminal(*arguments)
                self.assertEqual(code, 0, shown)
                self.assert_shows(shown, doing, name)

    def test_an_audit_shows_what_it_reads(self):
        lines = self.write("out.ndjson", run("cat", self.trace).stdout)
        other = self.write("nothing.ndjson", b"")
        for outputs, name in ((["-"], "standard input"), ([other, "-"], "2 outputs")):
            shown, code = self.at_terminal("audit", self.trace, *outputs, trace=lines)
            self.assertEqual(code, 0, shown)
            self.assert_shows(shown, "reading", name)
            self.assertIn("All is as expected.", shown)

    def test_data_in_a_file_leaves_the_terminal_to_it(self):
        path = self.path("lines.jsonl")
        shown, code = self.at_terminal("cat", "-", redirect=f"> '{path}'")
        self.assertEqual(code, 0)
        self.assertRegex(shown, LINE.format("reading", "standard input"))
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
        done = run("merge", self.trace, self.trace, "--progress", "always", "-o",
                   self.path("out.ghog"))
        self.assertRegex(done.stderr.decode(),
                         r"(?m)^merging 2 traces: \d+ %, \d+\.\d of \d+\.\d MB$")

    def test_damage_is_told_on_a_line_of_its_own(self):
        offset, size = self.entries[-4]  # comes after the progress has begun
        shown, code = self.at_terminal("stats", "-", trace=self.damaged(offset + size // 2))
        self.assertEqual(code, 3)
        self.assertRegex(shown, LINE.format("reading", "standard input"))
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
