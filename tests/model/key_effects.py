"""The effect of each key of a scenario on the recording: a table with one entry per key. This file
has the keys of the whole, of services, of calls and of plain faults; the others are in
key_effects_traffic.py, key_effects_faults.py and key_effects_claims.py."""
import dataclasses
import typing


@dataclasses.dataclass
class Effect:
    """One key, changed alone, and the claim that must then hold. `given` prepares the world of
    key_effects.yaml for it; `change` sets the key; `claim` gets the traces before and after.
    Digests must differ, except for keys that are not meant to change records (`is_outside`)."""
    key: str
    change: str
    claim: typing.Callable
    given: tuple = ()
    is_outside: bool = False


# One worker and little room: queues form at the back.
NARROW = ("services.back.concurrency=1", "services.back.queue=4",
          "services.back.service_time={exponential: 30ms}")
FLAKY = ("services.middle.errors.ERR_500.rate=0.4",)
PATIENT = ("journeys.visit.deadline=20s", "services.front.dependencies.middle.timeout=10s")
BACK = "services.back.service_time"
QUANTILES = (BACK + "={p50: 8ms, p95: 15ms, p99: 20ms, max: 30ms}",)
MIDDLE = "services.front.dependencies.middle"
RETRYING = FLAKY + PATIENT + (
    MIDDLE + ".retries={max: 4, backoff: {base: 40ms, multiplier: 2, max: 100ms, jitter: none}}",)
ERROR = ("faults.down={kind: error_rate, target: back, at: 2m, for: 1m, rate: 0.5, code: ERR_501}",)
SLOW = ("faults.down={kind: latency, target: back, at: 2m, for: 1m, factor: 2}",)


def slower(service, least):
    """Spans of a service take longer by a factor, on average."""
    return lambda b, a: a.mean_ms(service) > least * b.mean_ms(service)


def faster(service, most):
    return lambda b, a: a.mean_ms(service) < most * b.mean_ms(service)


def fewer(code, service=None):
    """Fewer failures of a kind, though there were some."""
    return lambda b, a: a.failures(code, service) < b.failures(code, service)


def more(code, service=None):
    return lambda b, a: a.failures(code, service) > b.failures(code, service)


SCENARIO = [
    Effect("scenario.name", "name=other", lambda b, a: a.info["scenario"] == "other",
           is_outside=True),
    Effect("scenario.description", "description=after",
           lambda b, a: "description: \"after\"" in a.shown, is_outside=True),
    Effect("scenario.seed", "seed=2",
           lambda b, a: not a.trace_ids() & b.trace_ids()),
    Effect("scenario.start", "start=2025-01-06T12:30:00Z",
           lambda b, a: a.records[0]["timestamp"].startswith("2025-01-06T12:30:00.")),
    Effect("scenario.duration", "duration=6m",
           lambda b, a: len(a.records) > len(b.records) == len(b.common_beginning(a))),
    Effect("scenario.resolution", "resolution=1ms",
           lambda b, a: a.is_on_grid(1_000_000) and b.is_on_grid(1_000)
           and not b.is_on_grid(10_000)),
    Effect("scenario.log_interval", "log_interval=10s",
           lambda b, a: len(a.intervals()) == 3 * len(b.intervals())),
    Effect("scenario.network", "network={latency: 10ms}",
           lambda b, a: a.mean_ms("front") > b.mean_ms("front") + 20),
    Effect("scenario.traffic", "traffic={weekly: [1, 9, 9, 9, 9, 9, 9]}",
           lambda b, a: len(a.spans("front")) < 0.3 * len(b.spans("front"))),
    Effect("scenario.services", "services.more={service_time: 1ms}",
           lambda b, a: a.hosts("more") == {"more-1"}),
    Effect("scenario.journeys", "journeys.more={rate: 1/s, deadline: 1s, entry: back}",
           lambda b, a: a.paths() - b.paths() == {"more/back"}),
    Effect("scenario.faults",
           "faults.more={kind: error_rate, target: front, rate: 1, at: 10s, for: 10s}",
           lambda b, a: a.causes() - b.causes() == {"more"}),
    Effect("network.latency", "network.latency={exponential: 4ms}",
           lambda b, a: a.mean_ms("front") > b.mean_ms("front") + 8),
    Effect("network.min", "network.min=900us",
           lambda b, a: min(a.durations_ms("front")) > min(b.durations_ms("front"))),
    Effect("traffic.daily",
           "traffic.daily=[1,1,1,1,1,1,1,1,1,1,1,1,9,1,1,1,1,1,1,1,1,1,1,1]",
           lambda b, a: len(a.spans("front")) > 3 * len(b.spans("front")),
           given=("traffic={daily: [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}",
                  "journeys.visit.rate=2/s")),
    Effect("traffic.weekly", "traffic.weekly=[1, 9, 9, 9, 9, 9, 9]",
           lambda b, a: len(a.spans("front")) < 0.3 * len(b.spans("front")),
           given=("traffic={weekly: [1, 1, 1, 1, 1, 1, 1]}",)),
]

