"""The effects of the keys of traffic and network on the recording: networks and zones, bursts,
journeys, clients, users."""
from key_effects import BACK, FLAKY, Effect, more, slower

FAR = "network.cross_zone=20ms"
ZONES = ("services.front.zones=[eu]", "services.middle.zones=[us]", "services.back.zones=[asia]")
LINK = (*ZONES, "network.links=[{between: [eu, us], latency: 20ms}]")
NOON = "traffic.bursts.noon"
BURST = (NOON + "={at: 1m, for: 1m, factor: 5}",)
CLOCK = (NOON + "={time_of_day: \"12:01\", for: 1m, factor: 5}",)
OTHER = ("journeys.other={rate: 6/s, deadline: 1s, entry: front}",)
CLIENT = "journeys.visit.client"
BOTH = ("services.front.dependencies.back={timeout: 60ms}",
        "journeys.visit.entry={service: front, calls: [{parallel: [{service: middle, calls: "
        "[back]}, back]}]}")
CROWD = "users.crowd"
USERS = ("journeys.visit.rate=0/s", "faults={}",
         "journeys.other={rate: 0/s, deadline: 1s, entry: back}",
         CROWD + "={count: 10, think_time: 1s, session: [{journey: visit}, {journey: other}]}")


def busier(start, end, least=2):
    """The front has more spans from `start` to `end`, in seconds, by a factor."""
    def spans(trace):
        return len(trace.within("front", start, end))
    return lambda b, a: spans(a) > least * spans(b)


def calmer(start, end):
    return lambda b, a: busier(start, end, 1.5)(a, b)


def both(*claims):
    return lambda b, a: all(claim(b, a) for claim in claims)


def farther(caller, callee, least_ms):
    """What a caller's spans take beyond their callee's grows."""
    def rest(trace):
        return trace.mean_ms(caller) - trace.mean_ms(callee)
    return lambda b, a: rest(a) > rest(b) + least_ms


NETWORK = [
    Effect("network.cross_zone", FAR, farther("front", "middle", 30), given=ZONES[:2]),
    Effect("network.links", "network.links=[{between: [eu, us], latency: 20ms}]",
           farther("front", "middle", 30), given=ZONES),
    Effect("link.between", "network.links.0.between=[asia, us]", farther("middle", "back", 10),
           given=(*LINK, "services.middle.dependencies.back.timeout=100ms")),
    Effect("link.latency", "network.links.0.latency=30ms", farther("front", "middle", 15),
           given=LINK),
    Effect("service.zones", "services.middle.zones=[us]", farther("front", "middle", 30),
           given=(FAR, "services.front.zones=[eu]", "services.middle.zones=[eu]")),
    Effect("service.prefer_own_zone", "services.middle.prefer_own_zone=true",
           lambda b, a: farther("front", "middle", 10)(a, b),
           given=(FAR, "services.front.zones=[eu, us]", "services.middle.zones=[eu, us]")),
    Effect("journey.zone", "journeys.visit.zone=us", more("ERR_504", "front"),
           given=("services.front.zones=[eu]", "services.far={service_time: 1ms, zones: [us]}",
                  "network.cross_zone=280ms")),
]

BURSTS = [
    Effect("traffic.bursts", "traffic.bursts={noon: {at: 1m, for: 1m, factor: 5}}",
           busier(60, 120), given=("traffic={bursts: {}}",)),
    Effect("burst.journeys", NOON + ".journeys=[other]", calmer(60, 120), given=OTHER + BURST),
    Effect("burst.at", NOON + ".at=3m", both(busier(180, 240), calmer(60, 120)), given=BURST),
    Effect("burst.time_of_day", NOON + ".time_of_day=\"12:03\"",
           both(busier(180, 240), calmer(60, 120)), given=CLOCK),
    Effect("burst.for", NOON + ".for=2m", busier(120, 180), given=BURST),
    Effect("burst.every", NOON + ".every=2m", busier(180, 240), given=BURST),
    Effect("burst.ramp", NOON + ".ramp=30s", calmer(60, 70), given=BURST),
    Effect("burst.factor", NOON + ".factor=15", busier(60, 120), given=BURST),
]

