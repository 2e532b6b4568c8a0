"""Entries of a trace file: reading their bytes, checking frame, marker and checksum, opening the
Cap'n Proto message in them. FORMAT.md, "Entries" and "Limits"."""
import builtins
import contextlib
import io
import os
import struct
from collections.abc import Iterator
from typing import IO, Any

import capnp
import xxhash
import zstandard

from .errors import DamagedTrace, NotATrace, Unsound

Source = str | os.PathLike[str] | IO[bytes]

MARKER = b"\x89GHOG\r\n\x1a"
FRAME_BYTES = 8
MARKER_AT = 16
CHECKSUM_AT = 24
ENTRY_BYTES_MIN = 48
ENTRY_BYTES_MAX = 64 << 20
TRAILER_BYTES = 64
HEADER_BYTES_MAX = 48 << 20
COLUMNS_BYTES_MAX = 4 << 20
ROLLUP_BYTES_MAX = 8 << 20
READ_STEP_BYTES = 1 << 20

_HERE = os.path.dirname(__file__)
# A parser of its own: a program may have loaded the schema from another place, and pycapnp's common
# parser refuses that by ending the process.
_PARSER = capnp.SchemaParser()
# The schema imports /capnp/c++.capnp, which pycapnp brings along.
SCHEMA: Any = _PARSER.load(os.path.join(_HERE, "trace.capnp"),
                           imports=[os.path.dirname(os.path.dirname(capnp.__file__))])


class CutShort(Exception):
    """Internal: the input ends in the entry."""


class Input:
    """The bytes of a file, at any offset; of a pipe, in order only."""

    def __init__(self, source: Source) -> None:
        self._is_own = isinstance(source, (str, os.PathLike))
        if isinstance(source, (str, os.PathLike)):
            self._file: IO[bytes] = builtins.open(source, "rb")
            self.name = os.fspath(source)
        else:
            self._file = source
            self.name = str(getattr(source, "name", "trace"))
        self.can_seek = self._file.seekable()
        # Of a pipe: unknown, and how much was read.
        self.size = self._file.seek(0, io.SEEK_END) if self.can_seek else None
        self._position = 0

    def close(self) -> None:
        """Closes the file if it was given by its path."""
        if self._is_own:
            self._file.close()

    def read_at(self, offset: int, size: int) -> bytes:
        """Up to `size` bytes; fewer only at the end."""
        if self.can_seek:
            self._file.seek(offset)
        elif offset != self._position:
            raise io.UnsupportedOperation(f"{self.name}: a pipe can be read only once")
        parts = []
        # In steps, so that a length that is not true does not cost memory.
        while size > 0:
            part = self._file.read(min(size, READ_STEP_BYTES))
            if not part:
                break
            parts.append(part)
            size -= len(part)
            self._position += len(part)
        return b"".join(parts)


def read_entry(source: Input, offset: int) -> bytes:
    """The entry at `offset`, its frame checked and nothing else; empty at the end of the input."""
    frame = source.read_at(offset, FRAME_BYTES)
    if not frame:
        return b""
    if len(frame) < FRAME_BYTES:
        raise CutShort
    segments_less_one, words = struct.unpack("<II", frame)
    size = FRAME_BYTES + 8 * words
    if segments_less_one != 0 or not ENTRY_BYTES_MIN <= size <= ENTRY_BYTES_MAX:
        raise Unsound("no entry begins here")
    if source.size is not None and size > source.size - offset:
        raise CutShort
    entry = frame + source.read_at(offset + FRAME_BYTES, size - FRAME_BYTES)
    if len(entry) < size:
        raise CutShort
    return entry


def has_marker(entry: bytes) -> bool:
    """Whether the bytes begin as an entry does."""
    return entry[MARKER_AT:CHECKSUM_AT] == MARKER


