"""The recordings whose digests are committed, and how they are made. Used by the tests, by
scripts/renew-goldens and by scripts/determinism."""
import hashlib
import os
import re
import subprocess
import tempfile

FOLDER = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(FOLDER))
DIGESTS = os.path.join(FOLDER, "digests.txt")
README = os.path.join(ROOT, "README.md")
README_TABLE = re.compile(r"\| arguments of `record` \| digest \|\n(?:\|.*\n)+")

# Name: the arguments of `groundhog record`. Together they use every kind of fault and every option
# that changes the world.
CASES = {
    "shop-day": ["shop"],
    "shop-seed-2": ["shop", "--seed", "2", "--duration", "8h"],
    "shop-no-faults": ["shop", "--duration", "7h", "--without", "user-replicas-down"],
    "shop-scaled": ["shop", "--duration", "30m", "--scale", "5"],
    "shop-slow-deadline": ["shop", "--duration", "11h", "--set", "journeys.browse.deadline=2s"],
    "shop-other-start": ["shop", "--duration", "2h", "--start", "2025-03-30T13:30:00Z"],
    "everything": [os.path.join(FOLDER, "everything.yaml")],
    "quiet": ["quiet", "--duration", "10m"],
    "outage": ["outage", "--duration", "31m"],
    "gray-failure": ["gray-failure", "--duration", "21m"],
    "retry-storm": ["retry-storm", "--duration", "15m"],
    "cascade": ["cascade", "--duration", "22m"],
    "black-friday": ["black-friday", "--duration", "36m"],
}


def record(program, arguments, path):
    """Records without compression, whose bytes depend on no other library's version."""
    subprocess.run([program, "record", *arguments, "--compression", "none", "--quiet", "-o", path],
                   check=True, stdin=subprocess.DEVNULL)


def measure(program, arguments):
    """'DIGEST SHA256': of the trace's content and of the file's bytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "trace.ghog")
        record(program, arguments, path)
        digest = subprocess.run([program, "digest", path], check=True, stdout=subprocess.PIPE,
                                text=True).stdout.split()[0]
        with open(path, "rb") as file:
            return f"{digest} {hashlib.file_digest(file, 'sha256').hexdigest()}"


def read_digests():
    """{name: 'DIGEST SHA256'} as committed."""
    committed = {}
    with open(DIGESTS, encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                name, rest = line.split(None, 1)
                committed[name] = rest.strip()
    return committed


def published(digests):
    """The README's table of these digests."""
    lines = ["| arguments of `record` | digest |", "|---|---|"]
    for name, arguments in CASES.items():
        shown = " ".join(each.removeprefix(ROOT + "/") for each in arguments)
        lines.append(f"| `{shown}` | `{digests[name].split()[0]}` |")
    return "\n".join(lines) + "\n"
