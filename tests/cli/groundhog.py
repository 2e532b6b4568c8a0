"""How the tests of groundhog's commands run it, and how they damage a trace on purpose."""
import json
import os
import re
import struct
import subprocess
import tempfile
import unittest

import xxhash

PROGRAM = os.path.join(os.environ["GROUNDHOG_BIN_DIR"], "groundhog")
TRACES_TOOL = os.path.join(os.environ["GROUNDHOG_BUILD_DIR"], "tests/traces/traces_tool")
# Reaches into the first incident of shop, 06:40 to 07:20.
DURATION = "7h"
TRAILER_BYTES = 64
# Where `headerChecksum` is in the entry of an appendix, behind frame, root pointer and Entry; and
# of a footer, behind five numbers more.
APPENDIX_CHECKSUM = 8 + 8 + 32
FOOTER_CHECKSUM = APPENDIX_CHECKSUM + 5 * 8


def run(*arguments, stdin=subprocess.DEVNULL, **options):
    """Runs groundhog and returns what subprocess.run does, with bytes for the outputs."""
    options.setdefault("stdout", subprocess.PIPE)
    if isinstance(stdin, bytes):
        options["input"] = stdin
    else:
        options["stdin"] = stdin
    return subprocess.run([PROGRAM, *arguments], stderr=subprocess.PIPE, timeout=120, check=False,
                          **options)


def is_sanitized():
    path = os.path.join(os.environ["GROUNDHOG_BUILD_DIR"], "CMakeCache.txt")
    with open(path, encoding="utf-8") as file:
        return re.search(r"^GROUNDHOG_SANITIZE:STRING=.", file.read(), re.MULTILINE) is not None


def read(path):
    with open(path, "rb") as file:
        return file.read()


def entries(data):
    """[(offset, size)] of a trace's entries, by their frames alone."""
    found, offset = [], 0
    while offset < len(data):
        segments, words = struct.unpack_from("<II", data, offset)
        assert segments == 0, "an entry has one segment"
        found.append((offset, 8 + 8 * words))
        offset += 8 + 8 * words
    return found


def sealed(entry):
    """The entry with the right checksum for its bytes."""
    bare = entry[:24] + bytes(8) + entry[32:]
    return entry[:24] + struct.pack("<Q", xxhash.xxh3_64_intdigest(bare)) + entry[32:]


def with_header(data, change):
    """The trace, of compression none, whose header `change`, of an entry's bytes, has changed: the
    first entry and what repeats it or points to it."""
    def changed(data, index, change):
        offset, size = entries(data)[index]
        entry = change(data[offset:offset + size])
        assert len(entry) == size
        return data[:offset] + sealed(entry) + data[offset + size:]
    data = changed(data, 0, change)
    def pointing(at):
        return lambda entry: entry[:at] + data[24:32] + entry[at + 8:]
    data = changed(data, -3, lambda entry: pointing(APPENDIX_CHECKSUM)(change(entry)))
    return changed(data, -2, pointing(FOOTER_CHECKSUM))


def number(value):
    """The text's bytes as a trace has them."""
    return struct.pack("<q", value)


class CliTest(unittest.TestCase):
    """Each class records its own trace, in small chunks, and has several damaged copies of it."""
    RECORD = ["shop", "--duration", DURATION, "--chunk-records", "1000"]

    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = temporary.name
        cls.trace = cls.path("day.ghog")
        done = run("record", *cls.RECORD, "--quiet", "-o", cls.trace)
        assert done.returncode == 0, done.stderr
        cls.data = read(cls.trace)
        cls.entries = entries(cls.data)
        cls.appendix_offset, cls.footer_offset = cls.entries[-3][0], cls.entries[-2][0]

    @classmethod
    def path(cls, name):
        return os.path.join(cls.folder, name)

    def write(self, name, data):
        path = self.path(name)
        with open(path, "wb") as file:
            file.write(data)
        return path

    def sample(self, name):
        """A sample trace of tests/traces, with rare features, as a file."""
        path = self.path("sample.ghog")
        subprocess.run([TRACES_TOOL, "write", name, path], check=True)
        return path

    def chunk_records(self, index):
        """How many records the chunk in entry `index` has: as the trace's worked example shows."""
        return struct.unpack_from("<I", self.data, self.entries[index][0] + 80)[0]

    def plain(self):
        """The trace with compression none."""
        path = self.path("plain.ghog")
        assert run("convert", self.trace, "--compression", "none", "--chunk-records", "1000", "-q",
                   "-o", path).returncode == 0
        return path

    def cut(self, length):
        """The trace's first bytes, as a file."""
        return self.write("cut.ghog", self.data[:length])

    def damaged(self, offset, mask=0x01):
        """The trace with one byte changed, as a file."""
        changed = bytearray(self.data)
        changed[offset] ^= mask
        return self.write("damaged.ghog", bytes(changed))

    def damaged_data(self, offset):
        return self.data[:offset] + bytes([self.data[offset] ^ 1]) + self.data[offset + 1:]

    def forged(self, index, old, new):
        """The trace with the first `old` in entry `index` replaced, and its checksum corrected."""
        offset, size = self.entries[index]
        entry = self.data[offset:offset + size]
        self.assertIn(old, entry)
        self.assertEqual(len(old), len(new))
        entry = sealed(entry.replace(old, new, 1))
        return self.write("forged.ghog", self.data[:offset] + entry + self.data[offset + size:])

    def lines(self, *arguments, code=0, **options):
        """What `groundhog cat` prints."""
        done = run("cat", *arguments, **options)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout.splitlines()

    def info(self, path, **options):
        done = run("info", "--json", path, **options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def assert_fails(self, done, code, *words, prints=b""):
        """Ended with `code`, one line on stderr with all the words, and only `prints` as data."""
        message = done.stderr.decode()
        self.assertEqual(done.returncode, code, message)
        if prints is not None and done.stdout is not None:
            self.assertEqual(done.stdout, prints)
        self.assertRegex(message, r"\Agroundhog: [^\n]+\n\Z")
        for word in words:
            self.assertIn(word, message)

    def assert_silent(self, done, code=0):
        self.assertEqual((done.returncode, done.stderr), (code, b""))
