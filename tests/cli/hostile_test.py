"""Files that no recording wrote: lengths that are bombs, entries in the wrong order, footers of
others, versions to come. Every command of both programs that reads a trace ends with a documented
code and a clear line, soon, and within 256 MiB."""
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import unittest

from groundhog import PROGRAM, TRACES_TOOL, entries, is_sanitized, read, run, sealed
from replaying import REPLAY

sys.path.append(os.path.join(os.environ["GROUNDHOG_SOURCE_DIR"], "tests/python"))
from package import (  # noqa: E402  pylint: disable=wrong-import-position
    entry_bytes, format_page, tiny_entries, trace_bytes)

PEAK_KIB_MAX = 256 * 1024
SECONDS_MAX = 60
TINY = format_page.hex_block("tiny.ghog")
ENTRIES = entries(TINY)
HEADER, CHUNK, APPENDIX, FOOTER, TRAILER = (TINY[at:at + size] for at, size in ENTRIES)
CHUNK_AT, APPENDIX_AT, FOOTER_AT = (ENTRIES[index][0] for index in (1, 2, 3))
END = APPENDIX + FOOTER
AFTER_HEADER = CHUNK + END + TRAILER
AT_CHUNK = f"byte {CHUNK_AT}"
NO_TRACE, DAMAGED = 2, 1  # exit codes of verify
# Offsets in the worked example of FORMAT.md.
HEADER_POINTER, FOOTER_OFFSET, FOOTER_BYTES = 40, 48, 56
A_DAY = 24 * 3600 * 10**9


def with_word(entry, at, word):
    """The entry with another word of 64 bits, and its checksum."""
    return sealed(entry[:at] + struct.pack("<Q", word) + entry[at + 8:])


def with_frame(entry, words, segments=0):
    return sealed(struct.pack("<II", segments, words) + entry[8:])


def changed(place, value):
    """The worked example with one field changed, at a path such as chunk.columns.plain.shape.base;
    of the header, in what repeats it, too."""
    header, chunk, footer = tiny_entries()
    *path, last = place.split(".")
    node = {"header": header["header"], "chunk": chunk["chunk"], "footer": footer["footer"]}
    for name in path:
        node = node[name] if name in node else node[int(name)]
    node[last] = value
    return trace_bytes(header, chunk, footer)


def changed_columns(columns):
    header, chunk, footer = tiny_entries()
    chunk["chunk"]["columns"] = columns
    return trace_bytes(header, chunk, footer)


def with_trailer(offset, size):
    trailer = with_word(TRAILER, FOOTER_OFFSET, offset)
    return HEADER + CHUNK + END + with_word(trailer, FOOTER_BYTES, size)


def with_many_records():
    """As many records as a chunk can have, each with the longest message."""
    header, chunk, footer = tiny_entries()
    header["header"]["templates"][0] = {"text": "{}" + "x" * 4000, "slots": [64]}
    count, zero = 65_536, {"base": 0}
    chunk["chunk"].update(count=count, lastTime=chunk["chunk"]["firstTime"])
    footer["footer"]["records"] = count
    columns = chunk["chunk"]["columns"]["plain"]
    columns.update(shape=zero, pick=zero, timeDelta=[zero], duration=[zero],
                   requestAge={"base": -1, "planes": [b"\0" + b"\1" * (count - 1)]})
    columns["requests"].update(count=1, ordinalDelta=zero)
    return trace_bytes(header, chunk, footer)


def with_endless_fault():
    """A fault that returns every nanosecond until the end of time."""
    header, chunk, footer = tiny_entries()
    header["header"]["faults"] = [{"name": "f", "kind": "outage", "target": "api", "firstStart": 0,
                                   "duration": 1, "period": 1}]
    footer["footer"].update(endTime=(1 << 63) - 1)
    return trace_bytes(header, chunk, footer)


def of_another_seed():
    """Its header, its appendix and its footer."""
    header, chunk, footer = tiny_entries()
    header["header"]["seed"] += 1
    data = trace_bytes(header, chunk, footer)
    header, _, *end, _ = (data[at:at + size] for at, size in entries(data))
    return [header, *end]


