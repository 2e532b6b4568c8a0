"""The Arrow table of a rollup."""
from collections.abc import Iterable
from typing import Any

import numpy
import pyarrow

from ._integers import Integers
from ._records import LEVELS
from ._rollup import LEAST_MS, WIDTH_MS, Rollup
from .header import NONE16, Header

_NAME = pyarrow.dictionary(pyarrow.int32(), pyarrow.string())
_BIN = pyarrow.struct([("least_ms", pyarrow.int64()), ("below_ms", pyarrow.int64()),
                       ("records", pyarrow.int64())])
SCHEMA = pyarrow.schema([
    ("start", pyarrow.timestamp("ns", "UTC")), ("start_ns", pyarrow.int64()), ("service", _NAME),
    ("dependency", _NAME), ("level", _NAME), ("records", pyarrow.int64()),
    ("latency_sum_ms", pyarrow.int64()), ("latencies", pyarrow.list_(_BIN))])


def _named(indices: Integers, names: Iterable[str]) -> Any:
    codes = pyarrow.array(indices.astype(numpy.int32), mask=indices == NONE16)
    return pyarrow.DictionaryArray.from_arrays(codes, pyarrow.array(names, pyarrow.string()))


def summaries_table(header: Header, rollup: Rollup) -> Any:
    """A row for each cell."""
    start = rollup.interval * rollup.width_ns
    services = [service.name for service in header.services]
    ends = numpy.concatenate(([0], numpy.cumsum(rollup.records)))[rollup.first_bin]
    bins = pyarrow.StructArray.from_arrays(
        [pyarrow.array(LEAST_MS[rollup.bin]),
         pyarrow.array((LEAST_MS + WIDTH_MS)[rollup.bin]), pyarrow.array(rollup.records)],
        fields=list(_BIN))
    return pyarrow.Table.from_arrays(
        [pyarrow.array(start + header.start_unix_ns).view(SCHEMA.field("start").type),
         pyarrow.array(start), _named(rollup.service, services),
         _named(rollup.dependency, services), _named(rollup.level, LEVELS),
         pyarrow.array(numpy.diff(ends)), pyarrow.array(rollup.latency_sum_ms),
         pyarrow.ListArray.from_arrays(rollup.first_bin.astype(numpy.int32), bins)],
        schema=SCHEMA)
