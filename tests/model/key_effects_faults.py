"""The effects of the keys of protection and of faults on the recording."""
from key_effects import BACK, FLAKY, MIDDLE, NARROW, Effect, fewer, more
from key_effects_traffic import BOTH, OTHER, both, busier, calmer

OUTAGE = ("faults.down={kind: outage, target: back, at: 2m, for: 1m}",)
CRASH = ("faults.down={kind: crash, target: back, at: 2m, for: 10s}",)
WARM = CRASH + ("services.back.warm_up={for: 20s, factor: 4}",)
HALF_OUT = ("services.back.hosts=2", "services.back.balancer=random",
            "faults.down={kind: outage, target: back, hosts: [1], at: 2m, for: 1m}")
HEALTH = "services.back.health_check"
CHECKED = HALF_OUT + (HEALTH + "={interval: 1s, unhealthy_after: 3, healthy_after: 2}",)
TO_BACK = "services.middle.dependencies.back"
BREAKING = OUTAGE + (TO_BACK + ".breaker={failure_rate: 0.5, window: 5s, calls_min: 5, open: 5s, "
                     "probes: 1}",)
HALF_BREAKING = BREAKING + ("faults.down.rate=0.4",)
STUCK = (BACK + "=100ms", TO_BACK + "={timeout: 40ms, propagate_deadline: false, cancel: false}",
         "services.back.concurrency=100")
BUSY = NARROW + (BACK + "={exponential: 60ms}", "services.back.queue=64", "faults={}",
                 TO_BACK + ".timeout=2s", MIDDLE + "={timeout: 3s}", "journeys.visit.deadline=4s")
LIMITED = BUSY + ("services.back.shedding={concurrency_limit: 6}",)
SHED = BUSY + ("services.back.shedding={queue_delay: 5ms, window: 200ms}",)
CONSUMED = "services.back.consumers"
ASYNC = ("faults={}", BACK + "={exponential: 100ms}", CONSUMED + "={count: 1, queue: 50}",
         TO_BACK + "={async: true}")
RANDOM = ("faults.down={kind: outage, target: back, mtbf: 20s, mttr: 5s}",)
DEPLOY = ("services.back.hosts=3", "services.back.balancer=random",
          "faults.down={kind: deploy, target: back, at: 1m, for: 3m, restart: 20s, pause: 10s, "
          "drain: 5s}")
SKEW = ("faults.down={kind: clock_skew, target: back, skew: 90s, at: 2m, for: 1m}",)
PARTITION = BOTH + ("faults.down={kind: partition, target: back, callers: [middle], at: 2m, "
                    "for: 1m}",)
SURGE = OTHER + ("faults.down={kind: surge, target: front, factor: 5, journeys: [visit], at: 2m, "
                 "for: 1m}",)


def rarer(start, end, most=0.7):
    """Back has fewer spans from `start` to `end`, in seconds, by a factor."""
    return lambda b, a: len(a.within("back", start, end)) < most * len(b.within("back", start, end))


def swapped(claim):
    return lambda b, a: claim(a, b)


def mean_within(start, end, least):
    """Back's spans of that time take longer, by a factor."""
    def mean(trace):
        return trace.mean_of(trace.within("back", start, end))
    return lambda b, a: mean(a) > least * mean(b)


HOSTS = [
    Effect("service.queue_timeout", "services.back.queue_timeout=5ms",
           lambda b, a: max(a.waits_ms("back")) < 6 < max(b.waits_ms("back")), given=NARROW),
    Effect("service.shedding", "services.back.shedding={concurrency_limit: 1}",
           lambda b, a: max(a.waits_ms("back")) == 0 < max(b.waits_ms("back")), given=NARROW),
    Effect("shedding.concurrency_limit", "services.back.shedding.concurrency_limit=2",
           lambda b, a: a.mean_wait_ms("back") < 0.8 * b.mean_wait_ms("back"), given=LIMITED),
    Effect("shedding.queue_delay", "services.back.shedding.queue_delay=10s",
           lambda b, a: len(a.errors("back")) < 0.5 * len(b.errors("back")), given=SHED),
    Effect("shedding.window", "services.back.shedding.window=10s",
           lambda b, a: len(a.errors("back")) < 0.5 * len(b.errors("back")), given=SHED),
    Effect("service.warm_up", "services.back.warm_up={for: 1m, factor: 4}",
           mean_within(130, 180, 1.5), given=CRASH),
    Effect("warm_up.for", "services.back.warm_up.for=150s", mean_within(160, 220, 1.5), given=WARM),
    Effect("warm_up.factor", "services.back.warm_up.factor=1",
           swapped(mean_within(131, 145, 1.5)), given=WARM),
    Effect("service.health_check", HEALTH + "={interval: 1s}", fewer("ERR_503", "back"),
           given=HALF_OUT),
    Effect("health_check.interval", HEALTH + ".interval=10s", more("ERR_503", "back"),
           given=CHECKED),
    Effect("health_check.unhealthy_after", HEALTH + ".unhealthy_after=20", more("ERR_503", "back"),
           given=CHECKED),
    Effect("health_check.healthy_after", HEALTH + ".healthy_after=40",
           lambda b, a: a.silence("back-1")[1] > b.silence("back-1")[1] + 30, given=CHECKED),
    Effect("service.time_limit", "services.back.time_limit=8ms",
           lambda b, a: max(a.all_ms("back")) <= 8 < max(b.all_ms("back"))),
    Effect("service.consumers", CONSUMED + "={count: 4}",
           lambda b, a: a.mean_wait_ms("back") < 0.3 * b.mean_wait_ms("back"), given=ASYNC),
    Effect("consumers.count", CONSUMED + ".count=4",
           lambda b, a: a.mean_wait_ms("back") < 0.3 * b.mean_wait_ms("back"), given=ASYNC),
    Effect("consumers.queue", CONSUMED + ".queue=1",
           lambda b, a: max(a.waits_ms("back")) < 0.5 * max(b.waits_ms("back")), given=ASYNC),
    Effect("consumers.deadline", CONSUMED + ".deadline=20ms", more("ERR_524", "back"),
           given=ASYNC),
]