def later_chunk(position):
    _, chunk, _ = tiny_entries()
    chunk["chunk"].update(firstPosition=position, firstTime=A_DAY, lastTime=A_DAY + 1_250_000_000)
    return entry_bytes(chunk)


def foreign_files():
    """{name: (bytes, verify's exit code, a word of what it says)}"""
    noise = bytes((i * i * 31 + i // 7) % 256 for i in range(1 << 16))
    return {
        "empty": (b"", NO_TRACE, "it is empty"),
        "text": (b"name: shop\n" * 100, NO_TRACE, "not a Groundhog trace"),
        "zeros": (bytes(1 << 20), NO_TRACE, "not a Groundhog trace"),
        "noise": (noise, NO_TRACE, "not a Groundhog trace"),
        "cut in the header": (TINY[:100], NO_TRACE, "ends at byte 100"),
        "cut in the chunk": (TINY[:CHUNK_AT + 560], DAMAGED, f"in the entry at byte {CHUNK_AT}"),
        "cut before the trailer": (TINY[:-64], DAMAGED, "trailer"),
        "version to come": (changed("header.formatVersion", 99), NO_TRACE,
                            "version 99"),
        "version far ahead": (changed("header.formatVersion", 0xFFFF_FFFF),
                              NO_TRACE, "version 4294967295"),
        "version 0": (changed("header.formatVersion", 0), NO_TRACE, "version"),
    }


def bombs():
    """Small files that claim to be large."""
    first = HEADER_POINTER + 8 + 8 * struct.unpack_from("<H", HEADER, HEADER_POINTER + 4)[0]
    long_list = ((1 << 29) - 1) << 35 | 1
    lists = {f"list {at}": (with_word(HEADER, at, long_list) + AFTER_HEADER, NO_TRACE, "")
             for at in range(first, first + 80, 8)}
    far = {f"far pointer {pointer:x}": (with_word(HEADER, HEADER_POINTER, pointer) + AFTER_HEADER,
                                        NO_TRACE, "")
           for pointer in (2, 6, 7 << 32 | 2, 0xFFFF_FFFA)}
    circle = with_word(HEADER, HEADER_POINTER, 0x000A_0006_FFFF_FFFC)
    tables = {f"rows of {table}": (
        changed(f"chunk.columns.plain.{table}.count", 0xFFFF_FFFF), DAMAGED, "more rows")
              for table in ("requests", "shapes", "steps", "truths")}
    return {
        **lists, **far, **tables,
        "pointer in a circle": (circle + AFTER_HEADER, NO_TRACE, ""),
        "frame of 64 MiB": (HEADER + with_frame(CHUNK, (8 << 20) - 1) + END + TRAILER, DAMAGED,
                            AT_CHUNK),
        "frame of 32 GiB": (HEADER + with_frame(CHUNK, 0xFFFF_FFFF) + END + TRAILER, DAMAGED,
                            AT_CHUNK),
        "frame of many segments": (HEADER + with_frame(CHUNK, 150, 0xFFFF_FFFF) + END + TRAILER,
                                   DAMAGED, AT_CHUNK),
        "first frame of 48 MiB": (with_frame(HEADER, 6 << 20), NO_TRACE,
                                  f"ends at byte {CHUNK_AT}"),
        "zstd of 1 TiB": (
            changed_columns({"zstd": struct.pack("<IBQ", 0xFD2FB528, 0xE0, 1 << 40) + bytes(64)}),
            DAMAGED, "a length that is allowed"),
        "zstd without a length": (changed_columns({"zstd": b"\x28\xb5\x2f\xfd\0\x58" + b"x" * 9}),
                                  DAMAGED, "a length that is allowed"),
        "packed of 4 GiB": (changed_columns({"packed": b"\xff\0\0\0\0\xff\xff\xff\x1f\0" +
                                                       bytes(64)}), DAMAGED, AT_CHUNK),
        "records of a chunk": (changed("chunk.count", 0xFFFF_FFFF), DAMAGED, "4294967295"),
        "records in the footer": (changed("footer.records", (1 << 64) - 1), DAMAGED,
                                  "18446744073709551615 records"),
        "chunks in the footer": (changed("footer.chunks", (1 << 64) - 1), DAMAGED, "footer"),
        "many records": (with_many_records(), DAMAGED, "byte "),
        "endless fault": (with_endless_fault(), DAMAGED, "byte "),
        "end of time": (changed("footer.endTime", (1 << 63) - 1), 0, "sound"),
        "start at the end of time": (changed("header.startUnixNanoseconds", (1 << 63) - 1),
                                     DAMAGED, "digest"),
        "no resolution": (changed("header.resolutionNanoseconds", 0), NO_TRACE,
                          "resolution"),
    }


def wrong_orders():
    other_header, other_appendix, other_footer = of_another_seed()
    index = changed("footer.chunkIndex.offset.base", 1 << 62)
    return {
        "chunk twice": (HEADER + CHUNK * 2 + END + TRAILER, DAMAGED, f"byte {APPENDIX_AT}"),
        "chunk missing": (HEADER + END + TRAILER, DAMAGED, "byte "),
        "chunks swapped": (HEADER + later_chunk(2) + CHUNK + END + TRAILER, DAMAGED,
                           "records from 0 to 1"),
        "chunk from far away": (HEADER + later_chunk((1 << 64) - 2) + END + TRAILER, DAMAGED,
                                AT_CHUNK),
        "copy of a later chunk first": (HEADER + later_chunk(2) + CHUNK + later_chunk(2) + END +
                                        TRAILER, DAMAGED, "records from 0 to 1"),
        "footer in the middle": (HEADER + CHUNK + END + later_chunk(2) + END + TRAILER,
                                 DAMAGED, f"byte {FOOTER_AT}"),
        "header twice": (HEADER * 2 + AFTER_HEADER, DAMAGED, AT_CHUNK),
        "header last": (AFTER_HEADER + HEADER, NO_TRACE, "no header"),
        "footer first": (HEADER + FOOTER + CHUNK + TRAILER, DAMAGED, AT_CHUNK),
        "trailer first": (HEADER + TRAILER + CHUNK + END + TRAILER, DAMAGED, AT_CHUNK),
        "trailer alone": (TRAILER, NO_TRACE, "not a Groundhog trace"),
        "two trailers": (TINY + TRAILER, DAMAGED, "follows the trailer"),
        "two traces": (TINY + TINY, DAMAGED, "follows the trailer"),
        "footer of another trace": (HEADER + CHUNK + APPENDIX + other_footer + TRAILER, DAMAGED,
                                    "another header"),
        "appendix of another trace": (HEADER + CHUNK + other_appendix + FOOTER + TRAILER, DAMAGED,
                                      "another header"),
        "appendix missing": (HEADER + CHUNK + FOOTER + with_word(TRAILER, FOOTER_OFFSET,
                                                                 APPENDIX_AT),
                             DAMAGED, "appendix"),
        "appendix twice": (HEADER + CHUNK + APPENDIX + END + with_word(
            TRAILER, FOOTER_OFFSET, FOOTER_AT + len(APPENDIX)), DAMAGED, f"byte {FOOTER_AT}"),
        "appendix in the middle": (HEADER + CHUNK + APPENDIX + later_chunk(2) + END + TRAILER,
                                   DAMAGED, "byte "),
        "header of another trace": (other_header + AFTER_HEADER, DAMAGED, "another header"),
        "trailer to the chunk": (with_trailer(CHUNK_AT, len(CHUNK)), DAMAGED, f"byte {FOOTER_AT}"),
        "trailer beyond the end": (with_trailer(1 << 63, len(FOOTER)), DAMAGED,
                                   f"byte {FOOTER_AT}"),
        "trailer to nothing": (with_trailer(FOOTER_AT, 0), DAMAGED, f"byte {FOOTER_AT}"),
        "index beyond the end": (index, DAMAGED, "index"),
    }


class HostileCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        cls.sound = cls.write("sound.ghog", TINY)
        cls.rows = cls.write("rows.ndjson", b'{"service":"api","message":"Served 3 items"}\n')
        cls.hostile = cls.path("hostile.ghog")

    @classmethod
    def path(cls, name):
        return os.path.join(cls.folder, name)

    @classmethod
    def write(cls, name, data):
        with open(cls.path(name), "wb") as file:
            file.write(data)
        return cls.path(name)

    def commands(self):
        """What reads a trace."""
        file, out = self.hostile, ["-o", self.path("out.ghog")]
        trace_id = "a0f2a97b16d8c272c6c49019ef255450"
        for arguments in (["info"], ["info", "--json"], ["cat"], ["cat", "--truth", "--format",
                                                                  "otlp-json"],
                          ["cat", "--format", "text"], ["cat", "--position", "1"],
                          ["cat", "--from", "1s"], ["digest"], ["stats"],
                          ["stats", "--json", "--series", "1s"], ["convert", *out],
                          ["slice", *out, "--until", "1s"], ["recover", *out],
                          ["explain"], ["info", "--timeline"], ["info", "--timeline", "--json"]):
            yield [PROGRAM, arguments[0], file, *arguments[1:]]
        yield [PROGRAM, "diff", file, self.sound]
        yield [PROGRAM, "diff", "--summary", self.sound, file]
        yield [PROGRAM, "tree", file, trace_id]
        yield [PROGRAM, "audit", file, self.rows]
        yield [REPLAY, file, "--to", "null:", "--speed", "max", "--progress", "never"]
        yield [REPLAY, file, "--dry-run"]

    def run_bounded(self, command):
        """Exit code, standard error, and whether anything was printed; within the bounds."""
        with open(self.path("stdout"), "w+b") as stdout, open(self.path("stderr"), "w+b") as stderr:
            with subprocess.Popen(["timeout", str(SECONDS_MAX), *command], stdout=stdout,
                                  stderr=stderr, stdin=subprocess.DEVNULL) as process:
                _, status, usage = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
            stderr.seek(0)
            message = stderr.read().decode()
            self.assertNotEqual(process.returncode, 124, "it takes too long")
            if not is_sanitized():
                self.assertLess(usage.ru_maxrss, PEAK_KIB_MAX)
            return process.returncode, message, stdout.seek(0, os.SEEK_END) > 0

    def assert_clear(self, command):
        """A documented code; a line that says why, unless there is nothing to say."""
        code, message, has_output = self.run_bounded(command)
        self.assertIn(code, (0, 1, 2, 3), message)
        name = os.path.basename(command[0])
        lines = message.splitlines()
        for line in lines:
            self.assertRegex(line, rf"\A({name}: |{name.replace('-', '_')}: |  )?\S")
        self.assertTrue(code == 0 or lines or (code == 1 and has_output), "it says nothing")
        if code == 2:
            self.assertEqual(len(lines), 1, message)
        self.assertLessEqual(len(lines), 14, message)

    def assert_verdict(self, code, word):
        found, message, has_output = self.run_bounded([PROGRAM, "verify", self.hostile])
        self.assertEqual((found, has_output), (code, code == 0), message)
        if code == 0:
            return
        self.assertRegex(message, r"\Agroundhog: [^\n]+\n\Z")
        self.assertIn(self.hostile, message)
        self.assertIn(word, message)
        if code == DAMAGED:
            self.assertRegex(message, r"\bbyte \d+")


class HostileTest(HostileCase):

    def check(self, files):
        # Programs with a sanitizer start slowly, so each file goes to some commands only.
        step = 4 if is_sanitized() else 1
        for number, (name, (data, code, word)) in enumerate(files.items()):
            self.write("hostile.ghog", data)
            with self.subTest(name):
                self.assert_verdict(code, word)
            for command in list(self.commands())[number % step::step]:
                with self.subTest(name, command=" ".join(command)):
                    self.assert_clear(command)

    def test_what_is_no_trace(self):
        self.check(foreign_files())

    def test_bombs(self):
        self.check(bombs())

    def test_wrong_orders(self):
        self.check(wrong_orders())

    def test_the_bounds_would_be_noticed(self):
        script = "import sys; x = bytearray(300 << 20); print('x', file=sys.stderr)"
        if not is_sanitized():
            with self.assertRaises(AssertionError):
                self.run_bounded([sys.executable, "-c", script])
        with self.assertRaises(AssertionError):
            self.assert_clear([sys.executable, "-c", "import os; os.abort()"])


class NamesTest(HostileCase):
    """A name may have what acts on a terminal: pages and messages show it escaped. Data such as
    JSON, CSV and logfmt has it as the format has it."""

    def assert_printable(self, output, *, is_expected=True):
        self.assertNotRegex(output, r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", repr(output[:2000]))
        if is_expected:
            self.assertRegex(output, r"(?i)\\u001b|\\x1b")

    def run_text(self, command):
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        self.assertGreaterEqual(done.returncode, 0)
        return done.stdout.decode() + done.stderr.decode()

    def test_pages_and_messages(self):
        sound, file = self.path("golden.ghog"), self.hostile
        subprocess.run([TRACES_TOOL, "write", "golden", sound], check=True)
        subprocess.run([TRACES_TOOL, "write", "hostile", file], check=True)
        data = read(file)
        first = json.loads(run("cat", file).stdout.splitlines()[0])
        for command in (["info", file], ["info", file, "--timeline"], ["info", file, "--columns"],
                        ["stats", file], ["tree", file, first["trace_id"]],
                        ["diff", file, sound], ["diff", sound, file],
                        ["diff", file, sound, "--summary"], ["explain", file],
                        ["explain", file, "no such"],
                        ["cat", file, "--format", "text"], ["cat", file, "--service", "no such"],
                        ["audit", file, self.rows]):
            with self.subTest(" ".join(command)):
                self.assert_printable(self.run_text([PROGRAM, *command]),
                                      is_expected=command[0] not in ("audit", "explain") and
                                      "--timeline" not in command)
        for options in (["--to", "null:", "--speed", "max", "--progress", "always"], ["--dry-run"],
                        ["--dry-run", "--service", "no such"]):
            with self.subTest(" ".join(options)):
                self.assert_printable(self.run_text([REPLAY, file, *options]), is_expected=False)
        # Nothing is padded to the length of a name.
        names = ["api", "x" * (1 << 18), *(f"s{number}" for number in range(2_000))]
        services = [{"name": name, "dependencies": []} for name in names]
        self.write("hostile.ghog", changed("header.services", services))
        for command in self.commands():
            with self.subTest("long names", command=" ".join(command)):
                self.assert_clear(command)
        # Damage and contradictions are reported without names, or with escaped ones.
        for at in range(0, len(data), 41):
            with self.subTest(at=at):
                self.write("damaged.ghog", data[:at] + bytes([data[at] ^ 4]) + data[at + 1:])
                self.assert_printable(
                    self.run_text([PROGRAM, "verify", self.path("damaged.ghog")]),
                    is_expected=False)


class EveryChangeTest(HostileCase):
    """A sample of all cuts and flips of bits; tests/analysis tries every one of them."""

    def check_verify(self, data, length):
        self.write("hostile.ghog", data)
        code, message, has_output = self.run_bounded([PROGRAM, "verify", self.hostile])
        self.assertFalse(has_output)
        self.assertRegex(message, r"\Agroundhog: [^\n]+\n\Z")
        self.assertEqual(code, NO_TRACE if length < len(HEADER) else DAMAGED, message)
        self.assertTrue(re.search(r"\bbyte \d+", message) or "it is empty" in message, message)

    def test_cuts(self):
        for length in range(0, len(TINY), 23):
            with self.subTest(length=length):
                self.check_verify(TINY[:length], length)

    def test_flips(self):
        for bit in range(0, 8 * len(TINY), 8 * 23 + 1):
            data = bytearray(TINY)
            data[bit // 8] ^= 1 << bit % 8
            with self.subTest(bit=bit):
                self.check_verify(bytes(data), len(TINY))


if __name__ == "__main__":
    unittest.main()
