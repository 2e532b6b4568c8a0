"""The effects of the keys of `expect`: on what `record` says, not on the recording."""
from key_effects import Effect

MORE = ("faults.more={kind: latency, target: front, factor: 2, at: 1m, for: 30s}",)


def given(keys):
    return (f"expect={{c: {{service: middle, {keys}}}}}",)


NO_ERRORS = given("from: 0s, until: 5m, error_rate: {at_most: 0}")
DURING = given("during: down, error_rate: {at_most: 0}") + MORE
AFTER = given("after: down, error_rate: {at_most: 0}") + MORE


def claim(key, change, before, after, world=NO_ERRORS):
    """What is said of the expectation, before and after; None: that it holds."""
    def is_said(trace, words):
        if words is None:
            return not trace.broken
        return len(trace.broken) == 1 and words in trace.broken[0]
    return Effect(key, change, lambda b, a: is_said(b, before) and is_said(a, after), given=world,
                  is_outside=True)


def broken_by(key, change, keys):
    return claim(key, change, None, "expectation 'c' is broken", given(keys))


CLAIMS = [
    claim("scenario.expect", "expect={c: {error_rate: {at_most: 0}}}", None, "'c' is broken",
          world=()),
    claim("expectation.service", "expect.c.service=back", "of middle is", "of back is"),
    claim("expectation.from", "expect.c.from=1m", "from 0s to 5m", "from 1m to 5m"),
    claim("expectation.until", "expect.c.until=4m", "from 0s to 5m", "from 0s to 4m"),
    claim("expectation.during", "expect.c.during=more", "during down, from 2m to 3m",
          "during more, from 1m to 1m30s", DURING),
    claim("expectation.after", "expect.c.after=more", "after down, from 4m to 5m",
          "after more, from 1m30s to 2m30s", AFTER + ("faults.down.at=3m",)),
    claim("expectation.within", "expect.c.within=1m", "from 3m to 4m", "from 4m to 5m", AFTER),
    claim("expectation.error_rate", "expect.c.error_rate={at_least: 1}", "not at most 0 %",
          "not at least 100 %"),
    broken_by("expectation.p50", "expect.c.p50={at_most: 1ms}", "p50: {at_most: 1s}"),
    broken_by("expectation.p95", "expect.c.p95={at_most: 1ms}", "p95: {at_most: 1s}"),
    broken_by("expectation.p99", "expect.c.p99={at_most: 1ms}", "p99: {at_most: 1s}"),
    broken_by("expectation.records", "expect.c.records={at_most: 9}",
              "from: 0s, until: 5m, records: {at_least: 9}"),
    broken_by("error_rate_bounds.at_least", "expect.c.error_rate.at_least=0.99",
              "error_rate: {at_most: 1}"),
    broken_by("error_rate_bounds.at_most", "expect.c.error_rate.at_most=0.01",
              "error_rate: {at_least: 0}"),
    broken_by("percentile_bounds.at_least", "expect.c.p50.at_least=1s", "p50: {at_most: 2s}"),
    broken_by("percentile_bounds.at_most", "expect.c.p50.at_most=1ms", "p50: {at_least: 0s}"),
    broken_by("record_bounds.at_least", "expect.c.records.at_least=1000000",
              "from: 0s, until: 5m, records: {at_most: 1000000}"),
    broken_by("record_bounds.at_most", "expect.c.records.at_most=9",
              "from: 0s, until: 5m, records: {at_least: 9}"),
]
