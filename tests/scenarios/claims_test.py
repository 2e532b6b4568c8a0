"""The headline claim of each shipped scenario, checked in a trace of `groundhog record`."""
import json
import os
import subprocess
import tempfile
import unittest
from datetime import datetime, timezone

PROGRAM = os.path.join(os.environ["GROUNDHOG_BIN_DIR"], "groundhog")


class Span:
    """The fields of one span's record that tests need."""

    def __init__(self, record, start):
        truth = record["truth"]
        self.service = record["service"]
        self.host = record["hostname"]
        self.trace_id = record["trace_id"]
        self.is_error = record["level"] == "ERROR"
        self.code = record.get("error_code")
        self.path = truth["call_path"]
        self.cause = truth.get("cause")
        self.hops = truth.get("hops")
        self.seconds = truth["duration_ns"] / 1e9
        stamp = datetime.fromisoformat(record["timestamp"].replace("Z", "+00:00"))
        self.minute = (stamp - start).total_seconds() / 60


def percentile(spans, share):
    ordered = sorted(span.seconds for span in spans)
    return ordered[int(share * (len(ordered) - 1))]


def error_share(spans):
    return sum(span.is_error for span in spans) / max(1, len(spans))


class ClaimsTest(unittest.TestCase):

    def spans(self, scenario, service=None, changes=(), seed=1):
        """The spans of a run, retried attempts' warnings left out; of one service, if given."""
        with tempfile.TemporaryDirectory() as folder:
            trace = os.path.join(folder, "trace.ghog")
            sets = [word for change in changes for word in ("--set", change)]
            # A changed scenario may break what it expects of itself.
            subprocess.run([PROGRAM, "record", scenario, "--quiet", "--no-expect", "-o", trace,
                            "--seed", str(seed), *sets], check=True, stdin=subprocess.DEVNULL)
            about = json.loads(subprocess.run([PROGRAM, "info", "--json", trace], check=True,
                                              stdout=subprocess.PIPE).stdout)
            start = datetime.fromisoformat(about["start"][:19]).replace(tzinfo=timezone.utc)
            chosen = ["--service", service] if service else []
            lines = subprocess.run([PROGRAM, "cat", trace, "--truth", *chosen], check=True,
                                   stdout=subprocess.PIPE).stdout.splitlines()
        records = (json.loads(line) for line in lines)
        return [Span(record, start) for record in records
                if record["truth"].get("span") and
                not (record["level"] == "WARN" and "retrying" in record["message"])]

    def within(self, spans, begin, end):
        """Those that ended within these minutes; fails if there are none."""
        found = [span for span in spans if begin <= span.minute < end]
        self.assertGreater(len(found), 100)
        return found

    def test_quiet_has_no_incident(self):
        spans = self.spans("quiet")
        self.assertGreater(len(spans), 40_000)
        self.assertLess(error_share(spans), 0.0005)
        self.assertFalse([span for span in spans if span.cause])

    def test_outage_reaches_the_callers_of_auth_and_passes(self):
        spans = self.spans("outage")
        gateway = [span for span in spans if span.service == "gateway"]
        orders = [span for span in gateway if span.path.startswith("order/")]
        searches = [span for span in gateway if span.path.startswith("search/")]
        self.assertLess(error_share(self.within(orders, 0, 20)), 0.01)
        during = self.within(orders, 20, 30)
        self.assertGreater(error_share(during), 0.99)
        self.assertTrue(all(span.cause == "auth-down" and span.hops == 1
                            for span in during if span.is_error))
        self.assertLess(error_share(self.within(searches, 20, 30)), 0.01)
        self.assertLess(error_share(self.within(orders, 30.1, 60)), 0.01)

    def test_gray_failure_shows_in_the_slowest_percents_only(self):
        spans = self.spans("gray-failure", "web")
        before, during = self.within(spans, 0, 20), self.within(spans, 20, 40)
        after = self.within(spans, 40.1, 60)
        self.assertLess(percentile(during, 0.5), 1.2 * percentile(before, 0.5))
        self.assertGreater(percentile(during, 0.95), 5 * percentile(before, 0.95))
        self.assertLess(percentile(after, 0.95), 1.2 * percentile(before, 0.95))
        self.assertAlmostEqual(sum(span.cause == "slow-host" for span in during) / len(during),
                               1 / 8, delta=0.02)
        self.assertLess(error_share(during), 0.01)

    def test_retry_storm_is_still_down_an_hour_after_its_trigger(self):
        for seed in (1, 2):
            spans = self.spans("retry-storm", "front", seed=seed)
            self.assertLess(error_share(self.within(spans, 0, 10)), 0.01)
            self.assertGreater(error_share(self.within(spans, 12, 71)), 0.99)
            self.assertGreater(error_share(self.within(spans, 71, 80)), 0.99)

    def recovers(self, change):
        for seed in (1, 2):
            spans = self.spans("retry-storm", "front", [change], seed=seed)
            self.assertGreater(error_share(self.within(spans, 10, 11)), 0.5)
            self.assertLess(error_share(self.within(spans, 20, 80)), 0.01)

    def test_retry_storm_passes_with_a_retry_budget(self):
        self.recovers("services.front.dependencies.store.retries.budget_percent=20")

    def test_retry_storm_passes_with_load_shedding(self):
        self.recovers("services.store.shedding.concurrency_limit=8")

    def test_cascade_reaches_users_who_never_come_near_the_ledger(self):
        spans = self.spans("cascade", "gateway")
        orders = [span for span in spans if span.path.startswith("order/")]
        searches = [span for span in spans if span.path.startswith("search/")]
        failed = [span for span in self.within(orders, 20, 30) if span.is_error]
        self.assertGreater(len(failed), 500)
        self.assertTrue(all(span.cause == "slow-ledger" for span in failed))
        self.assertIn(3, {span.hops for span in failed})
        # The ledger's slowness fills the gateway's own slots: it turns searches away.
        turned_away = [span for span in self.within(searches, 20, 30) if span.code == "ERR_429"]
        self.assertGreater(len(turned_away), 10)
        self.assertTrue(all(span.cause == "slow-ledger" for span in turned_away))
        for calm in (self.within(spans, 0, 20), self.within(spans, 31, 60)):
            self.assertLess(error_share(calm), 0.01)

    def test_black_friday_keeps_payment_working_and_loses_no_confirmation(self):
        spans = self.spans("black-friday")
        gateway = [span for span in spans if span.service == "gateway"]
        before, during = self.within(gateway, 0, 30), self.within(gateway, 40, 80)
        self.assertAlmostEqual(len(during) / 40 / (len(before) / 30), 10, delta=0.5)
        payment = [span for span in spans if span.service == "payment"]
        paid = [span for span in payment if not span.is_error]
        # Four slots at 255 ms a payment do 15.7 a second; shedding keeps them at useful work.
        self.assertGreater(len(self.within(paid, 40, 80)) / 2400, 12)
        self.assertGreater(error_share(self.within(payment, 40, 80)), 0.2)
        self.assertLess(error_share(self.within(gateway, 91, 120)), 0.01)
        ordered = {span.trace_id for span in spans
                   if span.service == "orders" and not span.is_error and span.minute < 90}
        confirmed = {span.trace_id for span in spans if span.service == "mail"}
        self.assertFalse(ordered - confirmed)


if __name__ == "__main__":
    unittest.main()
