"""Makes records of decoded chunks: names for indices, messages from templates, and what is derived
from requests."""
import itertools
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy
import xxhash

from ._chunk import Chunk, saturating_sum
from ._integers import Integers, Unsigned
from ._templates import HEX_FACTOR, Kind, Slot
from .header import NONE16, Header
from .record import Record, Truth

LEVELS = ("INFO", "WARN", "ERROR")
ORDER_STEP = 15_614_961_330_584_597
ORDER_MASK = (1 << 56) - 1
_NULL_ID = bytes(16)
_FIRST_ID = bytes(15) + b"\x01"


def timestamps(header: Header, chunk: Chunk) -> Integers:
    """By record: the Unix time that its host's clock had."""
    return saturating_sum(saturating_sum(chunk.time, chunk.clock_skew), header.start_unix_ns)


def _source_texts(header: Header, chunk: Chunk) -> dict[int, bytes]:
    """Each source of the chunk's requests, as hashes have it."""
    entities = {source: header.entities[source] for source in set(chunk.sources.tolist())}
    return {source: f"{one.kind}:{one.name}".encode() for source, one in entities.items()}


def order_numbers(header: Header, chunk: Chunk) -> Unsigned:
    """By request: the number of its order. FORMAT.md, "Order numbers"."""
    firsts = numpy.zeros(len(header.entities), numpy.uint64)
    for source, text in _source_texts(header, chunk).items():
        key = header.entities[source].request_key(chunk.head.trace_key)
        firsts[source] = (xxhash.xxh3_64_intdigest(text) + key) & ORDER_MASK
    sums = firsts[chunk.sources] + chunk.ordinals * numpy.uint64(ORDER_STEP)
    return sums & numpy.uint64(ORDER_MASK)


def trace_ids(header: Header, chunk: Chunk) -> list[bytes]:
    """By request: its W3C trace id. FORMAT.md, "trace_id"."""
    prefixes = _source_texts(header, chunk)
    keys = {source: header.entities[source].request_key(chunk.head.trace_key)
            for source in prefixes}
    digest, pack = xxhash.xxh3_128_digest, struct.Struct("<Q").pack
    ids = [digest(prefixes[source] + pack(ordinal), keys[source])
           for source, ordinal in zip(chunk.sources.tolist(), chunk.ordinals.tolist())]
    return [one if one != _NULL_ID else _FIRST_ID for one in ids] if _NULL_ID in ids else ids


def causes(header: Header, chunk: Chunk) -> list[str | None]:
    """By shape: the name of its fault's occurrence."""
    return [None if fault == NONE16 else header.faults[fault].occurrence_name(number)
            for fault, number in zip(chunk.shapes["fault"].tolist(),
                                     chunk.shapes["occurrence"].tolist())]


def _hundredths(value: int) -> str:
    whole, rest = divmod(abs(value), 100)
    return f"{'-' if value < 0 else ''}{whole}.{rest:02}"


def _order(number: int) -> str:
    digits = f"{number:017}"
    return f"{digits[:3]}-{digits[3:10]}-{digits[10:]}"


def _milliseconds(nanoseconds: int) -> int:
    whole = abs(nanoseconds) // 1_000_000
    return -whole if nanoseconds < 0 else whole


def _named(names: Sequence[str], rows: Iterable[int]) -> list[str | None]:
    return [None if row == NONE16 else names[row] for row in rows]


def _unless(nothing: int, values: Iterable[int]) -> list[int | None]:
    return [None if value == nothing else value for value in values]


