"""Damaged, cut and hostile traces: whole chunks before the damage are given, then comes an
exception of the package that says where; no other exception, no wrong record, no large memory."""
import io
import os
import random
import struct
import subprocess
import sys
import unittest

import zstandard

from package import (PACKAGE, FolderTest, groundhog, groundhog_trace, read_all, tiny_entries,
                     trace_bytes, entry_bytes, format_page)
from groundhog_trace import _entries
from groundhog_trace import DamagedTrace, IncompleteTrace, NotATrace, TraceError, UnsupportedVersion

SEED = int(os.environ.get("GROUNDHOG_TEST_SEED", "20250106"))
PEAK_KIB_MAX = 256 * 1024


def read_until_error(data):
    """The records of `data`, and the exception, or None, that ended them."""
    records = []
    try:
        with groundhog_trace.open(io.BytesIO(data)) as trace:
            for record in trace:
                records.append(record)
    except TraceError as error:
        return records, error
    return records, None


def use_fully(data):
    """Asks everything of a trace, and returns how many answers came without an error; errors are
    those of the package."""
    answers = 0
    try:
        with groundhog_trace.open(io.BytesIO(data)) as trace:
            for ask in (lambda: list(trace.json_lines(truth=True)), trace.stats,
                        lambda: trace.read_arrow().read_all()):
                try:
                    ask()
                    answers += 1
                except TraceError:
                    pass
    except TraceError:
        pass
    return answers


class CutTest(FolderTest):

    def test_every_length_of_a_small_trace(self):
        data = format_page.hex_block("tiny.ghog")
        whole = read_all(io.BytesIO(data))
        (_, header_size), (chunk_at, chunk_size) = groundhog.entries(data)[:2]
        for length in range(len(data)):
            records, error = read_until_error(data[:length])
            if length < header_size:
                self.assertIsInstance(error, NotATrace, length)
                continue
            self.assertIs(type(error), IncompleteTrace, length)
            self.assertLessEqual(error.offset, length)
            self.assertIn(f"byte {error.offset}", str(error))
            self.assertEqual(records, whole if length >= chunk_at + chunk_size else [], length)

    def test_cut_pipes_are_as_cut_files(self):
        data = format_page.hex_block("tiny.ghog")
        for length in range(0, len(data), 37):
            expected = read_until_error(data[:length])
            with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as pipe:
                pipe.stdin.write(data[:length])
                pipe.stdin.close()
                records = []
                with self.assertRaises(TraceError) as caught:
                    with groundhog_trace.open(pipe.stdout) as trace:
                        records += trace
            self.assertEqual(records, expected[0])
            self.assertIs(type(caught.exception), type(expected[1]))

    def test_gives_the_whole_chunks_before_the_cut(self):
        with open(self.sample("golden", "zstd", 5), "rb") as file:
            data = file.read()
        whole = read_all(io.BytesIO(data))
        chunks = groundhog.entries(data)[1:-3]
        self.assertEqual(len(chunks), 4)
        for number, (offset, size) in enumerate(chunks):
            for length in (offset + 3, offset + size - 1):
                records, error = read_until_error(data[:length])
                self.assertEqual(records, whole[:5 * number])
                self.assertEqual((type(error), error.offset), (IncompleteTrace, offset))

    def test_a_trace_that_is_being_written_is_incomplete(self):
        data = format_page.hex_block("tiny.ghog")
        header, chunk = groundhog.entries(data)[:2]
        records, error = read_until_error(data[:sum(chunk)])
        self.assertEqual(len(records), 2)
        self.assertEqual((type(error), error.offset), (IncompleteTrace, sum(chunk)))
        self.assertEqual(header[0], 0)