CLIENTS = [
    Effect("journey.client", CLIENT + "={patience: 20ms}",
           lambda b, a: max(a.all_ms("front")) < 40 < max(b.all_ms("front"))),
    Effect("client.patience", CLIENT + ".patience=20ms",
           lambda b, a: max(a.all_ms("front")) < 40 < max(b.all_ms("front")),
           given=(CLIENT + "={patience: 200ms}",)),
    Effect("client.cancel", CLIENT + ".cancel=false",
           lambda b, a: max(b.all_ms("front")) < 40 < max(a.all_ms("front")),
           given=(CLIENT + "={patience: 20ms}",)),
    Effect("client.retries", CLIENT + ".retries={max: 2}",
           lambda b, a: len(a.spans("front")) > len(b.spans("front")) + 50,
           given=FLAKY + (CLIENT + "={patience: 300ms}",)),
    Effect("client_retries.max", CLIENT + ".retries.max=5",
           lambda b, a: len(a.spans("front")) > len(b.spans("front")) + 50,
           given=FLAKY + (CLIENT + "={retries: {max: 1, backoff: 10ms}}",)),
    Effect("client_retries.backoff", CLIENT + ".retries.backoff={base: 4s, max: 5s}",
           lambda b, a: a.longest_pause_s("front") > 2 > b.longest_pause_s("front"),
           given=FLAKY + (CLIENT + "={retries: {max: 3, backoff: 10ms}}",)),
    Effect("group.parallel",
           "journeys.visit.entry.calls.0.parallel=[{service: middle, calls: [back]}, back, back]",
           lambda b, a: len(a.spans("back")) > 1.4 * len(b.spans("back"))
           and a.mean_ms("front") < 1.2 * b.mean_ms("front"), given=BOTH),
]

POPULATIONS = [
    Effect("scenario.users", "users={crowd: {count: 10, think_time: 1s, session: [visit]}}",
           lambda b, a: a.spans("front") and not b.spans("front"),
           given=("journeys.visit.rate=0/s",)),
    Effect("users.count", CROWD + ".count=30", busier(0, 300), given=USERS),
    Effect("users.think_time", CROWD + ".think_time=5s", calmer(0, 300), given=USERS),
    Effect("users.session_pause", CROWD + ".session_pause=10s", calmer(0, 300), given=USERS),
    Effect("users.session", CROWD + ".session=[other]",
           lambda b, a: a.paths() == {"other/back"} < b.paths(), given=USERS),
    Effect("step.journey", CROWD + ".session.0.journey=other",
           lambda b, a: a.paths() == {"other/back"} < b.paths(), given=USERS),
    Effect("step.probability", CROWD + ".session.0.probability=0.2",
           lambda b, a: a.share("visit/front") < 0.5 * b.share("visit/front"), given=USERS),
    Effect("step.times", CROWD + ".session.1.times=6",
           lambda b, a: a.share("visit/front") < 0.5 * b.share("visit/front"), given=USERS),
]


def mixed(second):
    """Back works for 5 ms, or as the second part says."""
    return (BACK + "={mixture: [{weight: 1, constant: 5ms}, {weight: 1, " + second + "}]}",)


QUANTILE_PART = mixed("p50: 8ms, p95: 15ms, p99: 20ms, max: 30ms")
PART = BACK + ".mixture.1"
MIXTURES = [
    Effect("distribution.mixture",
           BACK + ".mixture=[{weight: 1, constant: 5ms}, {weight: 1, constant: 30ms}]",
           slower("back", 2), given=mixed("constant: 8ms")),
    Effect("part.weight", PART + ".weight=9", slower("back", 1.3), given=mixed("constant: 30ms")),
    Effect("part.p50", PART + ".p50=14ms", slower("back", 1.1), given=QUANTILE_PART),
    Effect("part.p95", PART + ".p95=19ms", slower("back", 1.01), given=QUANTILE_PART),
    Effect("part.p99", PART + ".p99=29ms", slower("back", 1.001), given=QUANTILE_PART),
    Effect("part.max", PART + ".max=21ms",
           lambda b, a: max(a.durations_ms("back")) <= 21 < max(b.durations_ms("back")) <= 30,
           given=QUANTILE_PART),
    Effect("part.constant", PART + ".constant=20ms", slower("back", 1.5),
           given=mixed("constant: 8ms")),
    Effect("part.exponential", PART + ".exponential=20ms", slower("back", 1.3),
           given=mixed("exponential: 8ms")),
    Effect("part.lognormal", PART + ".lognormal={p50: 20ms, sigma: 0.1}", slower("back", 1.3),
           given=mixed("lognormal: {p50: 8ms, sigma: 0.1}")),
]

TRAFFIC = [*NETWORK, *BURSTS, *CLIENTS, *POPULATIONS, *MIXTURES]
