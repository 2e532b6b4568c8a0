"""The header of a trace: what was simulated, and every name that records refer to; and the footer,
which sums the records up. FORMAT.md, "Header" and "Footer"."""
import collections
import datetime
import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ._entries import opened_header
from ._integers import INT64_MAX, bounded
from ._templates import Template, message_bytes_max
from .errors import Unsound, UnsupportedVersion

# The newest that is read, and the oldest.
FORMAT_VERSION = 4
FORMAT_VERSION_MIN = 2
# Since this version there is an appendix, headers may be packed, and the index has columns.
APPENDIX_FORMAT_VERSION = 4
# Before version 4: of traces whose entities have key deltas.
KEYED_FORMAT_VERSION = 3
SCENARIO_BYTES_MAX = 16 << 20
NONE16 = 0xFFFF
FOREVER_NS = (1 << 63) - 1
ENTITIES_MAX = 1_000_000
FAULT_TIMES_MAX = 65_536
# Bounds of this reader's own, so that no small trace becomes large messages.
NAME_BYTES_MAX = 4096
MESSAGE_BYTES_MAX = 16 << 20
INDEX_MAX = OCCURRENCES_MAX = 65_536
HOST = 0
ENTITY_KINDS = ("host", "journey", "surge", "users")
TRUTH_METHODS = ("local", "exact")
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


@dataclass(frozen=True, slots=True)
class Service:
    """A service, and the names of the services that it may call."""
    name: str
    dependencies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entity:
    """A host, or where requests come from: a journey, a surge, a population of users."""
    name: str
    # "host", "journey", "surge" or "users".
    kind: str
    # A host's service; otherwise the one that requests enter, or None.
    service: str | None
    # Added to a chunk's key for the ids of its requests; not 0 only in merged traces.
    key_delta: int = 0

    def request_key(self, chunk_key: int) -> int:
        """What keys trace ids and order numbers of its requests, in a chunk with this key."""
        return (chunk_key + self.key_delta) % (1 << 64)


@dataclass(frozen=True, slots=True)
class Fault:
    """A scheduled disturbance. Times are nanoseconds from the start."""
    name: str
    # The scenario's word: "outage", "latency" and so on.
    kind: str
    # The name of what it hits.
    target: str
    first_start_ns: int
    duration_ns: int
    # After this it returns; 0: once.
    period_ns: int
    is_random: bool
    # Of a random fault: (start, end) of each occurrence.
    times_ns: tuple[tuple[int, int], ...]

    def occurrence_name(self, number: int) -> str:
        """The name of occurrence `number`, from 1: as `cause` has it."""
        return f"{self.name}/{number}" if self.is_random or self.period_ns else self.name