def check_entry(entry: bytes) -> None:
    """Checks marker and checksum of a whole entry."""
    if not has_marker(entry):
        raise Unsound("no entry begins here")
    hashed = xxhash.xxh3_64(entry[:CHECKSUM_AT])
    hashed.update(bytes(8))
    hashed.update(memoryview(entry)[CHECKSUM_AT + 8:])
    if hashed.intdigest() != checksum_in(entry):
        raise Unsound("the checksum does not match")


@contextlib.contextmanager
def sound_message() -> Iterator[None]:
    """Turns what Cap'n Proto, zstd and UTF-8 find wrong into Unsound."""
    try:
        yield
    except capnp.KjException as error:
        raise Unsound(f"not a sound message: {error.description}") from error
    except UnicodeDecodeError as error:
        raise Unsound("a text is not UTF-8") from error
    except zstandard.ZstdError as error:
        raise Unsound(f"it does not unpack: {error}") from error


def _limits(size: int) -> dict[str, int]:
    return {"traversal_limit_in_words": size // 8 * 4 + 1024, "nesting_limit": 16}


@contextlib.contextmanager
def opened_entry(entry: bytes) -> Iterator[Any]:
    """The root of an entry, for the time of a `with`; all errors are Unsound."""
    check_entry(entry)
    with sound_message(), SCHEMA.Entry.from_bytes(entry, **_limits(len(entry))) as root:
        yield root


def unpacked(packed: bytes, most: int, what: str) -> bytes:
    """A zstd frame's content, of at most `most` bytes."""
    size = zstandard.frame_content_size(packed)
    if not 0 <= size <= most or size % 8 != 0:
        raise Unsound(f"{what} does not unpack to a length that is allowed")
    message = zstandard.ZstdDecompressor().decompress(packed, allow_extra_data=False)
    if len(message) != size:
        raise Unsound(f"{what} is shorter than it says")
    return message


@contextlib.contextmanager
def opened_header(header: Any) -> Iterator[Any]:
    """The header with its content, unpacked if it is packed, for the time of a `with`."""
    if len(header.zstd) == 0:
        yield header
        return
    message = unpacked(header.zstd, HEADER_BYTES_MAX, "its header")
    with SCHEMA.Header.from_bytes(message, **_limits(len(message))) as inner:
        if inner.formatVersion != header.formatVersion:
            raise Unsound("its header has two versions")
        yield inner


def checksum_in(entry: bytes) -> int:
    """The checksum that an entry states."""
    checksum: int = struct.unpack_from("<Q", entry, CHECKSUM_AT)[0]
    return checksum


@contextlib.contextmanager
def opened_columns(chunk: Any) -> Iterator[Any]:
    """The columns of a chunk, unpacked, for the time of a `with`."""
    with _opened(chunk.columns, SCHEMA.Columns, COLUMNS_BYTES_MAX, "a chunk") as columns:
        yield columns


@contextlib.contextmanager
def opened_rollup_columns(rollup: Any) -> Iterator[Any]:
    """The columns of a rollup, unpacked, for the time of a `with`."""
    with _opened(rollup.columns, SCHEMA.RollupColumns, ROLLUP_BYTES_MAX,
                 "the rollup") as columns:
        yield columns


@contextlib.contextmanager
def _opened(columns: Any, struct_type: Any, most: int, what: str) -> Iterator[Any]:
    kind = columns.which()
    if kind == "plain":
        yield columns.plain
    elif kind == "packed":
        yield struct_type.from_bytes_packed(
            columns.packed, traversal_limit_in_words=most // 8, nesting_limit=16)
    else:
        message = unpacked(columns.zstd, most, what)
        with struct_type.from_bytes(message, **_limits(len(message))) as inner:
            yield inner


def damaged(source: Input, offset: int, what: object) -> DamagedTrace:
    return DamagedTrace(f"{source.name}: damaged in the entry at byte {offset}: {what}", offset)


def not_a_trace(source: Input, why: object) -> NotATrace:
    return NotATrace(f"{source.name}: not a Groundhog trace: {why}")
