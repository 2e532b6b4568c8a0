"""A trace file: its header and footer, and its chunks in order. FORMAT.md, "Incomplete and damaged
files"."""
import bisect
from collections.abc import Iterator
from typing import Any

from . import _entries
from ._chunk import Chunk, Head
from ._columns import ColumnsDecoder
from ._entries import CutShort, Input, Source
from .errors import DamagedTrace, IncompleteTrace, Unsound, UnsupportedVersion
from .header import HEADER_BYTES_MAX, Footer, Header, read_footer, read_header


class TraceFile:
    """A trace file that is open; raises what `groundhog_trace.open` says."""

    def __init__(self, source: Source) -> None:
        # None of a pipe that has not been read to its end, and of an incomplete trace.
        self.footer: Footer | None = None
        self._input = Input(source)
        # Says that the header came from the footer, and why.
        self._header_damage: DamagedTrace | None = None
        # Where the footer of a complete file is; None: reading the chunks will show it.
        self._footer_offset: int | None = None
        try:
            self._open()
            self._decoder = ColumnsDecoder(self.header)
        except BaseException:
            self._input.close()
            raise

    def close(self) -> None:
        """Closes the file, if it was given by its path."""
        self._input.close()

    # --- Opening

    def _open(self) -> None:
        source, entry = self._input, b""
        try:
            entry = _entries.read_entry(source, 0)
            if not entry:
                raise _entries.not_a_trace(source, "it is empty")
            _entries.check_entry(entry)
        except CutShort:
            # Or the damage is in the length of the header.
            self._open_by_footer(b"", "it ends before its header does")
            return
        except Unsound as error:
            self._open_by_footer(entry, error)
            return
        try:
            if len(entry) > HEADER_BYTES_MAX:
                raise Unsound("its header is too long")
            with _entries.opened_entry(entry) as root:
                if root.which() != "header":
                    raise Unsound("its first entry is no header")
                self.header = self._read_header(root.header)
        except Unsound as error:
            raise _entries.not_a_trace(source, error) from error
        self._first_chunk = len(entry)
        if source.can_seek:
            self._look_for_end()

    def _read_header(self, header: Any) -> Header:
        try:
            return read_header(header)
        except UnsupportedVersion as error:
            raise UnsupportedVersion(f"{self._input.name}: {error}", error.version) from None

    def _look_for_end(self) -> None:
        """Reads the footer, if it is where a complete trace has it. What is wrong with it is found,
        and said, when the records have been read."""
        try:
            offset, header, footer = self._read_end()
        except (Unsound, UnsupportedVersion):
            return
        if header == self.header and offset >= self._first_chunk:
            self.footer, self._footer_offset = footer, offset

    def _open_by_footer(self, entry: bytes, damage: object) -> None:
        """The first entry, as far as it is there, is not sound in itself: takes the header that the
        footer repeats."""
        source = self._input
        try:
            if not source.can_seek:
                raise Unsound("a pipe has to be read in order")
            offset, self.header, self.footer = self._read_end()
        except Unsound as error:
            if not _entries.has_marker(entry):
                raise _entries.not_a_trace(source, damage) from error
            raise DamagedTrace(f"{source.name}: its header is damaged: {damage}; it cannot be read "
                               f"from the footer either: {error}", 0) from error
        index = self.footer.index
        self._first_chunk = min(offset, index[0].offset) if index else offset
        self._footer_offset = offset
        self._header_damage = DamagedTrace(
            f"{source.name}: damaged in the header, the entry at byte 0: {damage}; the footer, "
            "which repeats it, is used instead", 0)

    def _read_end(self) -> tuple[int, Header, Footer]:
        """Offset, header and footer, of a file that ends as it should. Raises Unsound."""
        assert self._input.size is not None
        at = self._input.size - _entries.TRAILER_BYTES
        if at < 0:
            raise Unsound("the trailer is missing")
        try:
            offset, size = _read_trailer(self._input, at)
            if offset + size != at or size == 0:
                raise Unsound("the trailer does not point to the footer")
            with _entries.opened_entry(_entries.read_entry(self._input, offset)) as root:
                if root.which() != "footer":
                    raise Unsound("the footer is missing")
                header = self._read_header(root.footer.header)
                return offset, header, read_footer(root.footer, header)
        except CutShort:
            raise Unsound("the footer is missing") from None

    # --- Reading in order

    def chunks(self, start_ns: int, end_ns: int) -> Iterator[Chunk]:
        """The records from one time until before another; then raises what is wrong with what has
        been read."""
        offset, position = self._first_chunk, 0
        if self.footer is not None and self._footer_offset is not None:
            # The last one that begins before: the next may begin with records of the same time as
            # its last ones.
            index = self.footer.index
            after = bisect.bisect_left(index, start_ns, key=lambda entry: entry.first_time_ns)
            if after > 0:
                offset, position = index[after - 1].offset, index[after - 1].first_position
        last: Chunk | None = None
        while offset != self._footer_offset:
            try:
                entry = _entries.read_entry(self._input, offset)
                chunk = self._read_chunk(entry, offset, position, last)
            except CutShort:
                raise self._ended(offset, "it is cut short in") from None
            except Unsound as error:
                raise _entries.damaged(self._input, offset, error) from error
            if chunk is None or chunk.head.first_time >= end_ns:
                return
            wanted = chunk.between(start_ns, end_ns)
            if wanted is not None:
                yield wanted
            offset += len(entry)
            position += chunk.head.count
            last = chunk
        assert self.footer is not None
        if self.footer.records != position:
            raise _entries.damaged(self._input, offset, f"the footer counts {self.footer.records} "
                                   f"records, the chunks have {position}")
        if self._header_damage is not None:
            raise self._header_damage

    def _ended(self, offset: int, how: str) -> DamagedTrace:
        """What to raise where the input ends in or before an entry."""
        if self._footer_offset is not None:  # so that it is the entry's length that is not true
            return _entries.damaged(self._input, offset, "no entry begins here")
        return IncompleteTrace(f"{self._input.name}: incomplete: {how} the entry at byte {offset}",
                               offset)

    def _read_chunk(self, entry: bytes, offset: int, position: int,
                    last: Chunk | None) -> Chunk | None:
        """The chunk of an entry; None at a sound end of the trace."""
        if not entry:
            raise self._ended(offset, "it ends before")
        with _entries.opened_entry(entry) as root:
            kind = root.which()
            if kind == "chunk":
                _check_place(Head.of(root.chunk), position, last)
                chunk = self._decoder.decode(root.chunk)
                if last is not None and chunk.time[0] == last.time[-1] and \
                        chunk.host[0] < last.host[-1]:
                    raise Unsound("two records of one time are not in the order of their hosts")
                return chunk
            if kind != "footer":
                raise Unsound("a chunk or the footer should be here")
            footer = self._footer_of(root.footer)
        if footer.records != position:
            raise Unsound(f"the footer counts {footer.records} records, the chunks have {position}")
        self._check_trailer(offset, len(entry))
        self.footer = footer
        return None

    def _footer_of(self, footer: Any) -> Footer:
        """A footer that has to repeat the header."""
        try:
            header = read_header(footer.header)
        except UnsupportedVersion as error:
            raise Unsound(error) from error
        if header != self.header:
            raise Unsound("the footer repeats another header")
        return read_footer(footer, header)

    def _check_trailer(self, footer_offset: int, footer_bytes: int) -> None:
        """Of a trace whose end was not known when it was opened."""
        at = footer_offset + footer_bytes
        try:
            if _read_trailer(self._input, at) != (footer_offset, footer_bytes):
                raise Unsound("the trailer after the footer does not point to it")
        except CutShort:
            raise self._ended(at, "it is cut short in") from None
        except Unsound as error:
            raise _entries.damaged(self._input, at, error) from error
        end = at + _entries.TRAILER_BYTES
        if self._input.read_at(end, 1):
            raise _entries.damaged(self._input, end, "something follows the trailer")


def _read_trailer(source: Input, at: int) -> tuple[int, int]:
    """Offset and size of the footer, as the trailer at `at` says."""
    trailer = _entries.read_entry(source, at)
    if not trailer:
        raise CutShort
    with _entries.opened_entry(trailer) as root:
        if root.which() != "trailer" or len(trailer) != _entries.TRAILER_BYTES:
            raise Unsound("the trailer is missing")
        return root.trailer.footerOffset, root.trailer.footerBytes


def _check_place(head: Head, position: int, last: Chunk | None) -> None:
    """Whether a chunk can follow those before it."""
    if head.first_position < position:
        raise Unsound(f"it begins with record {head.first_position}, not {position}")
    if head.first_position > position:
        raise Unsound(f"the records from {position} to {head.first_position - 1} should come "
                      "before it and are missing")
    if last is not None and head.first_time < last.head.last_time:
        raise Unsound("it begins before the previous chunk ends")