CALLS = [
    Effect("dependency.breaker", TO_BACK + ".breaker={calls_min: 5}", rarer(120, 180),
           given=OUTAGE),
    Effect("breaker.failure_rate", TO_BACK + ".breaker.failure_rate=0.05", rarer(120, 180),
           given=HALF_BREAKING),
    Effect("breaker.window", TO_BACK + ".breaker.window=50ms", swapped(rarer(120, 180)),
           given=BREAKING),
    Effect("breaker.calls_min", TO_BACK + ".breaker.calls_min=10000", swapped(rarer(120, 180)),
           given=BREAKING),
    Effect("breaker.open", TO_BACK + ".breaker.open=50s", rarer(120, 180), given=BREAKING),
    Effect("breaker.probes", TO_BACK + ".breaker.probes=30", rarer(120, 180),
           given=HALF_BREAKING + (TO_BACK + ".breaker.failure_rate=0.2",)),
    Effect("dependency.propagate_deadline", TO_BACK + ".propagate_deadline=true",
           lambda b, a: max(a.all_ms("back")) < 50 < 90 < max(b.all_ms("back")), given=STUCK),
    Effect("dependency.cancel", TO_BACK + ".cancel=true",
           lambda b, a: max(a.all_ms("back")) < 60 < 90 < max(b.all_ms("back")), given=STUCK),
    Effect("dependency.async", TO_BACK + "={async: true}",
           lambda b, a: a.mean_ms("middle") < 0.8 * b.mean_ms("middle") and a.spans("back"),
           given=(CONSUMED + "={count: 4}",)),
    Effect("retries.budget_percent", MIDDLE + ".retries.budget_percent=2",
           lambda b, a: a.retries("front") < 0.3 * b.retries("front"), given=FLAKY),
]

FAULTS_IN_DEPTH = [
    Effect("fault.zones", "faults.down.zones=[us]",
           lambda b, a: a.refusing_hosts("back") == {"back-2"}
           and b.refusing_hosts("back") == {"back-1"},
           given=("services.back.hosts=2", "services.back.zones=[eu, us]",
                  "faults.down={kind: outage, target: back, at: 2m, for: 1m, zones: [eu]}")),
    Effect("fault.mtbf", "faults.down.mtbf=3m", lambda b, a: len(a.causes()) < len(b.causes()),
           given=RANDOM),
    Effect("fault.mttr", "faults.down.mttr=40s",
           lambda b, a: len(a.caused("back")) > 1.5 * len(b.caused("back")), given=RANDOM),
    Effect("fault.ramp", "faults.down.ramp=30s",
           lambda b, a: a.failures_within("ERR_503", 120, 130)
           < 0.5 * b.failures_within("ERR_503", 120, 130), given=OUTAGE),
    Effect("fault.callers", "faults.down.callers=[front]",
           lambda b, a: a.roots() == b.roots()
           and a.caused_dependencies("middle") < b.caused_dependencies("middle"),
           given=PARTITION),
    Effect("fault.journeys", "faults.down.journeys=[other]",
           lambda b, a: a.count("other/front") > 1.5 * b.count("other/front"), given=SURGE),
    Effect("fault.restart", "faults.down.restart=40s",
           lambda b, a: a.silence("back-1")[2] > b.silence("back-1")[2] + 15, given=DEPLOY),
    Effect("fault.pause", "faults.down.pause=30s",
           lambda b, a: a.silence("back-2")[0] > b.silence("back-2")[0] + 15, given=DEPLOY),
    Effect("fault.drain", "faults.down.drain=0s", more("ERR_504", "middle"), given=DEPLOY),
    Effect("fault.at_once", "faults.down.at_once=3",
           lambda b, a: a.silence("back-3")[0] < 75 < b.silence("back-3")[0], given=DEPLOY),
    Effect("fault.skew", "faults.down.skew=30s",
           lambda b, a: max(a.skews_s("back")) < 40 < 80 < max(b.skews_s("back")), given=SKEW),
    Effect("fault.direction", "faults.down.direction=behind",
           lambda b, a: min(a.skews_s("back")) < -80 and max(b.skews_s("back")) > 80, given=SKEW),
]

DEPTH = [*HOSTS, *CALLS, *FAULTS_IN_DEPTH]
