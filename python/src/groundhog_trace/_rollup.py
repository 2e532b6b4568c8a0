"""Decodes and checks a trace's rollup with numpy. FORMAT.md, "Rollup"."""
from dataclasses import dataclass
from typing import Any

import numpy

from ._entries import opened_rollup_columns
from ._integers import INT64_MAX, Integers, bounded, refuse_if, table
from .errors import Unsound
from .header import NONE16, Footer, Header

CELLS_MAX = 65_536
BINS_MAX = 524_288
BIN_MAX = 168
_LEVELS = 3
_MINUTE_NS = 60 * 10**9
_DAY_MINUTES = 1440
_WIDTHS_MINUTES = {1, 2, 10, 30, 60, 120, 240, 720,
                   *(_DAY_MINUTES << doublings for doublings in range(17))}

_bins = numpy.arange(BIN_MAX + 1)
_shift = numpy.maximum(_bins // 4 - 1, 0)
# By bin, in milliseconds: its least latency, and how many it has.
LEAST_MS: Integers = numpy.where(_bins < 8, _bins, (_bins - 4 * _shift) << _shift)
WIDTH_MS: Integers = numpy.int64(1) << numpy.where(_bins < 8, 0, _shift)


@dataclass(frozen=True, slots=True)
class Rollup:
    """A trace's records by interval, service, dependency and level, and those by latency."""
    width_ns: int
    # By cell: the number of its interval, and indices of the catalogue.
    interval: Integers
    service: Integers
    dependency: Integers
    level: Integers
    latency_sum_ms: Integers
    # The first of its bins; at the end, how many bins there are.
    first_bin: Integers
    # By bin.
    bin: Integers
    records: Integers


def _steps(steps: Integers, counts: Integers, most: int, what: str) -> Integers:
    """Each step is added to the value before, in runs of so many; a run begins with its first."""
    starts = numpy.cumsum(counts) - counts
    sums = numpy.cumsum(steps)
    values: Integers = sums - numpy.repeat(sums[starts] - steps[starts], counts)
    refuse_if((values < 0) | (values > most), f"{what} is not one of {most + 1}")
    return values


def _exact_sums(values: Integers, factors: Integers, starts: Integers) -> Any:
    """The sums of products, in Python's integers, which do not overflow."""
    products = values.astype(object) * factors.astype(object)
    return numpy.add.reduceat(products, starts) if len(starts) else products


def _keys(rows: Any, services: int) -> dict[str, Integers]:
    keys = table(rows, CELLS_MAX, "keys",
                 {"service": services - 1, "dependency": NONE16, "level": _LEVELS - 1})
    dependency = keys["dependency"]
    refuse_if((dependency >= services) & (dependency != NONE16), "a dependency is no service")
    order = (keys["service"] << 32) + (dependency << 8) + keys["level"]
    refuse_if(numpy.diff(order) <= 0, "the keys of the rollup are not in order")
    return keys


def _counts(rows: Any, column: Any, total: int, name: str) -> Integers:
    """How many rows of the next table are each row's: one at least, `total` together."""
    counts = bounded(column, rows.count, BINS_MAX, name)
    refuse_if(counts < 1, f"column {name} has a 0")
    if int(counts.sum()) != total:
        raise Unsound(f"column {name} does not have all rows")
    return counts


def _intervals(rows: Any, width: int, footer: Footer) -> Integers:
    last = footer.last_time_ns // width
    steps = bounded(rows.step, rows.count, last + 1, "intervals.step")
    refuse_if(steps < 1, "an interval is not after the one before")
    intervals = numpy.cumsum(steps) - 1
    if rows.count > 0 and (intervals[0] != footer.first_time_ns // width or intervals[-1] != last):
        raise Unsound("the intervals are not those of the records")
    return intervals


def _bins_of(rows: Any, first: Integers, counts: Integers) -> Integers:
    steps = numpy.zeros(rows.count, numpy.int64)
    starts = numpy.cumsum(counts) - counts
    steps[starts] = first
    is_later = numpy.ones(rows.count, bool)
    is_later[starts] = False
    steps[is_later] = bounded(rows.step, rows.count - len(first), BIN_MAX, "bins.step")
    refuse_if(steps[is_later] < 1, "a bin is not after the one before")
    return _steps(steps, counts, BIN_MAX, "a bin")


def _check_totals(rollup: Rollup, counts: Integers, footer: Footer) -> None:
    if sum(rollup.records.tolist()) != footer.records:
        raise Unsound("the rollup does not have all records")
    # So no sum of them overflows.
    found = numpy.zeros((len(footer.totals), _LEVELS), numpy.int64)
    numpy.add.at(found, (numpy.repeat(rollup.service, counts), numpy.repeat(rollup.level, counts)),
                 rollup.records)
    refuse_if(found != numpy.array([[one.info, one.warn, one.error] for one in footer.totals]
                                   or numpy.zeros((0, _LEVELS))),
              "the rollup has other totals than the footer")


def _decoded(columns: Any, minutes: int, header: Header, footer: Footer) -> Rollup:
    width = minutes * _MINUTE_NS
    cells, bins = columns.cells, columns.bins
    if columns.intervals.count > CELLS_MAX or cells.count > CELLS_MAX or bins.count > BINS_MAX:
        raise Unsound("a table of the rollup is too long")
    keys = _keys(columns.keys, len(header.services))
    by_interval = _counts(columns.intervals, columns.intervals.cells, cells.count,
                          "intervals.cells")
    intervals = numpy.repeat(_intervals(columns.intervals, width, footer), by_interval)
    key_steps = bounded(cells.keyStep, cells.count, CELLS_MAX, "cells.keyStep")
    refuse_if(key_steps < 1, "a key is not after the one before")
    counts = _counts(cells, cells.bins, bins.count, "cells.bins")
    number = bounded(cells.firstBin, cells.count, BIN_MAX, "cells.firstBin")
    rest = bounded(cells.rest, cells.count, INT64_MAX, "cells.rest")
    records = bounded(bins.records, bins.count, footer.records, "bins.records")
    refuse_if(records < 1, "a bin has no record")
    if cells.count == 0:
        none: Integers = numpy.zeros(0, numpy.int64)
        key, bin_of = none, none
    else:
        key_steps[numpy.cumsum(by_interval) - by_interval] -= 1
        key = _steps(key_steps, by_interval, len(keys["level"]) - 1, "a key")
        bin_of = _bins_of(bins, number, counts)
    first_bin = numpy.concatenate(([0], numpy.cumsum(counts)))
    most = _exact_sums(records, WIDTH_MS[bin_of] - 1, first_bin[:-1])
    refuse_if(numpy.greater(rest.astype(object), numpy.minimum(most, INT64_MAX)),
              "a rest is more than its bins allow")
    sums = rest.astype(object) + _exact_sums(records, LEAST_MS[bin_of], first_bin[:-1])
    rollup = Rollup(width, intervals, keys["service"][key], keys["dependency"][key],
                    keys["level"][key], numpy.minimum(sums, INT64_MAX).astype(numpy.int64),
                    first_bin, bin_of, records)
    _check_totals(rollup, counts, footer)
    return rollup


def read_rollup(rollup: Any, header: Header, footer: Footer) -> Rollup:
    """The rollup of a Cap'n Proto message. Raises Unsound."""
    if rollup.minutes not in _WIDTHS_MINUTES:
        raise Unsound(f"a rollup by {rollup.minutes} minutes")
    with opened_rollup_columns(rollup) as columns:
        return _decoded(columns, rollup.minutes, header, footer)
