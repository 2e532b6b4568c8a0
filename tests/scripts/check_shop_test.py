"""scripts/check-shop: a made-up trace that keeps every promise passes, and for each figure a trace
that breaks just that promise fails there."""
import copy
import importlib.machinery
import importlib.util
import os
import unittest

PATH = os.path.join(os.environ["GROUNDHOG_SOURCE_DIR"], "scripts", "check-shop")
LOADER = importlib.machinery.SourceFileLoader("check_shop", PATH)
SPEC = importlib.util.spec_from_loader("check_shop", LOADER)
check_shop = importlib.util.module_from_spec(SPEC)
LOADER.exec_module(check_shop)

# Twenty minutes around an hour's turn: ten busy ones, ten calm ones.
FIRST_SECOND, LAST_SECOND = 50 * 60, 70 * 60
# Callers before callees; every request walks one of these from the gateway down.
CHAINS = [["gateway-service"] + [name + "-service" for name in chain.split()] for chain in (
    "auth user email notification review",
    "order inventory email notification user",
    "payment auth user notification email",
    "recommendation analytics user review search",
    "search review recommendation analytics notification")]
CODES = [f"ERR_{code}" for code in (402, 404, 409, 500, 502, 503, 504, 507, 508)]
FAULT_SECONDS = 100
# First second, kind, target.
FAULTS = [(52 * 60, "outage", "auth-service"), (57 * 60, "latency", "inventory-service"),
          (62 * 60, "error_rate", "analytics-service")]


def timestamp(second):
    return f"2025-01-06T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}.000Z"


INFO = {
    "duration": "20m",
    "faults": [{"name": kind, "kind": kind, "target": target, "start": timestamp(first),
                "end": timestamp(first + FAULT_SECONDS)} for first, kind, target in FAULTS],
}


def target_at(second):
    for first, _, target in FAULTS:
        if first <= second < first + FAULT_SECONDS:
            return target
    return None


def make_line(second, service, level, serial, trace, **optional):
    line = {"service": service, "level": level, "message": f"did thing {serial % 3000}",
            "timestamp": timestamp(second), "latency_ms": serial % 400,
            "trace_id": f"{trace + 1:032x}"}
    line.update({key: value for key, value in optional.items() if value is not None})
    line["hostname"] = f"{service}-{serial % 2 + 1}"
    return line


