"""What the tests of python/ share: the package as it is in the source tree, traces to read, and
traces made by hand."""
import os
import subprocess
import sys
import tempfile
import unittest

SOURCE = os.environ["GROUNDHOG_SOURCE_DIR"]
PROGRAM = os.path.join(os.environ["GROUNDHOG_BIN_DIR"], "groundhog")
TRACES_TOOL = os.path.join(os.environ["GROUNDHOG_BUILD_DIR"], "tests/traces/traces_tool")
GOLDEN = os.path.join(SOURCE, "traces/golden")
PACKAGE = os.path.join(SOURCE, "python/src")
sys.path[:0] = [PACKAGE, os.path.join(SOURCE, "tests/traces"), os.path.join(SOURCE, "tests/cli")]

import groundhog_trace  # noqa: E402  pylint: disable=wrong-import-position
from groundhog_trace import _entries  # noqa: E402  pylint: disable=wrong-import-position
import format_page  # noqa: E402  pylint: disable=wrong-import-position
import groundhog  # noqa: E402  pylint: disable=wrong-import-position

# Samples of traces_tool, with compression and records a chunk: all that is rare is in them.
SAMPLES = [("tiny", "none", 8192), ("golden", "none", 5), ("golden", "packed", 8192),
           ("golden", "zstd", 1), ("random:1:0", "zstd", 8192), ("random:2:900", "packed", 100),
           ("random:3:900", "none", 7), ("random:4:1500", "zstd", 65536)]


def output_of(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


def golden_files():
    return sorted(os.path.join(GOLDEN, name) for name in os.listdir(GOLDEN)
                  if name.endswith(".ghog"))


def read_all(source):
    """All records of a trace that is whole."""
    with groundhog_trace.open(source) as trace:
        return list(trace)


def tiny_entry(index):
    """An entry of FORMAT.md's worked example, as a dictionary."""
    data = format_page.hex_block("tiny.ghog")
    offset, size = groundhog.entries(data)[index]
    with _entries.SCHEMA.Entry.from_bytes(data[offset:offset + size]) as entry:
        return entry.to_dict()


def tiny_entries():
    """Header, chunk and footer of it."""
    header, chunk, footer = map(tiny_entry, (0, 1, 3))
    header["header"] = in_order(header["header"])
    return header, chunk, footer


def in_order(header):
    """A header's fields in the schema's order, in which the program writes them: to_dict puts the
    union last."""
    names = _entries.SCHEMA.Header.schema.fieldnames
    return {name: header[name] for name in names if name in header}


def entry_bytes(entry, words=1 << 16):
    """The bytes of an entry of up to so many words, with the right checksum, of a dictionary as
    tiny_entries has it."""
    message = _entries.SCHEMA.Entry.new_message(num_first_segment_words=words)
    message.from_dict(entry)
    return groundhog.sealed(message.to_bytes())


def trace_bytes(header, chunk, footer, words=1 << 16, appendix_offset=None):
    """A trace of these entries, with an appendix that repeats the header, and a trailer. The footer
    states where the appendix is, or what `appendix_offset` says."""
    before = [entry_bytes(header, words), entry_bytes(chunk, words)]
    at = sum(map(len, before))
    footer["footer"]["appendixOffset"] = at if appendix_offset is None else appendix_offset
    footer["footer"]["headerChecksum"] = _entries.checksum_in(before[0])
    rollup = tiny_entry(2)["appendix"]["rollup"]
    appendix = {"marker": header["marker"],
                "appendix": {"header": header["header"], "rollup": rollup,
                             "headerChecksum": _entries.checksum_in(before[0])}}
    before.append(entry_bytes(appendix, words))
    last = entry_bytes(footer, words)
    trailer = {"marker": header["marker"], "trailer": {
        "footerOffset": sum(map(len, before)), "footerBytes": len(last)}}
    return b"".join([*before, last, entry_bytes(trailer)])


class FolderTest(unittest.TestCase):
    """Each test has a folder of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name, data=None):
        path = os.path.join(self.folder, name)
        if data is not None:
            with open(path, "wb") as file:
                file.write(data)
        return path

    def record(self, *arguments):
        """The path of a trace that `groundhog record` made."""
        path = self.path("recorded.ghog")
        output_of(PROGRAM, "record", *arguments, "--quiet", "-o", path)
        return path

    def sample(self, name, compression="zstd", chunk_records=8192):
        """The path of a trace that traces_tool made."""
        path = self.path("sample.ghog")
        output_of(TRACES_TOOL, "write", name, path, compression, str(chunk_records))
        return path