class DamageTest(FolderTest):

    def setUp(self):
        super().setUp()
        with open(self.sample("golden", "zstd", 5), "rb") as file:
            self.data = bytearray(file.read())
        self.whole = read_all(io.BytesIO(self.data))
        self.entries = groundhog.entries(self.data)

    def test_every_flipped_bit_is_found(self):
        data = format_page.hex_block("tiny.ghog")
        whole = read_all(io.BytesIO(data))
        header_size = groundhog.entries(data)[0][1]
        for at in range(len(data)):
            flipped = bytearray(data)
            flipped[at] ^= 1 << at % 8
            records, error = read_until_error(flipped)
            self.assertIsInstance(error, DamagedTrace, at)
            # With a damaged header the appendix's is used, and all records can be read.
            self.assertEqual(records, whole[:len(records)])
            if at < header_size:
                self.assertEqual((records, error.offset), (whole, 0), at)

    def test_gives_the_chunks_before_the_damage(self):
        for number, (offset, size) in enumerate(self.entries[1:-3]):
            damaged = bytearray(self.data)
            damaged[offset + size // 2] ^= 16
            records, error = read_until_error(damaged)
            self.assertEqual(records, self.whole[:5 * number])
            self.assertEqual((type(error), error.offset), (DamagedTrace, offset))
            self.assertIn("checksum", str(error))

    def test_arrow_and_stats_say_the_same(self):
        offset = self.entries[3][0]
        self.data[offset + 40] ^= 1
        with groundhog_trace.open(io.BytesIO(self.data)) as trace:
            reader = trace.read_arrow()
            rows = [reader.read_next_batch().num_rows for _ in range(2)]
            self.assertEqual(rows, [5, 5])
            for ask in (reader.read_next_batch, trace.stats):
                with self.assertRaises(DamagedTrace) as caught:
                    ask()
                self.assertEqual(caught.exception.offset, offset)

    def test_a_missing_chunk_is_missed(self):
        offset, size = self.entries[2]
        records, error = read_until_error(self.data[:offset] + self.data[offset + size:])
        self.assertEqual(records, self.whole[:5])
        self.assertIn("the records from 5 to 9", str(error))

    def test_something_behind_the_trailer_is_damage(self):
        records, error = read_until_error(self.data + b"x")
        self.assertEqual(records, self.whole)
        self.assertEqual((type(error), error.offset), (DamagedTrace, len(self.data)))

    def test_what_is_no_trace_is_said_to_be_none(self):
        for data in (b"", b"x", b"{}\n" * 1000, bytes(100), random.Random(1).randbytes(1 << 16)):
            self.assertIsInstance(read_until_error(data)[1], NotATrace)

    def test_without_header_and_footer_there_is_nothing_to_read(self):
        self.data[100] ^= 1
        records, error = read_until_error(self.data[:-1])
        self.assertEqual((records, type(error), error.offset), ([], DamagedTrace, 0))


class HostileTest(unittest.TestCase):
    """Sound checksums over contents that break the rules."""

    def setUp(self):
        self.header, self.chunk, self.footer = tiny_entries()
        self.columns = self.chunk["chunk"]["columns"]["plain"]

    def trace(self):
        return trace_bytes(self.header, self.chunk, self.footer)

    def test_the_builder_makes_sound_traces(self):
        self.assertEqual(self.trace(), format_page.hex_block("tiny.ghog"))

    def assert_refused(self, kind, why):
        records, error = read_until_error(self.trace())
        self.assertEqual((records, type(error)), ([], kind), error)
        self.assertIn(why, str(error))
        return error

    def test_other_versions_are_refused_by_name(self):
        for version in (1, 5, 4_000_000_000):
            self.header["header"]["formatVersion"] = version
            error = self.assert_refused(UnsupportedVersion, f"version {version}")
            self.assertEqual(error.version, version)
        self.header["header"]["formatVersion"] = 0
        self.assert_refused(NotATrace, "no version")

    def keyed(self, names, deltas):
        header = self.header["header"]
        del header["entities"]
        header["keyedEntities"] = {"entities": [{"name": name} for name in names],
                                   "keyDeltas": deltas}

    def test_key_deltas_of_merged_traces(self):
        self.keyed(["api-1", "api-1"], [0, 5])
        with groundhog_trace.open(io.BytesIO(self.trace())) as trace:
            self.assertEqual([one.key_delta for one in trace.header.entities], [0, 5])
            self.assertEqual(trace.header.entities[1].request_key((1 << 64) - 2), 3)
            self.assertEqual(len(list(trace)), 2)

    def test_key_deltas_that_break_the_rules(self):
        for names, deltas, version, why in (
                (["a", "a"], [7, 7], 3, "have the same key"), (["a", "b"], [7], 3, "not one"),
                (["a"], [1, 2], 3, "not one"), (["a", "b"], [1, 2], 2, "listed as in version 2")):
            with self.subTest(why):
                self.setUp()
                self.keyed(names, deltas)
                self.header["header"]["formatVersion"] = version
                self.assert_refused(NotATrace, why)
        self.setUp()
        self.header["header"]["formatVersion"] = 3
        self.assert_refused(NotATrace, "listed as in version 3")

    def test_a_packed_header_of_a_version_whose_headers_are_plain(self):
        self.keyed(["api-1", "api-1"], [0, 5])
        for version in (4, 3):
            plain = dict(self.header["header"], formatVersion=version)
            message = _entries.SCHEMA.Header.new_message(**plain).to_bytes()
            packed = {"formatVersion": version, "zstd": zstandard.compress(message)}
            trace = trace_bytes({**self.header, "header": packed}, self.chunk, self.footer)
            records, error = read_until_error(trace)
            if version == 4:
                self.assertEqual((len(records), error), (2, None))
            else:
                self.assertIsInstance(error, NotATrace)
                self.assertIn("a header of its version is plain", str(error))

    def test_headers_that_break_the_rules(self):
        for key, value, why in (
                ("resolutionNanoseconds", 3, "resolution"), ("durationNanoseconds", -1, "duration"),
                ("truthMethod", 2, "find causes"), ("services", [{"name": ""}], "without a name"),
                ("services", [{"name": "a"}, {"name": "a"}], "two services are named 'a'"),
                ("services", [{"name": "a", "dependencies": [1]}], "depends on a service"),
                ("services", [{"name": "a" * 5000}], "longer than 4 KiB"),
                ("entities", [{"name": "h", "kind": 0, "service": 65535}], "has a service"),
                ("entities", [{"name": "h", "kind": 4, "service": 0}], "unknown kind"),
                ("errorCodes", ["a", "a"], "two error codes"), ("callPaths", [""], "call path"),
                ("templates", [{"text": "{} {", "slots": [0]}], "brace"),
                ("templates", [{"text": "{}", "slots": []}], "1 slots and 0 kinds"),
                ("templates", [{"text": "{}", "slots": [6]}], "unknown kind 6"),
                ("templates", [{"text": "{}", "slots": [65]}], "unknown kind 65"),
                ("templates", [{"text": "{}" * 7, "slots": [0] * 7}], "more than 6"),
                ("faults", [{"name": "f", "period": -1}], "negative"),
                ("faults", [{"name": "f", "random": True, "starts": [5], "ends": []}], "as many"),
                ("faults", [{"name": "f", "random": True, "starts": [5, 6], "ends": [7, 8]}],
                 "overlap")):
            with self.subTest(key=key, why=why):
                before = self.header["header"].get(key, [])
                self.header["header"][key] = value
                self.assert_refused(NotATrace, why)
                self.header["header"][key] = before

    def test_columns_that_break_the_rules(self):
        planes = [b"\0\1"]
        for table, column, value, why in (
                (None, "shape", {"base": 2}, "shape"), (None, "shape", {"base": -1}, "shape"),
                (None, "shape", {"planes": [b"\0"]}, "has 1 values, not 2"),
                (None, "shape", {"planes": [b"\0\0"] * 9}, "too many planes"),
                (None, "pick", {"base": 1}, "host"), (None, "requestAge", {"base": -2}, "begun"),
                (None, "requestAge", {"base": -1, "planes": planes}, "not as many requests"),
                (None, "timeDelta", [], "lacks a group"),
                (None, "timeDelta", [{"base": 0}] * 9, "9 groups"),
                (None, "timeDelta", [{"base": -1}], "timeDelta"),
                (None, "timeDelta", [{"base": 1}], "firstTime"),
                (None, "timeDelta", [{"planes": planes}], "lastTime"),
                (None, "duration", [{"base": (1 << 63) - 1}], "duration"),
                (None, "queueWait", {"base": -1}, "queueWait"),
                (None, "clockSkew", {"base": 86_400_000_001}, "more than a day"),
                (None, "slots", [{}] * 5, "six kinds"),
                ("requests", "count", 3, "more rows"),
                ("requests", "source", {"base": 2}, "source"),
                ("requests", "fields", [], "fields"),
                ("shapes", "service", {"base": 1}, "service"),
                ("shapes", "message", {"base": 2}, "message"),
                ("shapes", "messageCount", {"base": 3}, "catalogue"),
                ("shapes", "messageCount", {"base": 0}, "catalogue"),
                ("shapes", "dependency", {"base": 1}, "dependency"),
                ("shapes", "errorCode", {"base": 0}, "ERROR"),
                ("shapes", "level", {"base": 3}, "level"), ("shapes", "step", {"base": 1}, "step"),
                ("shapes", "truth", {"base": 1}, "truth"),
                ("shapes", "waited", {"base": 2}, "waited"),
                ("shapes", "timeGroup", {"base": 8}, "timeGroup"),
                ("steps", "callPath", {"base": 1}, "call path"),
                ("truths", "fault", {"base": 0}, "cause"),
                ("truths", "hops", {"base": 1}, "no cause"),
                ("truths", "also", {"base": 1}, "no cause")):
            with self.subTest(table=table, column=column, value=value):
                place = self.columns if table is None else self.columns[table]
                before = place.get(column, {"base": 0})
                place[column] = value
                self.assert_refused(DamagedTrace, why)
                place[column] = before

    def test_heads_and_footers_that_break_the_rules(self):
        for place, key, value, why in (
                (self.chunk["chunk"], "count", 0, "0 records"),
                (self.chunk["chunk"], "count", 65_537, "65,537 records"),
                (self.chunk["chunk"], "firstTime", -1000, "run back"),
                (self.chunk["chunk"], "firstTime", 250_000_001, "resolution"),
                (self.chunk["chunk"], "firstPosition", 1, "missing")):
            with self.subTest(key=key, value=value):
                before, place[key] = place[key], value
                self.assert_refused(DamagedTrace, why)
                place[key] = before
        self.footer["footer"]["records"] = 3
        records, error = read_until_error(self.trace())
        self.assertEqual(len(records), 2)
        self.assertIn("counts 3", str(error))

    def test_times_at_the_ends_of_the_range_do_not_wrap(self):
        self.header["header"]["startUnixNanoseconds"] = (1 << 63) - 1_000_000_000
        records, error = read_until_error(self.trace())
        self.assertIsNone(error)
        self.assertEqual([one.timestamp_ns for one in records],
                         [(1 << 63) - 750_000_000, (1 << 63) - 1])


class FuzzTest(unittest.TestCase):
    """Random damage under right checksums: only the package's exceptions."""

    def test_random_bits(self):
        rng = random.Random(SEED)
        print(f"GROUNDHOG_TEST_SEED={SEED}")
        data = format_page.hex_block("tiny.ghog")
        entries = groundhog.entries(data)
        answers = []
        for _ in range(2000):
            offset, size = rng.choice(entries)
            entry = bytearray(data[offset:offset + size])
            for _ in range(rng.choice((1, 1, 2, 8))):
                at = rng.choice([*range(8, 16), *range(32, size)])
                entry[at] = rng.choice((entry[at] ^ 1 << rng.randrange(8), 0, 255,
                                        rng.randrange(256)))
            answers.append(use_fully(data[:offset] + groundhog.sealed(bytes(entry)) +
                                     data[offset + size:]))
        # Some changes are harmless, most are not; and no answer is given that another one refuses.
        self.assertGreater(answers.count(0), 500)
        self.assertGreater(answers.count(3), 50)
        self.assertEqual(answers.count(0) + answers.count(3), len(answers))

    def test_random_bits_of_compressed_chunks(self):
        rng = random.Random(SEED)
        for name in ("packed", "zstd"):
            path = os.path.join(os.environ["GROUNDHOG_SOURCE_DIR"],
                                f"traces/golden/sample-{name}.ghog")
            with open(path, "rb") as file:
                data = file.read()
            chunks = groundhog.entries(data)[1:-3]
            for _ in range(500):
                offset, size = rng.choice(chunks)
                entry = bytearray(data[offset:offset + size])
                entry[rng.randrange(32, size)] ^= 1 << rng.randrange(8)
                use_fully(data[:offset] + groundhog.sealed(bytes(entry)) + data[offset + size:])


class CorpusTest(unittest.TestCase):
    """What a fuzzer found in the C++ reader, and its seeds."""

    def test_only_exceptions_of_the_package(self):
        corpus = os.path.join(os.environ["GROUNDHOG_SOURCE_DIR"], "fuzz/corpus")
        answers = []
        for folder in ("trace", "recover"):
            for name in sorted(os.listdir(os.path.join(corpus, folder))):
                with self.subTest(name), open(os.path.join(corpus, folder, name), "rb") as file:
                    answers.append(use_fully(file.read()))
        self.assertIn(3, answers)
        self.assertIn(0, answers)


class BombTest(FolderTest):
    """Small files that claim to be large take little memory, in a process of their own."""

    def peak_kib(self, data):
        script = ("import resource, sys, groundhog_trace\n"
                  "def use(ask):\n"
                  "    try: ask()\n"
                  "    except groundhog_trace.TraceError as error: print(error)\n"
                  "try:\n"
                  "    with groundhog_trace.open(sys.argv[1]) as trace:\n"
                  "        for ask in (lambda: sum(1 for _ in trace), trace.stats,\n"
                  "                    lambda: sum(1 for _ in trace.read_arrow())): use(ask)\n"
                  "except groundhog_trace.TraceError as error: print(error)\n"
                  "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)")
        done = subprocess.run([sys.executable, "-c", script, self.path("bomb.ghog", data)],
                              check=True, env=dict(os.environ, PYTHONPATH=PACKAGE), text=True,
                              stdout=subprocess.PIPE)
        *said, peak = done.stdout.splitlines()
        return "\n".join(said), int(peak)

    def assert_small(self, data, why):
        said, peak = self.peak_kib(data)
        self.assertIn(why, said)
        self.assertLess(peak, PEAK_KIB_MAX)

    def test_frames_that_claim_too_much(self):
        data = format_page.hex_block("tiny.ghog")
        header = data[:groundhog.entries(data)[0][1]]
        for words, why in ((8 << 20, "cut short"), ((8 << 20) - 1, "cut short"),
                           (0xFFFF_FFFF, "no entry begins here")):
            bomb = header + struct.pack("<II", 0, words) + bytes(1 << 10)
            self.assert_small(bomb, why if words != 8 << 20 else "no entry begins here")

    def test_pipes_that_claim_too_much(self):
        """Only what comes through the pipe is kept."""
        script = ("import resource, sys, groundhog_trace\n"
                  "try: groundhog_trace.open(sys.stdin.buffer)\n"
                  "except groundhog_trace.NotATrace: print(resource.getrusage(0).ru_maxrss)")
        done = subprocess.run([sys.executable, "-c", script], check=True, stdout=subprocess.PIPE,
                              input=struct.pack("<II", 0, (8 << 20) - 1) + bytes(1 << 10),
                              env=dict(os.environ, PYTHONPATH=PACKAGE))
        self.assertLess(int(done.stdout), 64 * 1024)

    def test_columns_that_claim_to_unpack_to_much(self):
        header, chunk, footer = tiny_entries()
        frame = struct.pack("<IBQ", 0xFD2FB528, 0xE0, 1 << 40)  # zstd's header: a content of 1 TiB
        without_size = b"\x28\xb5\x2f\xfd\0\x58" + b"x" * 9
        for kind, data in (("zstd", frame + bytes(64)), ("zstd", without_size),
                           ("packed", b"\xff\0\0\0\0\xff\xff\xff\x1f\0" + bytes(64))):
            chunk["chunk"]["columns"] = {kind: data}
            with self.subTest(kind):
                self.assert_small(trace_bytes(header, chunk, footer), "damaged in the entry")

    def test_lists_of_nothing_that_claim_to_be_long(self):
        header, chunk, footer = tiny_entries()
        data = bytearray(entry_bytes(header))
        # Each pointer of the header, which begins at byte 48, behind the pointer to it.
        data_words, pointers = struct.unpack_from("<HH", data, 44)
        first = 48 + 8 * data_words
        for at in range(first, first + 8 * pointers, 8):
            bomb = bytearray(data)
            struct.pack_into("<iI", bomb, at, 1, (1 << 29) - 1 << 3)  # elements of no size
            rest = trace_bytes(header, chunk, footer)[len(data):]
            said, peak = self.peak_kib(groundhog.sealed(bytes(bomb)) + rest)
            self.assertIn("bomb.ghog: ", said)
            self.assertLess(peak, PEAK_KIB_MAX)

    def test_many_records_with_a_long_message(self):
        header, chunk, footer = tiny_entries()
        header["header"]["templates"][0] = {"text": "{}" + "x" * 100_000, "slots": [64]}
        columns = chunk["chunk"]["columns"]["plain"]
        count = 65_536
        chunk["chunk"].update(count=count, lastTime=chunk["chunk"]["firstTime"])
        footer["footer"]["records"] = count
        zero = {"base": 0}
        columns.update(requestAge={"base": 0, "planes": [b"\0" * count]}, shape=zero, pick=zero,
                       timeDelta=[zero], duration=[zero])
        columns["requests"].update(count=1, ordinalDelta=zero)
        columns["requestAge"] = {"base": -1, "planes": [b"\0" + b"\1" * (count - 1)]}
        said, peak = self.peak_kib(trace_bytes(header, chunk, footer))
        self.assertEqual(said, "")
        self.assertLess(peak, PEAK_KIB_MAX)

    def test_peak_is_measured(self):
        script = "import resource; x = bytearray(300 << 20); print(resource.getrusage(0).ru_maxrss)"
        self.assertGreater(int(subprocess.check_output([sys.executable, "-c", script])),
                           PEAK_KIB_MAX)


if __name__ == "__main__":
    unittest.main()
