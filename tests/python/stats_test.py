"""stats() says what the records say."""
import random
import unittest

import numpy

from package import SAMPLES, FolderTest, groundhog_trace
from groundhog_trace import stats


def expected_figures(records):
    latencies = [record.latency_ms for record in records]
    levels = [record.level for record in records]
    counts = [levels.count(level) for level in ("INFO", "WARN", "ERROR")]
    if not records:
        return groundhog_trace.Figures(0, 0, 0, 0, 0.0, None)
    return groundhog_trace.Figures(
        len(records), *counts, counts[2] / len(records), groundhog_trace.Latency(
            sum(latencies), min(latencies), max(latencies), sum(latencies) / len(latencies),
            *(float(numpy.percentile(latencies, percent)) for percent in (50, 95, 99))))


class StatsTest(FolderTest):

    def assert_figures(self, found, expected):
        self.assertEqual((found.records, found.info, found.warn, found.error, found.error_rate),
                         (expected.records, expected.info, expected.warn, expected.error,
                          expected.error_rate))
        if expected.latency is None:
            self.assertIsNone(found.latency)
            return
        for name in ("sum_ms", "min_ms", "max_ms"):
            self.assertEqual(getattr(found.latency, name), getattr(expected.latency, name))
        for name in ("mean_ms", "p50_ms", "p95_ms", "p99_ms"):
            mine, theirs = getattr(found.latency, name), getattr(expected.latency, name)
            self.assertLessEqual(abs(mine - theirs), abs(theirs) * 1e-12, name)

    def assert_stats(self, path):
        with groundhog_trace.open(path) as trace:
            found, records, footer = trace.stats(), list(trace), trace.footer
            names = [service.name for service in trace.header.services]
        self.assertEqual(list(found.services), names)
        self.assert_figures(found.total, expected_figures(records))
        for name, totals in zip(names, footer.totals, strict=True):
            own = [record for record in records if record.service == name]
            self.assert_figures(found.services[name], expected_figures(own))
            figures = found.services[name]
            self.assertEqual((figures.info, figures.warn, figures.error),
                             (totals.info, totals.warn, totals.error))

    def test_samples(self):
        for sample in SAMPLES:
            with self.subTest(sample):
                self.assert_stats(self.sample(*sample))

    def test_hours_of_shop(self):
        self.assert_stats(self.record("shop", "--duration", "7h"))

    def test_percentiles_are_numpys(self):
        rng = random.Random(3)
        for count in (1, 2, 3, 7, 100, 999):
            values = sorted(rng.randrange(50) for _ in range(count))
            distinct, counts = numpy.unique(values, return_counts=True)
            ends = numpy.cumsum(counts)
            for percent in (0, 1, 50, 95, 99, 100):
                self.assertAlmostEqual(stats._percentile(distinct, ends, percent),
                                       float(numpy.percentile(values, percent)), places=9)


if __name__ == "__main__":
    unittest.main()
