"""Footers under right checksums that point to where a file has nothing: only the package's
exceptions, of files and of pipes."""
import io
import os
import subprocess
import unittest

from package import (GOLDEN, FolderTest, entry_bytes, format_page, groundhog, groundhog_trace,
                     read_all, tiny_entries, trace_bytes)
from groundhog_trace import DamagedTrace, _entries

# Offsets that an operating system knows, and no file here has.
FAR = (1 << 40, 1 << 62, (1 << 63) - 1)
# Offsets that no operating system knows.
FURTHER = (1 << 63, (1 << 64) - 1)


def with_footer(data, change):
    """The trace whose footer `change`, of a dictionary, has changed."""
    offset, size = groundhog.entries(data)[-2]
    with _entries.SCHEMA.Entry.from_bytes(data[offset:offset + size]) as entry:
        footer = entry.to_dict()
    change(footer["footer"])
    last = entry_bytes(footer)
    trailer = {"marker": footer["marker"],
               "trailer": {"footerOffset": offset, "footerBytes": len(last)}}
    return data[:offset] + last + entry_bytes(trailer)


class EndsTest(FolderTest):

    def setUp(self):
        super().setUp()
        self.header, self.chunk, self.footer = tiny_entries()

    def trace(self, **stated):
        return trace_bytes(self.header, self.chunk, self.footer, **stated)

    def assert_damaged(self, data, records, why):
        """That a trace gives its records and then the damage, wherever the reading begins and
        however it comes."""
        path = self.path("trace.ghog", data)
        with groundhog_trace.open(path) as trace:
            self.assert_ends(trace, records, why)
            for one in (records[-1].time_ns, records[-1].time_ns + 1):
                self.assert_ends(trace.between(one, 1 << 62),
                                 [record for record in records if record.time_ns >= one], why)
        with subprocess.Popen(["cat", path], stdout=subprocess.PIPE) as pipe:
            with groundhog_trace.open(pipe.stdout) as trace:
                self.assert_ends(trace, records, why)

    def assert_ends(self, trace, records, why):
        read = []
        with self.assertRaises(DamagedTrace) as caught:
            for record in trace:
                read.append(record)
        self.assertEqual(read, records)
        self.assertIn(why, str(caught.exception))

    def test_a_damaged_header_whose_appendix_is_nowhere(self):
        footer_offset = groundhog.entries(self.trace())[-2][0]
        for offset in (footer_offset, *FAR, *FURTHER):
            with self.subTest(offset=offset):
                data = bytearray(self.trace(appendix_offset=offset))
                data[100] ^= 1
                with self.assertRaises(DamagedTrace) as caught:
                    groundhog_trace.open(self.path("trace.ghog", data))
                self.assertIn("it cannot be read from the footer either: the appendix is missing",
                              str(caught.exception))

    def test_an_appendix_that_is_nowhere(self):
        records = read_all(self.path("whole.ghog", self.trace()))
        for offset in (*FAR, *FURTHER):
            with self.subTest(offset=offset):
                self.assert_damaged(self.trace(appendix_offset=offset), records,
                                    "does not point to the appendix")

    def test_an_index_that_points_behind_the_chunks(self):
        data = format_page.hex_block("tiny.ghog")
        records = read_all(self.path("whole.ghog", data))
        chunks_end = groundhog.entries(data)[2][0]
        for offset in (chunks_end, *FAR):
            with self.subTest(offset=offset):
                self.footer["footer"]["chunkIndex"]["offset"] = {"base": offset}
                self.assert_damaged(self.trace(), records, "the index points behind the chunks")

    def test_an_index_of_an_older_version_that_points_behind_the_chunks(self):
        for name in ("version-2-none.ghog", "version-3.ghog"):
            with open(os.path.join(GOLDEN, name), "rb") as file:
                data = file.read()
            records = read_all(os.path.join(GOLDEN, name))
            self.assertEqual(read_all(io.BytesIO(with_footer(data, lambda footer: None))), records)
            footer_offset = groundhog.entries(data)[-2][0]
            for offset in (footer_offset, *FAR, *FURTHER):
                with self.subTest(name, offset=offset):
                    changed = with_footer(
                        data, lambda footer, at=offset: footer["index"][-1].update(offset=at))
                    self.assert_damaged(changed, records, "the index points behind the chunks")

    def test_sums_of_an_index_that_are_too_large(self):
        records = read_all(self.path("whole.ghog", self.trace()))
        index = self.footer["footer"]["chunkIndex"]
        most = (1 << 63) - 1
        counts = {level: {"base": most} for level in ("info", "warn", "error")}
        for change, why in (
                ({"count": 2, "offset": {"base": 1 << 62}}, "the index is not in order"),
                ({"count": 2, "firstTime": {"base": most // 1000}}, "beyond all time"),
                (counts, "the index counts more than 2^64 records")):
            with self.subTest(why):
                self.footer["footer"]["chunkIndex"] = index | change
                self.assert_damaged(self.trace(), records, why)


if __name__ == "__main__":
    unittest.main()
