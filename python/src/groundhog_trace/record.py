"""A record: one line of a service's log, with everything that is known about it."""
import datetime
import json
from typing import NamedTuple

_EPOCH = datetime.datetime(1970, 1, 1)
_quoted = json.JSONEncoder(ensure_ascii=False).encode


class Truth(NamedTuple):
    """What no log line says: why the record is there, and which call wrote it."""
    # The fault that caused it, with the occurrence's number if the fault may return: a name of the
    # footer's `occurrences`. None: no fault.
    cause: str | None
    # The service where the effect began, and how many calls away from there this is.
    root: str | None
    hops: int | None
    # Another fault without which the record would not be there either.
    also: str | None
    # The call and the one that made it; the same step has the same number in every request.
    span: int | None
    parent_span: int | None
    # The place in the journey's call tree: "checkout/gateway-service/order-service".
    call_path: str | None
    # Of the call, from 1.
    attempt: int | None
    # Time spent waiting for a slot.
    queue_wait_ns: int
    # The error of the host's clock: > 0 early, < 0 late.
    clock_skew_ns: int
    # The message's template, and the values that were put into it and stored.
    template: str
    slots: tuple[int, ...]


class Record(NamedTuple):
    """One record, in the words of its log line; `truth` has the rest."""
    # True time from the scenario's start.
    time_ns: int
    # Unix time as the host's clock had it: what the line shows, in whole milliseconds.
    timestamp_ns: int
    service: str
    # "INFO", "WARN" or "ERROR".
    level: str
    host: str
    message: str
    duration_ns: int
    # The W3C trace id of the request: 32 hex digits.
    trace_id: str
    dependency: str | None
    # On ERROR and only there.
    error_code: str | None
    truth: Truth

    @property
    def latency_ms(self) -> int:
        """The duration in whole milliseconds, rounded down, as the line has it."""
        return self.duration_ns // 1_000_000

    def to_json(self, *, truth: bool = False) -> str:
        """The line of `groundhog cat`, or of `groundhog cat --truth`, without its line end."""
        pairs = [f'{{"service":{_quoted(self.service)}', f'"level":"{self.level}"',
                 f'"message":{_quoted(self.message)}', f'"timestamp":"{_shown(self.timestamp_ns)}"',
                 f'"latency_ms":{self.latency_ms}', f'"trace_id":"{self.trace_id}"']
        if self.dependency is not None:
            pairs.append(f'"dependency":{_quoted(self.dependency)}')
        if self.error_code is not None:
            pairs.append(f'"error_code":{_quoted(self.error_code)}')
        pairs.append(f'"hostname":{_quoted(self.host)}')
        if truth:
            pairs.append(f'"truth":{_truth_json(self.truth, self.duration_ns)}')
        return ",".join(pairs) + "}"


def _shown(unix_ns: int) -> str:
    moment = _EPOCH + datetime.timedelta(milliseconds=unix_ns // 1_000_000)
    return moment.isoformat(timespec="milliseconds") + "Z"


def _truth_json(truth: Truth, duration_ns: int) -> str:
    pairs = []
    if truth.cause is not None:
        pairs.append(f'"cause":{_quoted(truth.cause)}')
        if truth.root is not None:
            pairs.append(f'"root":{_quoted(truth.root)}')
        pairs.append(f'"hops":{truth.hops}')
        if truth.also is not None:
            pairs.append(f'"also":{_quoted(truth.also)}')
    if truth.span is not None:
        pairs.append(f'"span":"{truth.span:08x}"')
    if truth.parent_span is not None:
        pairs.append(f'"parent_span":"{truth.parent_span:08x}"')
    if truth.call_path is not None:
        pairs.append(f'"call_path":{_quoted(truth.call_path)}')
    if truth.attempt is not None:
        pairs.append(f'"attempt":{truth.attempt}')
    pairs += [f'"duration_ns":{duration_ns}', f'"queue_wait_ns":{truth.queue_wait_ns}']
    if truth.clock_skew_ns != 0:
        pairs.append(f'"clock_skew_ns":{truth.clock_skew_ns}')
    pairs += [f'"template":{_quoted(truth.template)}',
              f'"slots":[{",".join(map(str, truth.slots))}]']
    return "{" + ",".join(pairs) + "}"
