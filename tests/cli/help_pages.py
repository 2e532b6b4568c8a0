"""What the two programs say about themselves, read back from their help: the commands, and for each
its options, arguments, examples and exit codes."""
import os
import re
import subprocess

BIN = os.environ["GROUNDHOG_BIN_DIR"]
PROGRAMS = ["groundhog", "groundhog-replay"]


def run(command, **options):
    """Runs a program with its arguments, all in one list."""
    options.setdefault("stdin", subprocess.DEVNULL)
    options.setdefault("timeout", 120)
    return subprocess.run([os.path.join(BIN, command[0]), *command[1:]], check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


class Page:
    """The help of one command: ["groundhog", "scenario", "show"]."""

    def __init__(self, command):
        self.command = command
        self.text = run([*command, "--help"]).stdout.decode()
        self.sections = {}
        for block in re.split(r"\n(?=[A-Z][A-Za-z ]+:\n  )", self.text)[1:]:
            title, _, rest = block.partition(":\n")
            self.sections[title] = re.split(r"\n(?! )", rest)[0].rstrip("\n").split("\n")

    def entries(self, title):
        """[(name, value)] of a section's lines that are no continuation."""
        found = []
        for line in self.sections.get(title, []):
            match = re.match(r"  (\S.*?)(?:  .*)?$", line)
            if match and not line.startswith("      "):
                names, _, value = match.group(1).partition(" ")
                while names.endswith(","):
                    more, _, value = value.partition(" ")
                    names += " " + more
                found.append((names.split(", "), value))
        return found

    @property
    def commands(self):
        return [names[0] for names, _ in self.entries("Commands")]

    @property
    def options(self):
        """{longest name: (all names, value's name or "")}"""
        found = {}
        for title in self.sections:
            for names, value in self.entries(title):
                if names[0].startswith("-") and title not in ("Examples", "Exit codes"):
                    found[names[-1]] = (names, value)
        return found

    @property
    def examples(self):
        return [line.strip() for line in self.sections.get("Examples", [])]

    @property
    def exit_codes(self):
        """As the page lists them; 0 and 2 where it leaves them to the commands below."""
        codes = {int(names[0]) for names, _ in self.entries("Exit codes") if names[0].isdigit()}
        return codes or {0, 2}

    def meaning(self, option):
        """What the page says about an option, on one line."""
        match = re.search(rf"^  (?:-\w, )?{re.escape(option)}\b.*(?:\n {{20,}}.*)*", self.text,
                          re.MULTILINE)
        return " ".join(match.group(0).split())


def pages(command=None):
    """Of every command of both programs, found from the programs down."""
    if command is None:
        return [page for program in PROGRAMS for page in pages([program])]
    page = Page(command)
    return [page] + [below for name in page.commands for below in pages([*command, name])]
