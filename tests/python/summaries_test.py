"""summaries() says what the records say: counted again from every sample, golden file and golden
recording, among which each shipped scenario is."""
import copy
import os
import sys
import unittest

import numpy
import pyarrow

from package import (PROGRAM, SAMPLES, SOURCE, FolderTest, golden_files, groundhog, groundhog_trace,
                     output_of)
from groundhog_trace import _entries, _rollup

sys.path.insert(0, os.path.join(SOURCE, "tests/golden"))
import golden_cases  # noqa: E402  pylint: disable=wrong-import-position

MINUTE_NS = 60 * 10**9
GROUP = ["start_ns", "service", "dependency", "level"]


def least_ms(latencies):
    """FORMAT.md, "Rollup": 8 ms and more have a bin for each value of the first three bits."""
    values = numpy.asarray(latencies)
    shift = numpy.maximum(numpy.frexp(values)[1] - 3, 0)
    return (values >> shift) << shift


def recounted(table, width_ns):
    """({group: (records, sum of latencies)}, {(*group, least latency of a bin): records}) of a
    table of records."""
    latency = table["latency_ms"].to_numpy()
    start = table["time_ns"].to_numpy() // width_ns * width_ns
    names = {name: table[name].cast(pyarrow.string()) for name in GROUP[1:]}
    rows = pyarrow.table({"start_ns": start, **names, "latency_ms": latency,
                          "least_ms": least_ms(latency)})
    cells = rows.group_by(GROUP).aggregate([("latency_ms", "count"), ("latency_ms", "sum")])
    bins = rows.group_by([*GROUP, "least_ms"]).aggregate([("latency_ms", "count")])
    return ({tuple(row[name] for name in GROUP): (row["latency_ms_count"], row["latency_ms_sum"])
             for row in cells.to_pylist()},
            {tuple(row[name] for name in [*GROUP, "least_ms"]): row["latency_ms_count"]
             for row in bins.to_pylist()})


def as_recounted(summaries):
    """The same of summaries."""
    cells, bins = {}, {}
    for one in summaries:
        group = (one.start_ns, one.service, one.dependency, one.level)
        cells[group] = (one.records, one.latency_sum_ms)
        for each in one.latencies:
            bins[(*group, each.least_ms)] = each.records
    return cells, bins


class SummariesTest(FolderTest):

    def assert_summaries(self, path):
        """Returns them."""
        with groundhog_trace.open(path) as trace:
            summaries = trace.summaries()
            columns = ["time_ns", "service", "dependency", "level", "latency_ms"]
            expected = recounted(trace.read_arrow(columns).read_all(), summaries.width_ns)
            services = [service.name for service in trace.header.services]
        found = as_recounted(summaries)
        self.assertEqual(len(found[0]), len(summaries), "each is there once")
        self.assertTrue(found == expected, path)
        order = [(one.start_ns, services.index(one.service)) for one in summaries]
        self.assertEqual(order, sorted(order))
        return summaries

    def assert_table(self, path):
        with groundhog_trace.open(path) as trace:
            summaries, start = trace.summaries(), trace.header.start_unix_ns
        table = summaries.to_arrow()
        table.validate(full=True)
        rows = table.set_column(0, "start", table["start"].cast(pyarrow.int64())).to_pylist()
        self.assertEqual(rows, [
            {"start": start + one.start_ns, "start_ns": one.start_ns, "service": one.service,
             "dependency": one.dependency, "level": one.level, "records": one.records,
             "latency_sum_ms": one.latency_sum_ms,
             "latencies": [{"least_ms": each.least_ms, "below_ms": each.below_ms,
                            "records": each.records} for each in one.latencies]}
            for one in summaries])

    def test_samples_and_golden_files(self):
        for path in [*map(lambda sample: self.sample(*sample), SAMPLES), *golden_files()]:
            with self.subTest(path):
                self.assert_summaries(path)
                self.assert_table(path)

    def test_golden_recordings(self):
        """Of every shipped scenario. `verify` counts again, too, in the way that the writer has."""
        shipped = {name.removesuffix(".yaml") for name in
                   os.listdir(os.path.join(SOURCE, "scenarios")) if name.endswith(".yaml")}
        self.assertLessEqual(shipped, {case[0] for case in golden_cases.CASES.values()})
        for name, arguments in golden_cases.CASES.items():
            with self.subTest(name):
                path = self.record(*arguments)
                self.assertEqual(self.assert_summaries(path).width_ns, MINUTE_NS)
                output_of(PROGRAM, "verify", path)

    def test_a_long_trace_has_wider_intervals(self):
        path = self.record("shop", "--duration", "32h")
        self.assertEqual(self.assert_summaries(path).width_ns, 2 * MINUTE_NS)
        self.assert_table(path)

    def test_bins_have_their_latencies(self):
        ends = _rollup.LEAST_MS + _rollup.WIDTH_MS
        self.assertEqual(_rollup.LEAST_MS[1:].tolist(), ends[:-1].tolist())
        self.assertEqual(least_ms(_rollup.LEAST_MS).tolist(), _rollup.LEAST_MS.tolist())
        self.assertEqual(least_ms(ends - 1).tolist(), _rollup.LEAST_MS.tolist())

    def test_pipes_and_incomplete_traces_have_none(self):
        path = self.sample("golden")
        with open(path, "rb") as file, groundhog_trace.open(path) as trace:
            data = file.read()
            self.assertIsNotNone(trace.summaries())
        with groundhog_trace.open(self.path("cut.ghog", data[:-1])) as trace:
            self.assertIsNone(trace.summaries())
        reading, writing = os.pipe()
        with os.fdopen(reading, "rb") as pipe, os.fdopen(writing, "wb") as feed:
            feed.write(data)
            feed.close()
            with groundhog_trace.open(pipe) as trace:
                self.assertIsNone(trace.summaries())
                list(trace)
                self.assertIsNone(trace.summaries())


