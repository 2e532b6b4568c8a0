"""A trace file: its header and footer, and its chunks in order. FORMAT.md, "Incomplete and damaged
files"."""
import bisect
import contextlib
from collections.abc import Iterator
from typing import Any

from . import _entries
from ._chunk import Chunk, Head
from ._columns import ColumnsDecoder
from ._entries import CutShort, Input, Source
from ._rollup import Rollup, read_rollup
from .errors import DamagedTrace, IncompleteTrace, Unsound, UnsupportedVersion
from .header import FORMAT_VERSION, Footer, Header, read_footer, read_header


class TraceFile:
    """A trace file that is open; raises what `groundhog_trace.open` says."""

    def __init__(self, source: Source) -> None:
        # None of a pipe that has not been read to its end, and of an incomplete trace.
        self.footer: Footer | None = None
        self._input = Input(source)
        # Says that the header came from the footer, and why.
        self._header_damage: DamagedTrace | None = None
        # Where the chunks of a complete file end; None: reading them will show it.
        self._chunks_end: int | None = None
        self._footer_offset = 0
        # Of the header's entry: by it the footer knows the header.
        self._header_checksum = 0
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
            if len(entry) > _entries.HEADER_BYTES_MAX:
                raise Unsound("its header is too long")
            with _entries.opened_entry(entry) as root:
                if root.which() != "header":
                    raise Unsound("its first entry is no header")
                self.header = self._read_header(root.header)
        except Unsound as error:
            raise _entries.not_a_trace(source, error) from error
        self._header_checksum = _entries.checksum_in(entry)
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
            self._read_end()
        except (Unsound, UnsupportedVersion):
            return

    def _open_by_footer(self, entry: bytes, damage: object) -> None:
        """The first entry, as far as it is there, is not sound in itself: takes the header that the
        end of the file repeats."""
        source = self._input
        try:
            if not source.can_seek:
                raise Unsound("a pipe has to be read in order")
            self._first_chunk = 0
            self._read_repeated_header()
            self._read_end()
        except Unsound as error:
            if not _entries.has_marker(entry):
                raise _entries.not_a_trace(source, damage) from error
            raise DamagedTrace(f"{source.name}: its header is damaged: {damage}; it cannot be read "
                               f"from the footer either: {error}", 0) from error
        assert self.footer is not None and self._chunks_end is not None
        index = self.footer.index
        self._first_chunk = min(self._chunks_end, index[0].offset) if index else self._chunks_end
        self._header_damage = DamagedTrace(
            f"{source.name}: damaged in the header, the entry at byte 0: {damage}; the footer, "
            "which repeats it, is used instead", 0)

    @contextlib.contextmanager
    def _opened_footer(self) -> Iterator[tuple[int, Any]]:
        """Offset and footer, of a file that ends as it should. Raises Unsound."""
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
                yield offset, root.footer
        except CutShort:
            raise Unsound("the footer is missing") from None

    def _read_repeated_header(self) -> None:
        """Takes the header from the end of the file. Raises Unsound."""
        with self._opened_footer() as (_, footer):
            if footer._has("header"):
                self.header = self._read_header(footer.header)
                return
            appendix, self._header_checksum = footer.appendixOffset, footer.headerChecksum
        try:
            entry = _entries.read_entry(self._input, appendix)
        except CutShort:
            raise Unsound("the appendix is missing") from None
        with _entries.opened_entry(entry) as root:
            if root.which() != "appendix":
                raise Unsound("the appendix is missing")
            self.header = self._read_header(root.appendix.header)

    def _read_end(self) -> None:
        """Takes the footer, of a file that ends as it should. Raises Unsound."""
        with self._opened_footer() as (offset, footer):
            taken = self._footer_of(footer)
            end = footer.appendixOffset if self._has_appendix() else offset
            if not self._first_chunk <= end <= offset:
                raise Unsound("the footer is not behind the chunks")
            self.footer, self._chunks_end, self._footer_offset = taken, end, offset

    def _has_appendix(self) -> bool:
        return self.header.format_version == FORMAT_VERSION

    def rollup(self) -> Rollup | None:
        """None: the file has none, or it is not known where. Raises DamagedTrace."""
        if self.footer is None or self._chunks_end is None:
            return None
        return _read_rollup(self._input, self._chunks_end, self.header, self.footer)

    # --- Reading in order

    def chunks(self, start_ns: int, end_ns: int) -> Iterator[Chunk]:
        """The records from one time until before another; then raises what is wrong with what has
        been read."""
        offset, position = self._first_chunk, 0
        if self.footer is not None and self._chunks_end is not None:
            # The last one that begins before: the next may begin with records of the same time as
            # its last ones.
            index = self.footer.index
            after = bisect.bisect_left(index, start_ns, key=lambda entry: entry.first_time_ns)
            if after > 0:
                last_ns = index[after - 1].last_time_ns
                is_over = last_ns is not None and last_ns < start_ns and after < len(index)
                first = index[after if is_over else after - 1]
                offset, position = first.offset, first.first_position
        last: Chunk | None = None
        while offset != self._chunks_end:
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
        self._read_appendix(offset)
        if self.footer.records != position:
            raise _entries.damaged(self._input, self._footer_offset,
                                   f"the footer counts {self.footer.records} records, the chunks "
                                   f"have {position}")
        if self._header_damage is not None:
            raise self._header_damage

    def _ended(self, offset: int, how: str) -> DamagedTrace:
        """What to raise where the input ends in or before an entry."""
        if self._chunks_end is not None:  # so that it is the entry's length that is not true
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
            if kind == "appendix" and self._has_appendix():
                self._check_appendix(root.appendix)
                self._read_footer(offset + len(entry), offset, position)
                return None
            if kind != "footer" or self._has_appendix():
                raise Unsound("a chunk or the footer should be here")
        self._take_footer(entry, offset, None, position)
        return None

    def _read_appendix(self, offset: int) -> None:
        """Checks the appendix of a file whose footer is known."""
        if not self._has_appendix():
            return
        try:
            entry = _entries.read_entry(self._input, offset)
            with _entries.opened_entry(entry) as root:
                if root.which() != "appendix" or offset + len(entry) != self._footer_offset:
                    raise Unsound("the appendix is missing")
                self._check_appendix(root.appendix)
        except CutShort:
            raise _entries.damaged(self._input, offset, "no entry begins here") from None
        except Unsound as error:
            raise _entries.damaged(self._input, offset, error) from error

    def _check_appendix(self, appendix: Any) -> None:
        try:
            header = read_header(appendix.header)
        except UnsupportedVersion as error:
            raise Unsound(error) from error
        if header != self.header:
            raise Unsound("the appendix repeats another header")

    def _read_footer(self, offset: int, appendix: int, position: int) -> None:
        """The footer after the appendix."""
        try:
            entry = _entries.read_entry(self._input, offset)
            if not entry:
                raise self._ended(offset, "it ends before")
            self._take_footer(entry, offset, appendix, position)
        except CutShort:
            raise self._ended(offset, "it is cut short in") from None
        except Unsound as error:
            raise _entries.damaged(self._input, offset, error) from error

    def _take_footer(self, entry: bytes, offset: int, appendix: int | None, position: int) -> None:
        """Of a trace whose end was not known when it was opened."""
        with _entries.opened_entry(entry) as root:
            if root.which() != "footer":
                raise Unsound("the footer should be here")
            footer = self._footer_of(root.footer)
            if appendix is not None and root.footer.appendixOffset != appendix:
                raise Unsound("the footer does not point to the appendix before it")
        if footer.records != position:
            raise Unsound(f"the footer counts {footer.records} records, the chunks have {position}")
        self._check_trailer(offset, len(entry))
        self.footer = footer

    def _footer_of(self, footer: Any) -> Footer:
        """A footer that has to be that of the header."""
        if self._has_appendix():
            is_its = footer.headerChecksum == self._header_checksum
        else:
            try:
                is_its = read_header(footer.header) == self.header
            except UnsupportedVersion as error:
                raise Unsound(error) from error
        if not is_its:
            raise Unsound("the footer repeats another header")
        return read_footer(footer, self.header)

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


def _read_rollup(source: Input, offset: int, header: Header, footer: Footer) -> Rollup | None:
    """From the entry behind the chunks: an appendix or, before version 4, the footer."""
    try:
        with _entries.opened_entry(_entries.read_entry(source, offset)) as root:
            entry = root.appendix if root.which() == "appendix" else root.footer
            return read_rollup(entry.rollup, header, footer) if entry._has("rollup") else None
    except CutShort:
        raise _entries.damaged(source, offset, "no entry begins here") from None
    except Unsound as error:
        raise _entries.damaged(source, offset, f"the rollup: {error}") from error