@dataclass(frozen=True, slots=True)
class Header:
    """What was simulated, and all names. Lists are in the order of the file's indices."""
    format_version: int
    program_version: str
    scenario_name: str
    # The complete YAML.
    scenario_text: str
    # What changed it: "PATH=VALUE", "--without NAME", "--scale N", in the order given.
    overrides: tuple[str, ...]
    seed: int
    trace_key: int
    # Time 0 of the records, in nanoseconds since 1970-01-01T00:00:00Z.
    start_unix_ns: int
    # As asked for; None: forever.
    duration_ns: int | None
    # All times of records are multiples of it.
    resolution_ns: int
    # How the causes of records were found: "local", by a rule; "exact", from the worlds without
    # each fault.
    truth_method: str
    services: tuple[Service, ...]
    entities: tuple[Entity, ...]
    call_paths: tuple[str, ...]
    templates: tuple[Template, ...]
    error_codes: tuple[str, ...]
    faults: tuple[Fault, ...]

    @property
    def start(self) -> datetime.datetime:
        """Time 0 in UTC, rounded down to microseconds, which is all that datetime has."""
        return _EPOCH + datetime.timedelta(microseconds=self.start_unix_ns // 1000)


@dataclass(frozen=True, slots=True)
class Totals:
    """Records by level."""
    info: int
    warn: int
    error: int


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time of a fault, as scheduled. Times are nanoseconds from the start."""
    fault: Fault
    # From 1.
    number: int
    start_ns: int
    end_ns: int

    @property
    def name(self) -> str:
        """With its number, if the fault may return: what `cause` says."""
        return self.fault.occurrence_name(self.number)


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """Where `chunks` neighbouring chunks begin, and what is in them."""
    offset: int
    first_time_ns: int
    first_position: int
    chunks: int
    totals: Totals
    # Of the last record; None: not known, as in a file of version 2 or 3.
    last_time_ns: int | None


@dataclass(frozen=True, slots=True)
class Footer:
    """The sum of a complete trace."""
    records: int
    chunks: int
    # Of the first and the last record; 0 when there is none.
    first_time_ns: int
    last_time_ns: int
    # The trace covers the time from 0 until here.
    end_time_ns: int
    # In the order of the header's services.
    totals: tuple[Totals, ...]
    occurrences: tuple[Occurrence, ...]
    index: tuple[IndexEntry, ...]
    # 32 hex digits, as `groundhog digest` prints.
    digest: str


def _check(is_right: bool, otherwise: str) -> None:
    if not is_right:
        raise Unsound(otherwise)


def _counted(values: Any, what: str, most: int = NONE16) -> Any:
    """The list, if it is not too long: elements of no size cost the file nothing."""
    _check(len(values) <= most, f"more than {most:,} {what}")
    return values


def _distinct(names: Iterable[str], what: str) -> None:
    name, times = next(iter(collections.Counter(names).most_common(1)), ("", 0))
    _check(times <= 1, f"two {what} are named '{name}'")


def _named(name: str, what: str) -> str:
    _check(name != "", f"a {what} without a name")
    _check(len(name.encode()) <= NAME_BYTES_MAX, f"a {what} with a name longer than 4 KiB")
    return name


def _services(listed: Any) -> tuple[Service, ...]:
    services = _counted(listed, "services")
    names = [_named(service.name, "service") for service in services]
    _distinct(names, "services")
    result = []
    for name, service in zip(names, services):
        dependencies = _counted(service.dependencies, "dependencies")
        _check(all(index < len(names) for index in dependencies),
               f"'{name}' depends on a service that is not in the catalogue")
        result.append(Service(name, tuple(names[index] for index in dependencies)))
    return tuple(result)


def _entities(header: Any, services: tuple[Service, ...]) -> tuple[Entity, ...]:
    is_keyed = header.which() == "keyedEntities"
    _check(header.formatVersion >= APPENDIX_FORMAT_VERSION
           or is_keyed == (header.formatVersion == KEYED_FORMAT_VERSION),
           f"its hosts and traffic sources are not listed as in version {header.formatVersion}")
    listed = _counted(header.keyedEntities.entities if is_keyed else header.entities,
                      "hosts and traffic sources", ENTITIES_MAX)
    key_deltas = header.keyedEntities.keyDeltas if is_keyed else [0] * len(listed)
    _check(not is_keyed or len(key_deltas) == len(listed),
           "not one key delta for each host and traffic source")
    result = []
    for entity, key_delta in zip(listed, key_deltas):
        name, service = _named(entity.name, "host or traffic source"), entity.service
        _check(entity.kind < len(ENTITY_KINDS), f"'{name}' is of an unknown kind")
        _check(service < len(services) or (entity.kind != HOST and service == NONE16),
               f"'{name}' has a service that is not in the catalogue")
        result.append(Entity(name, ENTITY_KINDS[entity.kind],
                             None if service == NONE16 else services[service].name, key_delta))
    identities = collections.Counter((one.kind, one.name, one.key_delta) for one in result)
    (_, name, _), times = next(iter(identities.most_common(1)), (("", "", 0), 0))
    _check(times <= 1, f"two hosts or traffic sources are named '{name}' and have the same key")
    return tuple(result)


def _call_paths(listed: Any) -> tuple[str, ...]:
    paths = tuple(_counted(listed, "call paths"))
    _check("" not in paths, "a call path without a name")
    return paths


def _check_times(times: tuple[tuple[int, int], ...], name: str) -> None:
    before_start, before_end = -1, 0
    for start, end in times:
        _check(start > before_start and start >= before_end and end >= start,
               f"fault '{name}' has times that overlap or run back")
        before_start, before_end = start, end


def _fault(fault: Any) -> Fault:
    name = _named(fault.name, "fault")
    starts = _counted(fault.starts, "occurrences", FAULT_TIMES_MAX)
    _check(len(starts) == len(fault.ends), f"fault '{name}' has not as many ends as starts")
    scheduled = (fault.firstStart, fault.duration, fault.period)
    _check(min(scheduled) >= 0, f"fault '{name}' has a negative time")
    if fault.random:
        _check(scheduled == (0, 0, 0), f"fault '{name}' is both random and scheduled")
    else:
        _check(len(starts) == 0, f"fault '{name}' has times and is not random")
    times = tuple(zip(starts, fault.ends))
    _check_times(times, name)
    return Fault(name, fault.kind, fault.target, *scheduled, fault.random, times)


def _faults(listed: Any) -> tuple[Fault, ...]:
    result, times = [], 0
    for fault in _counted(listed, "faults"):
        times += len(fault.starts)
        _check(times <= FAULT_TIMES_MAX, "random faults with more than 65,536 occurrences in all")
        result.append(_fault(fault))
    _distinct((fault.name for fault in result), "faults")
    return tuple(result)


def longest_name_bytes(header: Header) -> int:
    """Of the names that messages may show; "none" among them."""
    names = (*(one.name for one in header.services), *(one.name for one in header.entities),
             *header.error_codes, "none")
    return max(len(name.encode()) for name in names)


def _check_messages(header: Header) -> None:
    longest = longest_name_bytes(header)
    _check(all(message_bytes_max(one, longest) <= MESSAGE_BYTES_MAX for one in header.templates),
           "a template whose messages may be longer than 16 MiB")


def check_version(version: int) -> None:
    """Refuses a version that this package does not read."""
    _check(version != 0, "the format has no version")
    if version > FORMAT_VERSION:
        raise UnsupportedVersion(f"its format is version {version}, this package reads up to "
                                 f"{FORMAT_VERSION}; use a newer groundhog-trace", version)
    if version < FORMAT_VERSION_MIN:
        raise UnsupportedVersion(f"its format is version {version}, this package reads from "
                                 f"{FORMAT_VERSION_MIN} on; record it again", version)


def read_header(header: Any) -> Header:
    """The header of a Cap'n Proto message, checked."""
    check_version(header.formatVersion)
    _check(len(header.zstd) == 0 or header.formatVersion >= APPENDIX_FORMAT_VERSION,
           "a header of its version is plain")
    with opened_header(header) as plain:
        return _read_plain(plain)


def _read_plain(header: Any) -> Header:
    scenario_text = header.scenarioText
    _check(len(scenario_text.encode()) <= SCENARIO_BYTES_MAX,
           "the scenario's text is longer than 16 MiB")
    resolution = header.resolutionNanoseconds
    _check(resolution in [10**power for power in range(7)],
           "a resolution that is no power of ten from 1 ns to 1 ms")
    _check(header.durationNanoseconds >= 0, "a negative duration")
    _check(header.truthMethod < len(TRUTH_METHODS), "an unknown way to find causes")
    services = _services(header.services)
    error_codes = tuple(_named(code, "error code")
                        for code in _counted(header.errorCodes, "error codes"))
    _distinct(error_codes, "error codes")
    result = Header(
        format_version=header.formatVersion,
        program_version=header.programVersion,
        scenario_name=header.scenarioName,
        scenario_text=scenario_text,
        overrides=tuple(_counted(header.overrides, "overrides")),
        seed=header.seed,
        trace_key=header.traceKey,
        start_unix_ns=header.startUnixNanoseconds,
        duration_ns=(None if header.durationNanoseconds == FOREVER_NS
                     else header.durationNanoseconds),
        resolution_ns=resolution,
        truth_method=TRUTH_METHODS[header.truthMethod],
        services=services,
        entities=_entities(header, services),
        call_paths=_call_paths(header.callPaths),
        templates=tuple(Template.checked(one.text, _counted(one.slots, "slots"))
                        for one in _counted(header.templates, "templates")),
        error_codes=error_codes,
        faults=_faults(header.faults))
    _check_messages(result)
    return result


def _totals(counts: Any) -> Totals:
    return Totals(counts.info, counts.warn, counts.error)


def _older_index(listed: Any) -> tuple[IndexEntry, ...]:
    return tuple(IndexEntry(one.offset, one.firstTime, one.firstPosition, one.chunks, _totals(one),
                            None)
                 for one in _counted(listed, "index entries", INDEX_MAX))


def _read_index(columns: Any, resolution_ns: int) -> tuple[IndexEntry, ...]:
    count = columns.count
    _check(count <= INDEX_MAX, f"more than {INDEX_MAX:,} index entries")

    def column(name: str, unit: int = 1) -> list[int]:
        values: list[int] = bounded(getattr(columns, name), count, INT64_MAX // unit,
                                    f"index.{name}").tolist()
        return [value * unit for value in values]

    offsets = list(itertools.accumulate(column("offset")))
    # No step runs back, so the last sum is the largest.
    _check(max(offsets[-1:], default=0) <= INT64_MAX, "the index is not in order")
    first_times = list(itertools.accumulate(column("firstTime", resolution_ns)))
    totals = [Totals(*counts) for counts in zip(column("info"), column("warn"), column("error"))]
    positions = list(
        itertools.accumulate((one.info + one.warn + one.error for one in totals), initial=0))
    _check(positions[-1] < 1 << 64, "the index counts more than 2^64 records")
    last_times = [first + span for first, span in zip(first_times, column("span", resolution_ns))]
    _check(max(last_times, default=0) <= INT64_MAX, "a time of the index is beyond all time")
    return tuple(itertools.starmap(
        IndexEntry, zip(offsets, first_times, positions, column("chunks"), totals, last_times)))


def _index(footer: Any, header: Header) -> tuple[IndexEntry, ...]:
    index = (_read_index(footer.chunkIndex, header.resolution_ns)
             if header.format_version >= APPENDIX_FORMAT_VERSION else _older_index(footer.index))
    for before, entry in zip(index, index[1:]):
        _check(entry.offset > before.offset and entry.first_position > before.first_position
               and entry.first_time_ns >= before.first_time_ns, "the index is not in order")
    return index


def _occurrences(listed: Any, faults: tuple[Fault, ...]) -> tuple[Occurrence, ...]:
    result = []
    for one in _counted(listed, "occurrences", OCCURRENCES_MAX):
        _check(one.fault < len(faults), "an occurrence's fault is not in the catalogue")
        result.append(Occurrence(faults[one.fault], one.number, one.start, one.end))
    return tuple(result)


def read_footer(footer: Any, header: Header) -> Footer:
    """The footer of a Cap'n Proto message, checked, whose header has been read before."""
    _check(len(footer.totals) == len(header.services),
           "the totals are not those of the catalogue's services")
    digest = footer.digest
    _check(len(digest) == 16, "the digest is not 16 bytes long")
    return Footer(footer.records, footer.chunks, footer.firstTime, footer.lastTime, footer.endTime,
                  tuple(map(_totals, footer.totals)),
                  _occurrences(footer.occurrences, header.faults), _index(footer, header),
                  digest.hex())