SERVICES = [
    Effect("service.hosts", "services.front.hosts=5", lambda b, a: len(a.hosts("front")) == 5),
    Effect("service.concurrency", "services.back.concurrency=3",
           lambda b, a: a.mean_wait_ms("back") < 0.2 * b.mean_wait_ms("back"), given=NARROW),
    Effect("service.queue", "services.back.queue=0",
           lambda b, a: a.mean_wait_ms("back") == 0 < b.mean_wait_ms("back")
           and len(a.errors("back")) > len(b.errors("back")), given=NARROW),
    Effect("service.balancer", "services.back.balancer=least_outstanding",
           lambda b, a: a.mean_wait_ms("back") < b.mean_wait_ms("back"),
           given=NARROW + ("services.back.hosts=4", "services.back.balancer=random",
                           "services.middle.hosts=1", "services.middle.concurrency=64")),
    Effect("service.service_time", BACK + "=40ms", slower("back", 2)),
    Effect("service.slow", "services.back.slow=20ms",
           lambda b, a: a.warnings("back") > b.warnings("back") + 100),
    Effect("service.log_interval", "services.back.log_interval=5s",
           lambda b, a: len(a.intervals("back")) == 6 * len(b.intervals("back"))
           and len(a.intervals("front")) == len(b.intervals("front"))),
    Effect("service.degraded", "services.middle.degraded={error_share: 1}",
           lambda b, a: len(a.degraded("middle")) == 0 < len(b.degraded("middle")), given=FLAKY),
    Effect("service.errors", "services.front.errors={ERR_400: {rate: 0.1}}", more("ERR_400")),
    Effect("service.messages", "services.back.messages=[\"Done\"]",
           lambda b, a: {r["message"] for r in a.spans("back") if r["level"] == "INFO"}
           == {"Done"}),
    Effect("service.dependencies", "services.middle.dependencies={back: {timeout: 5ms}}",
           more("ERR_504", "middle")),
    Effect("degraded.error_share", "services.middle.degraded.error_share=0.9",
           lambda b, a: len(a.degraded("middle")) < len(b.degraded("middle")), given=FLAKY),
    Effect("error.rate", "services.middle.errors.ERR_500.rate=0.2", more("ERR_500", "middle")),
    Effect("error.retry", "services.middle.errors.ERR_500.retry=false",
           lambda b, a: a.retries("front") < 0.5 * b.retries("front"), given=FLAKY),
    Effect("error.messages", "services.middle.errors.ERR_500.messages=[\"Oh no\"]",
           lambda b, a: "Oh no" in {r["message"] for r in a.errors("middle")}),
]

DEPENDENCIES = [
    Effect("dependency.timeout", "services.middle.dependencies.back.timeout=200ms",
           fewer("ERR_504", "middle")),
    Effect("dependency.retries", "services.middle.dependencies.back.retries={max: 2}",
           lambda b, a: a.retries("middle") > b.retries("middle") == 0),
    Effect("dependency.fallback", "services.middle.dependencies.back.fallback=degrade",
           lambda b, a: len(a.errors("middle")) < 0.8 * len(b.errors("middle"))
           and any("back is not available" in r["message"] for r in a.spans("middle"))),
    Effect("retries.max", MIDDLE + ".retries.max=3",
           lambda b, a: max(a.attempts("middle")) == 4 > max(b.attempts("middle")) == 2,
           given=FLAKY + PATIENT),
    Effect("retries.backoff", MIDDLE + ".retries.backoff=150ms",
           lambda b, a: max(a.backoffs_ms("front")) > 100 > max(b.backoffs_ms("front"))),
    Effect("backoff.base", MIDDLE + ".retries.backoff.base=60ms",
           lambda b, a: min(b.backoffs_ms("front")) == 40 and min(a.backoffs_ms("front")) == 60,
           given=RETRYING),
    Effect("backoff.multiplier", MIDDLE + ".retries.backoff.multiplier=1",
           lambda b, a: set(a.backoffs_ms("front")) == {40}
           and set(b.backoffs_ms("front")) == {40, 80, 100}, given=RETRYING),
    Effect("backoff.max", MIDDLE + ".retries.backoff.max=300ms",
           lambda b, a: set(a.backoffs_ms("front")) == {40, 80, 160, 300}, given=RETRYING),
    Effect("backoff.jitter", MIDDLE + ".retries.backoff.jitter=full",
           lambda b, a: len(set(a.backoffs_ms("front"))) > 100 > max(a.backoffs_ms("front")),
           given=RETRYING),
]

