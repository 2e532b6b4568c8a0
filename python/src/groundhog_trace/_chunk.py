"""A chunk: the records that are read at a time, as numpy arrays."""
import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy

from ._integers import INT64_MAX, INT64_MIN, Integers, Unsigned
from ._templates import Kind
from .errors import Unsound

RECORDS_MAX = 65_536
ERROR = 2
_SHAPE_COLUMNS = {Kind.DEPENDENCY: "dependency", Kind.ATTEMPT: "attempt",
                  Kind.ERROR_CODE: "errorCode", Kind.OWN_SERVICE: "service"}


@dataclass(frozen=True, slots=True)
class Head:
    """What a chunk says about itself. Times in nanoseconds from the start."""
    first_time: int
    last_time: int
    first_position: int
    trace_key: int
    count: int

    @staticmethod
    def of(chunk: Any) -> "Head":
        """Of a Cap'n Proto message, checked."""
        head = Head(chunk.firstTime, chunk.lastTime, chunk.firstPosition, chunk.traceKey,
                    chunk.count)
        if not 1 <= head.count <= RECORDS_MAX:
            raise Unsound(f"a chunk of {head.count:,} records")
        if not 0 <= head.first_time <= head.last_time:
            raise Unsound("a chunk whose times run back")
        return head


@dataclass(frozen=True, slots=True)
class Chunk:
    """The records of a chunk, column by column: one value a record, unless said otherwise. Times
    and durations are nanoseconds."""
    head: Head
    time: Integers
    duration: Integers
    queue_wait: Integers
    clock_skew: Integers
    host: Integers
    message: Integers
    # A row of `sources` and `ordinals`, which have one value for each request.
    request: Integers
    sources: Integers
    ordinals: Unsigned
    # A row of `shapes`: what takes few values, by name.
    shape: Integers
    shapes: dict[str, Integers]
    # The records' rows, sorted by message; template i has by_message[starts[i]:starts[i + 1]].
    by_message: Integers
    starts: Integers
    # By template, of those that occur: the stored slots' values in the order of by_message.
    slots: dict[int, list[Integers]]

    def column(self, name: str) -> Integers:
        """By record: what `shapes` has."""
        return self.shapes[name][self.shape]

    def value_of(self, kind: Kind) -> Integers:
        """By record: what a slot of this kind shows, if that is not stored, and no ordinal."""
        of_shape = _SHAPE_COLUMNS.get(kind)
        if of_shape is not None:
            return self.column(of_shape)
        own = {Kind.DURATION: self.duration, Kind.QUEUE_WAIT: self.queue_wait,
               Kind.OWN_HOST: self.host}
        return own[kind]

    def between(self, start_ns: int, end_ns: int) -> "Chunk | None":
        """The records of a time, if there are any."""
        if start_ns > self.time[-1] or end_ns <= self.time[0]:
            return None
        begin = 0 if start_ns <= self.time[0] else int(numpy.searchsorted(self.time, start_ns))
        end = len(self.time) if end_ns > self.time[-1] else int(
            numpy.searchsorted(self.time, end_ns))
        return self.part(begin, end) if begin < end else None

    def part(self, begin: int, end: int) -> "Chunk":
        """Some of the records, as if the chunk had no others; `head` stays that of all."""
        if begin == 0 and end >= len(self.time):
            return self
        kept = (self.by_message >= begin) & (self.by_message < end)
        starts = numpy.concatenate(([0], numpy.cumsum(kept)))[self.starts]
        slots = {}
        for template, columns in self.slots.items():
            own = kept[self.starts[template]:self.starts[template + 1]]
            if own.any():
                slots[template] = [column[own] for column in columns]
        own_columns = {name: getattr(self, name)[begin:end] for name in (
            "time", "duration", "queue_wait", "clock_skew", "host", "message", "request", "shape")}
        return dataclasses.replace(self, by_message=self.by_message[kept] - begin, starts=starts,
                                   slots=slots, **own_columns)


def saturating_sum(values: Integers, more: Integers | int) -> Integers:
    """values + more, at the ends of the range where it would overflow."""
    with numpy.errstate(over="ignore"):
        more = numpy.asarray(more, numpy.int64)
        total = values + more
    is_over = (values > 0) & (more > 0) & (total < 0)
    is_under = (values < 0) & (more < 0) & (total >= 0)
    return numpy.where(is_over, INT64_MAX, numpy.where(is_under, INT64_MIN, total))
