"""What a trace file has before and after its chunks: header, appendix, footer and trailer."""
import bisect
import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

from . import _entries, _rollup
from ._entries import CutShort, Input
from .errors import IncompleteTrace, Unsound, UnsupportedVersion
from .header import APPENDIX_FORMAT_VERSION, Footer, Header, IndexEntry, read_footer, read_header


def has_appendix(header: Header) -> bool:
    """Whether a file with this header has an appendix: since version 4."""
    return header.format_version >= APPENDIX_FORMAT_VERSION


def header_of(header: Any, name: str) -> Header:
    """The header of the file `name`. Raises Unsound and UnsupportedVersion."""
    try:
        return read_header(header)
    except UnsupportedVersion as error:
        raise UnsupportedVersion(f"{name}: {error}", error.version) from None


def incomplete(source: Input, offset: int, how: str) -> IncompleteTrace:
    return IncompleteTrace(f"{source.name}: incomplete: {how} the entry at byte {offset}", offset)


@contextlib.contextmanager
def opened_footer(source: Input) -> Iterator[tuple[int, Any]]:
    """Offset and footer, of a file that ends as it should. Raises Unsound."""
    assert source.size is not None
    at = source.size - _entries.TRAILER_BYTES
    if at < 0:
        raise Unsound("the trailer is missing")
    try:
        offset, size = _read_trailer(source, at)
        if offset + size != at or size == 0:
            raise Unsound("the trailer does not point to the footer")
        with _entries.opened_entry(_entries.read_entry(source, offset)) as root:
            if root.which() != "footer":
                raise Unsound("the footer is missing")
            yield offset, root.footer
    except CutShort:
        raise Unsound("the footer is missing") from None


def read_repeated_header(source: Input) -> tuple[Header, int]:
    """The header that the end of the file repeats, and the checksum by which the footer knows it
    (0 before version 4). Raises Unsound."""
    with opened_footer(source) as (footer_offset, footer):
        if footer._has("header"):
            return header_of(footer.header, source.name), 0
        offset, checksum = footer.appendixOffset, footer.headerChecksum
    # Also so that a file can be asked for this offset: it may be any of 64 bits.
    if offset >= footer_offset:
        raise Unsound("the appendix is missing")
    try:
        entry = _entries.read_entry(source, offset)
    except CutShort:
        raise Unsound("the appendix is missing") from None
    with _entries.opened_entry(entry) as root:
        if root.which() != "appendix":
            raise Unsound("the appendix is missing")
        return header_of(root.appendix.header, source.name), checksum


def footer_of(footer: Any, header: Header, header_checksum: int, chunks_end: int) -> Footer:
    """A footer that has to be that of the header and of the chunks that end at `chunks_end`. Raises
    Unsound."""
    if has_appendix(header):
        is_its = footer.headerChecksum == header_checksum
    else:
        try:
            is_its = read_header(footer.header) == header
        except UnsupportedVersion as error:
            raise Unsound(error) from error
    if not is_its:
        raise Unsound("the footer repeats another header")
    taken = read_footer(footer, header)
    # The index is in order, so the last of its offsets is the largest.
    if taken.index and taken.index[-1].offset >= chunks_end:
        raise Unsound("the index points behind the chunks")
    return taken


def check_appendix(appendix: Any, header: Header) -> None:
    """Raises Unsound if it does not repeat the header."""
    try:
        repeated = read_header(appendix.header)
    except UnsupportedVersion as error:
        raise Unsound(error) from error
    if repeated != header:
        raise Unsound("the appendix repeats another header")


def row_to_begin_with(index: Sequence[IndexEntry], start_ns: int) -> IndexEntry | None:
    """The row of an index whose chunks have the first record from a time on, or come right before
    it; None: the first chunk of all is that."""
    after = bisect.bisect_left(index, start_ns, key=lambda row: row.first_time_ns)
    if after == 0:
        return None
    # The last row that begins before: the next may begin with records of the same time as its last
    # ones.
    last_ns = index[after - 1].last_time_ns
    is_over = last_ns is not None and last_ns < start_ns and after < len(index)
    return index[after if is_over else after - 1]


def check_trailer(source: Input, footer_offset: int, footer_bytes: int) -> None:
    """The trailer after a footer, and that nothing follows it; of a trace that is read in order."""
    at = footer_offset + footer_bytes
    try:
        if _read_trailer(source, at) != (footer_offset, footer_bytes):
            raise Unsound("the trailer after the footer does not point to it")
    except CutShort:
        raise incomplete(source, at, "it is cut short in") from None
    except Unsound as error:
        raise _entries.damaged(source, at, error) from error
    end = at + _entries.TRAILER_BYTES
    if source.read_at(end, 1):
        raise _entries.damaged(source, end, "something follows the trailer")


def read_rollup(source: Input, offset: int, header: Header,
                footer: Footer) -> _rollup.Rollup | None:
    """From the entry behind the chunks: an appendix or, before version 4, the footer."""
    try:
        with _entries.opened_entry(_entries.read_entry(source, offset)) as root:
            entry = root.appendix if root.which() == "appendix" else root.footer
            if not entry._has("rollup"):
                return None
            return _rollup.read_rollup(entry.rollup, header, footer)
    except CutShort:
        raise _entries.damaged(source, offset, "no entry begins here") from None
    except Unsound as error:
        raise _entries.damaged(source, offset, f"the rollup: {error}") from error


def _read_trailer(source: Input, at: int) -> tuple[int, int]:
    """Offset and size of the footer, as the trailer at `at` says."""
    trailer = _entries.read_entry(source, at)
    if not trailer:
        raise CutShort
    with _entries.opened_entry(trailer) as root:
        if root.which() != "trailer" or len(trailer) != _entries.TRAILER_BYTES:
            raise Unsound("the trailer is missing")
        return root.trailer.footerOffset, root.trailer.footerBytes
