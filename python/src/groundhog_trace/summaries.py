"""What a trace's file keeps about each minute, for pictures and alarms without a scan."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ._records import LEVELS
from ._rollup import LEAST_MS, WIDTH_MS, Rollup
from .header import NONE16, Header

if TYPE_CHECKING:
    import pyarrow


@dataclass(frozen=True, slots=True)
class LatencyBin:
    """How many records have a latency in whole milliseconds from `least_ms` until before
    `below_ms`. Bins are the same in all traces, so that those of several summaries add up: one for
    each millisecond below 8, then at most a quarter of `least_ms` wide."""
    least_ms: int
    below_ms: int
    records: int


@dataclass(frozen=True, slots=True)
class Summary:
    """The records of an interval that have service, dependency and level in common."""
    # From the scenario's start; the interval is `Summaries.width_ns` long.
    start_ns: int
    service: str
    # None: the line has none.
    dependency: str | None
    level: str
    records: int
    latency_sum_ms: int
    # Ascending, without those that no record is in.
    latencies: tuple[LatencyBin, ...]


class Summaries:
    """A whole trace in intervals of one length: a minute, or more if the trace is so long or so
    varied that minutes would not fit. Iterating gives the summaries in the order of time, then of
    the header's services. Each record is in one of them, by its true time."""

    def __init__(self, header: Header, rollup: Rollup) -> None:
        self._header = header
        self._rollup = rollup

    @property
    def width_ns(self) -> int:
        """The length of an interval."""
        return self._rollup.width_ns

    def __len__(self) -> int:
        return len(self._rollup.interval)

    def __iter__(self) -> Iterator[Summary]:
        rollup, services = self._rollup, self._header.services
        first_bin = rollup.first_bin.tolist()
        bins, records = rollup.bin.tolist(), rollup.records.tolist()
        least = LEAST_MS.tolist()
        below = (LEAST_MS + WIDTH_MS).tolist()
        cells = zip(rollup.interval.tolist(), rollup.service.tolist(), rollup.dependency.tolist(),
                    rollup.level.tolist(), rollup.latency_sum_ms.tolist())
        for cell, (interval, service, dependency, level, latency_sum) in enumerate(cells):
            own = range(first_bin[cell], first_bin[cell + 1])
            yield Summary(
                interval * rollup.width_ns, services[service].name,
                None if dependency == NONE16 else services[dependency].name, LEVELS[level],
                sum(records[at] for at in own), latency_sum,
                tuple(LatencyBin(least[bins[at]], below[bins[at]], records[at]) for at in own))

    def to_arrow(self) -> pyarrow.Table:
        """The summaries as a table, whose columns are named as the fields of Summary, and `start`,
        which is `start_ns` in UTC. Needs pyarrow."""
        try:
            from ._arrow_summaries import summaries_table
        except ModuleNotFoundError as error:
            raise ImportError(
                "to_arrow needs pyarrow: pip install 'groundhog-trace[arrow]'") from error
        return summaries_table(self._header, self._rollup)