class UnsoundTest(FolderTest):
    """Each rule of FORMAT.md for a rollup, broken in the worked example's."""

    def setUp(self):
        super().setUp()
        path = self.sample("tiny", "none")
        with open(path, "rb") as file, groundhog_trace.open(path) as trace:
            data = file.read()
            self.header, self.footer = trace.header, trace.footer
        bodies = []
        for offset, size in groundhog.entries(data):
            with _entries.SCHEMA.Entry.from_bytes(data[offset:offset + size]) as entry:
                bodies += [body for body in entry.to_dict().values() if isinstance(body, dict)]
        self.rollup, = [body["rollup"] for body in bodies if "rollup" in body]

    def read(self, rollup):
        message = _entries.SCHEMA.Rollup.new_message()
        message.from_dict(rollup)
        return _rollup.read_rollup(message.as_reader(), self.header, self.footer)

    def test_the_example_is_sound(self):
        self.assertEqual(len(self.read(self.rollup).interval), 2)

    def test_broken_rules(self):
        def changed(table, column, base=None, count=None):
            rollup = copy.deepcopy(self.rollup)
            rows = rollup["columns"]["plain"][table]
            if base is not None:
                rows[column] = {"base": base, "planes": []}
            if count is not None:
                rows["count"] = count
            return rollup

        cases = {
            "minutes": {**self.rollup, "minutes": 3},
            "service": changed("keys", "service", 1),
            "dependency": changed("keys", "dependency", 7),
            "level": changed("keys", "level", 3),
            "keys in order": changed("keys", "level", 0),
            "intervals": changed("intervals", "step", 2),
            "no interval": changed("intervals", "step", 0),
            "cells of an interval": changed("intervals", "cells", 1),
            "no cells": changed("intervals", "cells", 0),
            "a key": changed("cells", "keyStep", 2),
            "no key": changed("cells", "keyStep", 0),
            "bins of a cell": changed("cells", "bins", 2),
            "bin": changed("cells", "firstBin", _rollup.BIN_MAX + 1),
            "rest": changed("cells", "rest", 1 << 40),
            "negative rest": changed("cells", "rest", -1),
            "records": changed("bins", "records", 2),
            "no records": changed("bins", "records", 0),
            "rows of bins": changed("bins", "records", count=3),
            "too many cells": changed("cells", "rest", count=_rollup.CELLS_MAX + 1),
            "too many bins": changed("bins", "records", count=_rollup.BINS_MAX + 1),
        }
        for name, rollup in cases.items():
            with self.subTest(name), self.assertRaises(groundhog_trace.errors.Unsound):
                self.read(rollup)


if __name__ == "__main__":
    unittest.main()