def make_request(second, serial, fails_at):
    """The spans of one request, the innermost first, as they complete."""
    lines = []
    chain = CHAINS[serial % len(CHAINS)]
    fails = fails_at in chain and serial % 3 > 0
    for depth in reversed(range(len(chain))):
        failed = fails and depth <= chain.index(fails_at)
        level = "ERROR" if failed else "WARN" if serial % 15 == 0 and depth == 0 else "INFO"
        line = make_line(second, chain[depth], level, serial * 7 + depth, serial,
                         dependency=chain[depth + 1] if depth + 1 < len(chain) else None,
                         error_code=CODES[serial // 3 % len(CODES)] if failed else None)
        line["truth"] = {"call_path": "journey/" + "/".join(chain[:depth + 1])}
        lines.append(line)
    return lines


def make_trace():
    lines, serial = [], 0
    for second in range(FIRST_SECOND, LAST_SECOND):
        for _ in range(2 if second < 3600 else 1):
            lines += make_request(second, serial, target_at(second))
            serial += 1
        for k, service in enumerate(sorted(check_shop.SERVICES)):
            if (second + k) % 4 == 0:  # a heartbeat
                trace = 10**9 + len(lines)
                lines.append(make_line(second, service, "INFO", second * 12 + k, trace))
                lines[-1]["truth"] = {}
    return lines


class CheckShopTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.sound = make_trace()

    def failing(self, lines, info=None):
        info = dict(info or INFO)
        info.setdefault("records", len(lines))
        return {figure.name for figure in check_shop.check(info, lines) if not figure.holds}

    def changed(self, change):
        """The sound trace with change(line, index) applied to each line; None drops it."""
        made = (change(copy.copy(line), index) for index, line in enumerate(self.sound))
        return [line for line in made if line is not None]

    def assert_breaks(self, figure, change):
        self.assertIn(figure, self.failing(self.changed(change)))

    def test_a_trace_that_keeps_every_promise_passes(self):
        self.assertEqual(self.failing(self.sound), set())

    def set_key(self, key, value, when=lambda line, index: True):
        def change(line, index):
            if when(line, index):
                line[key] = value
            return line
        return change

    def test_each_broken_promise_is_found(self):
        errors = lambda line, index: line["level"] == "ERROR"
        cases = {
            "fastest service, records/s": lambda l, i: dict(l, service="user-service")
                                          if i % 5 == 0 else l,
            "services": self.set_key("service", "cart-service", lambda l, i: i == 7),
            "records": lambda l, i: l if i % 3 else None,
            "slowest service, records/s": lambda l, i: l
                                          if l["service"] != "order-service" or i % 2 else None,
            "hosts": self.set_key("hostname", "one"),
            "INFO share": self.set_key("level", "WARN", lambda l, i: i % 20 == 0),
            "WARN / ERROR": self.set_key("level", "INFO", lambda l, i: l["level"] == "WARN"),
            "error codes": self.set_key("error_code", "ERR_500", errors),
            "promised (service, dependency) pairs":
                lambda l, i: {k: v for k, v in l.items() if k != "dependency"}
                if l["service"] == "payment-service" else l,
            "different messages": lambda l, i: dict(l, message=l["message"][:10]),
            "latency values": lambda l, i: dict(l, latency_ms=l["latency_ms"] % 150),
            "records at the largest latency": lambda l, i: dict(
                l, latency_ms=min(l["latency_ms"], 300)),
            "records sharing a trace_id with >= 2": lambda l, i: dict(
                l, trace_id=f"{i // 2 + 1:032x}"),
            "services a request crosses, median": lambda l, i: dict(
                l, service=l["service"] if l["service"] == "gateway-service" else "auth-service"),
            "requests with ERRORs of 2 services": lambda l, i: dict(l, level="INFO")
                if l["level"] == "ERROR" and l["service"] != "gateway-service" else l,
            "incidents' ERRORs on target or callers": lambda l, i: dict(
                {k: v for k, v in l.items() if k != "dependency"}, service="email-service")
                if l["level"] == "ERROR" and i % 3 else l,
            "ERROR share outside incidents": lambda l, i: dict(
                l, level="ERROR", error_code="ERR_500")
                if l["timestamp"][14:16] in ("56", "05") else l,
        }
        for figure, change in cases.items():
            with self.subTest(figure):
                self.assert_breaks(figure, change)

    def test_a_flat_day_is_found(self):
        half = [line for line in self.sound if line["timestamp"][11:13] == "00"]
        later = [dict(line, timestamp=line["timestamp"].replace("T00:5", "T01:0")) for line in half]
        self.assertIn("busiest hour / quietest", self.failing(half + later))

    def test_ill_formed_lines_are_found(self):
        cases = {
            "zero trace_id": dict(trace_id="0" * 32),
            "upper case trace_id": dict(trace_id="A" * 32),
            "latency above the deadline": dict(latency_ms=501),
            "latency not whole": dict(latency_ms=1.5),
            "error code on INFO": dict(error_code="ERR_500"),
            "unknown key": dict(colour="red"),
            "no milliseconds": dict(timestamp="2025-01-06T00:00:00Z"),
            "time runs back": dict(timestamp="2024-01-06T00:00:00.000Z"),
            "unfilled slot": dict(message="took {} ms"),
        }
        for name, change in cases.items():
            with self.subTest(name):
                lines = list(self.sound[:100])
                lines[50] = dict(lines[50], **change)
                self.assertIn("ill-formed lines", self.failing(lines))
        self.assertNotIn("ill-formed lines", self.failing(self.sound[:100]))

    def test_incidents_of_one_kind_and_a_wrong_count_are_found(self):
        info = dict(INFO, records=1, faults=[dict(f, kind="outage") for f in INFO["faults"]])
        self.assertLessEqual({"kinds of incident", "records, as info says"},
                             self.failing(self.sound, info))
        info["faults"] = info["faults"][:1]
        self.assertIn("incidents", self.failing(self.sound, info))

    def test_durations_are_read(self):
        self.assertEqual(check_shop.parse_duration("1d2h30m1.5s"), 95401.5)
        with self.assertRaises(check_shop.UnreadableError):
            check_shop.parse_duration("1 fortnight")


if __name__ == "__main__":
    unittest.main()
