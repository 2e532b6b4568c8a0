"""Counts, error rates and latencies of a trace."""
from collections.abc import Iterable
from dataclasses import dataclass

import numpy

from ._chunk import ERROR, Chunk
from ._integers import Integers
from .header import Header

# Latencies are below 2^63 ns, so below 2^44 ms.
_SERVICE_SHIFT = 44
_PENDING_MIN = 1 << 16


@dataclass(frozen=True, slots=True)
class Latency:
    """Of the whole milliseconds that log lines show. A percentile between two values is
    interpolated, as numpy.percentile and PostgreSQL's percentile_cont do."""
    sum_ms: int
    min_ms: int
    max_ms: int
    mean_ms: float
    p50_ms: float
    p95_ms: float
    p99_ms: float


@dataclass(frozen=True, slots=True)
class Figures:
    """The sums of some records."""
    records: int
    info: int
    warn: int
    error: int
    # ERRORs among the records, from 0 to 1; 0 without records.
    error_rate: float
    # None without records.
    latency: Latency | None


@dataclass(frozen=True, slots=True)
class Stats:
    """The sums of a trace."""
    total: Figures
    # By name, in the order of the header's services.
    services: dict[str, Figures]


def _percentile(values: Integers, ends: Integers, percent: int) -> float:
    """Of sorted values, of which value i fills the ranks from ends[i - 1] to ends[i] - 1."""
    hundredths = (int(ends[-1]) - 1) * percent
    below, rest = divmod(hundredths, 100)
    low = int(values[numpy.searchsorted(ends, below, side="right")])
    if rest == 0:
        return float(low)
    high = int(values[numpy.searchsorted(ends, below + 1, side="right")])
    return low + (high - low) * rest / 100


def _latency(values: Integers, counts: Integers) -> Latency:
    ends = numpy.cumsum(counts)
    # In Python's integers, which do not overflow.
    total = sum(value * count for value, count in zip(values.tolist(), counts.tolist()))
    return Latency(total, int(values[0]), int(values[-1]), total / int(ends[-1]),
                   *(_percentile(values, ends, percent) for percent in (50, 95, 99)))


def _figures(levels: Integers, values: Integers, counts: Integers) -> Figures:
    records = int(levels.sum())
    error = int(levels[ERROR])
    return Figures(records, int(levels[0]), int(levels[1]), error,
                   error / records if records else 0.0,
                   _latency(values, counts) if records else None)


def _merged(keys: Integers, counts: Integers) -> tuple[Integers, Integers]:
    """Each key once, in order, with the sum of its counts."""
    order = numpy.argsort(keys, kind="stable")
    keys, counts = keys[order], counts[order]
    starts = numpy.flatnonzero(numpy.diff(keys, prepend=-1))
    return keys[starts], numpy.add.reduceat(counts, starts) if len(starts) else counts


class _Histogram:
    """How often each pair of service and latency occurs."""

    def __init__(self) -> None:
        self._keys = [numpy.zeros(0, numpy.int64)]
        self._counts = [numpy.zeros(0, numpy.int64)]
        self._pending = 0

    def add(self, keys: Integers) -> None:
        found, counts = numpy.unique(keys, return_counts=True)
        self._keys.append(found)
        self._counts.append(counts)
        self._pending += len(found)
        # Seldom enough that merging does not cost more than counting.
        if self._pending > _PENDING_MIN + 2 * len(self._keys[0]):
            self.merge()

    def merge(self) -> tuple[Integers, Integers]:
        keys, counts = _merged(numpy.concatenate(self._keys), numpy.concatenate(self._counts))
        self._keys, self._counts, self._pending = [keys], [counts], 0
        return keys, counts


def stats_of(header: Header, chunks: Iterable[Chunk]) -> Stats:
    """Of the records of these chunks."""
    levels = numpy.zeros((len(header.services), ERROR + 1), numpy.int64)
    histogram = _Histogram()
    for chunk in chunks:
        service = chunk.column("service")
        levels += numpy.bincount(service * (ERROR + 1) + chunk.column("level"),
                                 minlength=levels.size).reshape(levels.shape)
        histogram.add(service << _SERVICE_SHIFT | chunk.duration // 1_000_000)
    keys, counts = histogram.merge()
    values, owners = keys & ((1 << _SERVICE_SHIFT) - 1), keys >> _SERVICE_SHIFT
    services = {}
    for index, service_entry in enumerate(header.services):
        own = owners == index
        services[service_entry.name] = _figures(levels[index], values[own], counts[own])
    return Stats(_figures(levels.sum(axis=0), *_merged(values, counts)), services)
