"""Lists of integers in a chunk, as numpy arrays. FORMAT.md, "Columns"."""
from typing import Any

import numpy
import numpy.typing

from .errors import Unsound

Integers = numpy.typing.NDArray[numpy.int64]
Unsigned = numpy.typing.NDArray[numpy.uint64]

INT64_MAX = (1 << 63) - 1
INT64_MIN = -(1 << 63)
PLANES_MAX = 8


def integers(column: Any, count: int, name: str) -> Integers:
    """The `count` values of a column of a Cap'n Proto message."""
    planes = column.planes
    if len(planes) > PLANES_MAX:
        raise Unsound(f"column {name} has too many planes")
    if len(planes) == 0:
        return numpy.full(count, column.base, numpy.int64)
    values = numpy.zeros((count, 8), numpy.uint8)
    for number, plane in enumerate(planes):
        if len(plane) != count:
            raise Unsound(f"column {name} has {len(plane)} values, not {count}")
        values[:, number] = numpy.frombuffer(plane, numpy.uint8)
    return values.view("<i8")[:, 0] + numpy.int64(column.base)


def bounded(column: Any, count: int, most: int, name: str) -> Integers:
    """The same, if all of them are from 0 to `most`."""
    values = integers(column, count, name)
    if count > 0 and (values.min() < 0 or values.max() > most):
        raise Unsound(f"column {name} has a value that is not from 0 to {most}")
    return values


def refuse_if(is_wrong: Any, why: str) -> None:
    """`is_wrong`: a truth value, or an array of them of which none may be true."""
    if numpy.any(is_wrong):
        raise Unsound(why)


def table(rows: Any, most: int, name: str, bounds: dict[str, int]) -> dict[str, Integers]:
    """The columns of a table whose values are from 0 to their bound."""
    count = rows.count
    if count > most:
        raise Unsound(f"table {name} has more rows than there are records")
    return {column: bounded(getattr(rows, column), count, bound, f"{name}.{column}")
            for column, bound in bounds.items()}


def ordinals(sources: Integers, deltas: Integers) -> Unsigned:
    """The running sum of the zigzag-coded deltas, modulo 2^64, for each source by itself."""
    bits = deltas.view(numpy.uint64)
    steps = (bits >> numpy.uint64(1)) ^ (numpy.uint64(0) - (bits & numpy.uint64(1)))
    if len(steps) == 0:
        return steps
    order = numpy.argsort(sources, kind="stable")
    sums = numpy.cumsum(steps[order], dtype=numpy.uint64)
    starts = numpy.flatnonzero(numpy.diff(sources[order], prepend=-1))
    before = sums[starts] - steps[order][starts]
    sums -= numpy.repeat(before, numpy.diff(starts, append=len(order)))
    result = numpy.empty_like(sums)
    result[order] = sums
    return result
