"""The manual pages: one for each command, with the text of its help, and no warning from man."""
import os
import re
import subprocess
import tempfile
import unittest

from help_pages import PROGRAMS, pages, run


def shown(path):
    """A page as man shows it, without its formatting; and its warnings."""
    done = subprocess.run(["man", "--warnings", "-l", path], stdin=subprocess.DEVNULL,
                          env=dict(os.environ, MANWIDTH="400", LC_ALL="C.UTF-8", PAGER="cat",
                                   MANROFFSEQ="", GROFF_NO_SGR="1"),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True)
    text = re.sub(".\b", "", done.stdout.decode())
    return " ".join(text.split()), done.stderr.decode()


class ManualTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = os.path.join(temporary.name, "man", "man1")
        for program in PROGRAMS:
            done = run([program, "__reference", temporary.name])
            assert (done.returncode, done.stdout, done.stderr) == (0, b"", b""), done.stderr
        cls.pages = pages()

    def path(self, page):
        return os.path.join(self.folder, "-".join(page.command) + ".1")

    def test_each_command_has_a_page_and_nothing_else_has(self):
        self.assertEqual(sorted(os.listdir(self.folder)),
                         sorted(os.path.basename(self.path(page)) for page in self.pages))

    def test_man_shows_it_without_a_warning(self):
        for page in self.pages:
            with self.subTest(page.command):
                self.assertEqual(shown(self.path(page))[1], "")

    def test_a_page_says_what_the_help_says(self):
        for page in self.pages:
            text, _ = shown(self.path(page))
            with self.subTest(page.command):
                self.assertIn("NAME " + "-".join(page.command) + " - ", text)
                for option, (names, value) in page.options.items():
                    meaning = page.meaning(option).partition(value or names[-1])[2].strip()
                    self.assertIn(f"{', '.join(names)} {value}".strip() + " " + meaning, text)
                for example in page.examples:
                    self.assertIn(" ".join(example.split()), text)
                if "Exit codes" not in page.sections:
                    self.assertNotIn("EXIT STATUS", text)
                    continue
                self.assertIn("EXIT STATUS 0 ", text)
                for code in page.exit_codes:
                    self.assertRegex(text.split("EXIT STATUS")[1], rf"(^| ){code} \w")


if __name__ == "__main__":
    unittest.main()