DISTRIBUTIONS = [
    Effect("distribution.p50", BACK + ".p50=12ms", slower("back", 1.2), given=QUANTILES),
    Effect("distribution.p95", BACK + ".p95=9ms", faster("back", 0.99), given=QUANTILES),
    Effect("distribution.p99", BACK + ".p99=28ms", slower("back", 1.001), given=QUANTILES),
    Effect("distribution.max", BACK + ".max=21ms",
           lambda b, a: max(a.durations_ms("back")) <= 21 < max(b.durations_ms("back")) <= 30,
           given=QUANTILES),
    Effect("distribution.constant", BACK + ".constant=20ms",
           lambda b, a: a.median_ms("back") == 20 and b.median_ms("back") == 10,
           given=(BACK + "={constant: 10ms}",)),
    Effect("distribution.exponential", BACK + ".exponential=20ms", slower("back", 1.3),
           given=(BACK + "={exponential: 10ms}",)),
    Effect("distribution.lognormal", BACK + ".lognormal={p50: 20ms, sigma: 0.1}",
           slower("back", 1.3)),
    Effect("lognormal.p50", BACK + ".lognormal.p50=20ms", slower("back", 1.3)),
    Effect("lognormal.sigma", BACK + ".lognormal.sigma=0",
           lambda b, a: a.median_ms("back") == 10 and b.median_ms("back") != 10),
]

JOURNEYS = [
    Effect("journey.rate", "journeys.visit.rate=3/s",
           lambda b, a: len(a.spans("front")) < 0.4 * len(b.spans("front"))),
    Effect("journey.deadline", "journeys.visit.deadline=30ms", more("ERR_504", "front")),
    Effect("journey.entry", "journeys.visit.entry=middle",
           lambda b, a: a.paths() == {"visit/middle"},
           given=("journeys.visit.entry=front",)),
    Effect("call.service", "journeys.visit.entry.calls.0.service=back",
           lambda b, a: a.paths() == {"visit/front", "visit/front/back"},
           given=("services.front.dependencies.back={timeout: 50ms}",
                  "journeys.visit.entry={service: front, calls: [{service: middle}]}")),
    Effect("call.probability", "journeys.visit.entry.calls.0.probability=0.3",
           lambda b, a: len(a.spans("middle")) < 0.5 * len(b.spans("middle"))),
    Effect("call.calls", "journeys.visit.entry.calls.0.calls=[]",
           lambda b, a: not a.spans("back") and b.spans("back")),
]

FAULTS = [
    Effect("fault.kind", "faults.down.kind=error_rate",
           lambda b, a: a.failures("ERR_500", "back") > 100 and b.failures("ERR_503", "back") > 100
           and a.failures("ERR_503", "back") == b.failures("ERR_500", "back") == 0),
    Effect("fault.target", "faults.down.target=middle",
           lambda b, a: a.roots() == {"middle"} and b.roots() == {"back"}),
    Effect("fault.hosts", "faults.down.hosts=[2]",
           lambda b, a: a.refusing_hosts("back") == {"back-2"}
           and b.refusing_hosts("back") == {"back-1", "back-3"},
           given=("services.back.hosts=3",
                  "faults.down={kind: outage, target: back, at: 2m, for: 1m, hosts: [1, 3]}")),
    Effect("fault.at", "faults.down.at=3m",
           lambda b, a: a.caused()[0]["timestamp"].startswith("2025-01-06T12:03:0")
           and b.caused()[0]["timestamp"].startswith("2025-01-06T12:02:0")),
    Effect("fault.time_of_day", "faults.down.time_of_day=\"12:04\"",
           lambda b, a: a.caused()[0]["timestamp"].startswith("2025-01-06T12:04:0"),
           given=("faults.down={kind: outage, target: back, time_of_day: \"12:02\", for: 1m}",)),
    Effect("fault.for", "faults.down.for=20s",
           lambda b, a: a.failed_last("ERR_503") < "2025-01-06T12:02:25"
           < "2025-01-06T12:02:55" < b.failed_last("ERR_503")),
    Effect("fault.every", "faults.down.every=90s",
           lambda b, a: a.causes() == {"down/1", "down/2"} and b.causes() == {"down"}),
    Effect("fault.factor", "faults.down.factor=6",
           more("ERR_504"), given=SLOW),
    Effect("fault.rate", "faults.down.rate=0.1",
           lambda b, a: len(a.caused("back")) < 0.4 * len(b.caused("back"))),
    Effect("fault.code", "faults.down.code=ERR_507",
           lambda b, a: a.failures("ERR_507", "back") == b.failures("ERR_501", "back") > 100,
           given=ERROR),
]

BASICS = [*SCENARIO, *SERVICES, *DEPENDENCIES, *DISTRIBUTIONS, *JOURNEYS, *FAULTS]
