"""A trace file: its header and footer, and its chunks in order. FORMAT.md, "Incomplete and damaged
files"."""
from collections.abc import Iterator

from . import _ends, _entries
from ._chunk import Chunk, Head
from ._columns import ColumnsDecoder
from ._ends import has_appendix
from ._entries import CutShort, Input, Source
from ._rollup import Rollup
from .errors import DamagedTrace, Unsound, UnsupportedVersion
from .header import Footer


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
                self.header = _ends.header_of(root.header, source.name)
        except Unsound as error:
            raise _entries.not_a_trace(source, error) from error
        self._header_checksum = _entries.checksum_in(entry)
        self._first_chunk = len(entry)
        if source.can_seek:
            self._look_for_end()

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
            self.header, self._header_checksum = _ends.read_repeated_header(source)
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

    def _read_end(self) -> None:
        """Takes the footer, of a file that ends as it should. Raises Unsound."""
        with _ends.opened_footer(self._input) as (offset, footer):
            end = footer.appendixOffset if has_appendix(self.header) else offset
            taken = _ends.footer_of(footer, self.header, self._header_checksum, end)
            if not self._first_chunk <= end <= offset:
                raise Unsound("the footer is not behind the chunks")
            self.footer, self._chunks_end, self._footer_offset = taken, end, offset

    def rollup(self) -> Rollup | None:
        """None: the file has none, or it is not known where. Raises DamagedTrace."""
        if self.footer is None or self._chunks_end is None:
            return None
        return _ends.read_rollup(self._input, self._chunks_end, self.header, self.footer)

    def chunks(self, start_ns: int, end_ns: int) -> Iterator[Chunk]:
        """The records from one time until before another; then raises what is wrong with what has
        been read."""
        offset, position = self._first_chunk, 0
        if self.footer is not None and self._chunks_end is not None:
            first = _ends.row_to_begin_with(self.footer.index, start_ns)
            if first is not None:
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
        return _ends.incomplete(self._input, offset, how)

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
            if kind == "appendix" and has_appendix(self.header):
                _ends.check_appendix(root.appendix, self.header)
                self._read_footer(offset + len(entry), offset, position)
                return None
            if kind != "footer" or has_appendix(self.header):
                raise Unsound("a chunk or the footer should be here")
        self._take_footer(entry, offset, None, position)
        return None

    def _read_appendix(self, offset: int) -> None:
        """Checks the appendix of a file whose footer is known."""
        if not has_appendix(self.header):
            return
        try:
            entry = _entries.read_entry(self._input, offset)
            with _entries.opened_entry(entry) as root:
                if root.which() != "appendix" or offset + len(entry) != self._footer_offset:
                    raise Unsound("the appendix is missing")
                _ends.check_appendix(root.appendix, self.header)
        except CutShort:
            raise _entries.damaged(self._input, offset, "no entry begins here") from None
        except Unsound as error:
            raise _entries.damaged(self._input, offset, error) from error

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
            footer = _ends.footer_of(root.footer, self.header, self._header_checksum,
                                     offset if appendix is None else appendix)
            if appendix is not None and root.footer.appendixOffset != appendix:
                raise Unsound("the footer does not point to the appendix before it")
        if footer.records != position:
            raise Unsound(f"the footer counts {footer.records} records, the chunks have {position}")
        _ends.check_trailer(self._input, offset, len(entry))
        self.footer = footer

def _check_place(head: Head, position: int, last: Chunk | None) -> None:
    """Whether a chunk can follow those before it."""
    if head.first_position < position:
        raise Unsound(f"it begins with record {head.first_position}, not {position}")
    if head.first_position > position:
        raise Unsound(f"the records from {position} to {head.first_position - 1} should come "
                      "before it and are missing")
    if last is not None and head.first_time < last.head.last_time:
        raise Unsound("it begins before the previous chunk ends")