class RecordMaker:
    """Makes the records of one trace."""

    def __init__(self, header: Header) -> None:
        self._header = header
        self._services = [service.name for service in header.services]
        self._entities = [entity.name for entity in header.entities]
        self._formats = ["%s".join(literal.replace("%", "%%") for literal in template.literals)
                         for template in header.templates]

    def records(self, chunk: Chunk) -> Iterator[Record]:
        """In order. Each is made when it is asked for: long messages do not add up."""
        ids = [one.hex() for one in trace_ids(self._header, chunk)]
        shapes = list(zip(*self._shape_columns(chunk)))
        present = {number: self._texts(chunk, number) for number in chunk.slots}
        texts = [row.text for row in self._header.templates]
        rows = zip(chunk.time.tolist(), timestamps(self._header, chunk).tolist(),
                   chunk.shape.tolist(), chunk.host.tolist(), chunk.message.tolist(),
                   chunk.duration.tolist(), chunk.request.tolist(), chunk.queue_wait.tolist(),
                   chunk.clock_skew.tolist())
        for time, shown, shape, host, message, duration, request, wait, skew in rows:
            (service, level, dependency, code, cause, root, hops, also, span, parent, path,
             attempt) = shapes[shape]
            text, slots = next(present[message])
            yield Record(time, shown, service, level, self._entities[host], text, duration,
                         ids[request], dependency, code,
                         Truth(cause, root, hops, also, span, parent, path, attempt, wait, skew,
                               texts[message], slots))

    def _shape_columns(self, chunk: Chunk) -> list[list[Any]]:
        """What all records of a shape have: for each field a list by shape."""
        header = self._header
        shapes = {name: values.tolist() for name, values in chunk.shapes.items()}
        faults = [fault.name for fault in header.faults]
        cause = causes(header, chunk)
        return [_named(self._services, shapes["service"]), _named(LEVELS, shapes["level"]),
                _named(self._services, shapes["dependency"]),
                _named(header.error_codes, shapes["errorCode"]), cause,
                _named(self._services, shapes["root"]),
                [None if name is None else hops for name, hops in zip(cause, shapes["hops"])],
                [None if also == 0 else faults[also - 1] for also in shapes["also"]],
                _unless(0, shapes["span"]), _unless(0, shapes["parentSpan"]),
                _named(header.call_paths, shapes["callPath"]), _unless(0, shapes["attempt"])]

    def _texts(self, chunk: Chunk, number: int) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Message and stored slots of each record of a template, in order."""
        template = self._header.templates[number]
        rows = chunk.by_message[chunk.starts[number]:chunk.starts[number + 1]]
        columns = [values.tolist() for values in chunk.slots[number]]
        stored = iter(columns)
        shown = [self._shown(slot, next(stored) if slot.is_stored else
                             self._of_record(slot.kind, chunk, rows))
                 for slot in template.slots]
        slots: Iterable[tuple[int, ...]] = zip(*columns) if columns else itertools.repeat(())
        values: Iterable[tuple[Any, ...]] = zip(*shown) if shown else itertools.repeat(())
        return zip(map(self._formats[number].__mod__, values), slots)

    def _of_record(self, kind: Kind, chunk: Chunk, rows: Integers) -> list[int]:
        """The values, for a slot of this kind, of the records in these rows."""
        if kind is Kind.REQUEST:
            of_request = chunk.ordinals
        elif kind is Kind.ORDER:
            of_request = order_numbers(self._header, chunk)
        else:
            values: list[int] = chunk.value_of(kind)[rows].tolist()
            return values
        numbers: list[int] = of_request[chunk.request[rows]].tolist()
        return numbers

    def _shown(self, slot: Slot, values: list[int]) -> Iterable[object]:
        kind = slot.kind
        names: dict[Kind, Sequence[str]] = {
            Kind.SERVICE: self._services, Kind.HOST: self._entities,
            Kind.DEPENDENCY: self._services, Kind.ERROR_CODE: self._header.error_codes,
            Kind.OWN_SERVICE: self._services, Kind.OWN_HOST: self._entities}
        if kind in (Kind.DEPENDENCY, Kind.ERROR_CODE):
            return (name or "none" for name in _named(names[kind], values))
        if kind in names:
            return map(names[kind].__getitem__, values)
        shown: dict[Kind, Callable[[int], object]] = {
            Kind.MILLISECONDS: _milliseconds, Kind.HUNDREDTHS: _hundredths,
            Kind.HEX: lambda value: f"{value * HEX_FACTOR % (1 << 32):08x}",
            Kind.DURATION: _milliseconds, Kind.QUEUE_WAIT: _milliseconds, Kind.ORDER: _order}
        return map(shown[kind], values) if kind in shown else values
