"""A second reader of the trace format, written from traces/FORMAT.md: frames, checksums, columns,
trace ids, JSON lines and digest. It shares only the schema with the program, so that tests compare
the page with the program. Slow, and strict."""
import collections
import contextlib
import datetime
import os
import struct

import capnp
import xxhash
import zstandard

ROOT = os.environ["GROUNDHOG_SOURCE_DIR"]
SCHEMA = capnp.load(os.path.join(ROOT, "traces/trace.capnp"), imports=["/usr/include"])
MARKER = b"\x89GHOG\r\n\x1a"
NONE16 = 0xFFFF
KINDS = ["host", "journey", "surge", "users"]
LEVELS = ["INFO", "WARN", "ERROR"]
INDEX_COLUMNS = ("offset", "firstTime", "span", "chunks", "info", "warn", "error")
LIMITS = {"traversal_limit_in_words": 1 << 24}

Record = collections.namedtuple("Record", (
    "time host service level source ordinal span parent_span call_path attempt duration queue_wait "
    "clock_skew dependency error_code message slots fault root occurrence hops also "
    "trace_key").split())
Extent = collections.namedtuple("Extent", "offset size")


def signed64(value):
    value %= 1 << 64
    return value - (1 << 64) if value >> 63 else value


class Trace:
    """The whole trace in `data`; asserts every rule of FORMAT.md."""

    def __init__(self, data):
        self.entries = []  # (extent, entry)
        self.open_messages = contextlib.ExitStack()
        offset = 0
        while offset < len(data):
            extent, entry = self.read_entry(data, offset)
            self.entries.append((extent, entry))
            offset += extent.size
        kinds = [entry.which() for _, entry in self.entries]
        self.header = self.opened_header(self.entries[0][1].header)
        self.footer = self.entries[-2][1].footer
        self.version = self.header.formatVersion
        end = {2: [], 3: [], 4: ["appendix"]}[self.version] + ["footer", "trailer"]
        chunks = len(kinds) - 1 - len(end)
        assert kinds == ["header"] + ["chunk"] * chunks + end, kinds
        self.unit = self.header.resolutionNanoseconds
        assert self.unit in [10**n for n in range(7)]
        assert self.header.truthMethod in (0, 1)
        self.load_catalogue()
        self.appendix = self.entries[-3][1].appendix if self.version == 4 else None
        self.chunk_entries = self.entries[1:chunks + 1]
        self.chunk_records = [self.decode_chunk(entry.chunk) for _, entry in self.chunk_entries]
        self.records = [record for chunk in self.chunk_records for record in chunk]
        self.check_end()

    def read_entry(self, data, offset):
        segments_less_one, words = struct.unpack_from("<II", data, offset)
        assert segments_less_one == 0
        size = 8 + 8 * words
        entry = data[offset:offset + size]
        assert len(entry) == size, "cut short"
        assert entry[16:24] == MARKER
        checksum, = struct.unpack_from("<Q", entry, 24)
        assert xxhash.xxh3_64_intdigest(entry[:24] + bytes(8) + entry[32:]) == checksum
        return Extent(offset, size), self.open(SCHEMA.Entry, entry)

    def open(self, kind, message):
        return self.open_messages.enter_context(kind.from_bytes(message, **LIMITS))

    def opened_header(self, header):
        if len(header.zstd) == 0:
            return header
        inner = self.open(SCHEMA.Header, zstandard.ZstdDecompressor().decompress(header.zstd))
        assert inner.formatVersion == header.formatVersion == 4
        return inner

    def load_catalogue(self):
        header = self.header
        self.services = [service.name for service in header.services]
        is_keyed = header.which() == "keyedEntities"
        assert header.formatVersion == 4 or is_keyed == (header.formatVersion == 3)
        entities = header.keyedEntities.entities if is_keyed else header.entities
        self.entities = [(entity.kind, entity.name, entity.service) for entity in entities]
        self.key_deltas = [0] * len(entities)
        if is_keyed:
            self.key_deltas = list(header.keyedEntities.keyDeltas)
            assert len(self.key_deltas) == len(entities) and any(self.key_deltas)
        identities = {(kind, name, delta)
                      for (kind, name, _), delta in zip(self.entities, self.key_deltas)}
        assert len(identities) == len(entities)
        self.paths = list(header.callPaths)
        self.templates = [(one.text, list(one.slots)) for one in header.templates]
        self.codes = list(header.errorCodes)
        self.faults = list(header.faults)
        self.hosts_of = [[i for i, (kind, _, service) in enumerate(self.entities)
                          if kind == 0 and service == s] for s in range(len(self.services))]

    # --- Columns

    def columns_of(self, chunk, kind=SCHEMA.Columns):
        """Of a chunk, or of a rollup."""
        which = chunk.columns.which()
        if which == "plain":
            return chunk.columns.plain
        if which == "packed":
            return kind.from_bytes_packed(chunk.columns.packed, **LIMITS)
        message = zstandard.ZstdDecompressor().decompress(chunk.columns.zstd)
        return self.open(kind, message)

    @staticmethod
    def integers(column, count):
        planes = list(column.planes)
        assert len(planes) <= 8 and all(len(plane) == count for plane in planes)
        return [signed64(column.base + sum(plane[i] << (8 * k) for k, plane in enumerate(planes)))
                for i in range(count)]

    def table(self, rows, *names):
        columns = [self.integers(getattr(rows, name), rows.count) for name in names]
        return list(zip(*columns))

    def request_table(self, rows):
        ordinal_before = collections.defaultdict(int)
        requests = []
        for source, delta in self.table(rows, "source", "ordinalDelta"):
            bits = delta % (1 << 64)
            step = (bits >> 1) ^ -(bits & 1)
            ordinal_before[source] = (ordinal_before[source] + step) % (1 << 64)
            requests.append((source, ordinal_before[source]))
        return requests

    def places(self, columns, count, requests, shapes):
        """By record: its row of `requests`, its row of `shapes`, its message and its host."""
        columns = (self.integers(columns.requestAge, count), self.integers(columns.shape, count),
                   self.integers(columns.pick, count))
        places, begun = [], 0
        for age, shape, pick in zip(*columns):
            assert -1 <= age < begun and pick >= 0
            begun += age == -1
            _, service, _, message, messages = shapes[shape][:5]
            bits = (messages - 1).bit_length()
            chosen = pick & ((1 << bits) - 1)
            assert chosen < messages
            places.append((begun - 1 - max(age, 0), shape, message + chosen,
                           self.hosts_of[service][pick >> bits]))
        assert begun == len(requests)
        return places

    def stored_kinds(self, message):
        return [kind for kind in self.templates[message][1] if kind < 32 or kind >= 64]

    def slot_values(self, columns, places):
        """By record: the stored slots' values in the template's order."""
        counts = collections.Counter(message for _, _, message, _ in places)
        where = [[] for _ in range(6)]  # by kind: (template, slot), as often as it has values
        for message in range(len(self.templates)):
            for slot, kind in enumerate(self.stored_kinds(message)):
                if kind < 32:
                    where[kind] += [(message, slot)] * counts[message]
        values = collections.defaultdict(collections.deque)
        for kind in range(6):
            column = self.integers(columns.slots[kind], len(where[kind]))
            for place, value in zip(where[kind], column):
                values[place].append(value * self.unit if kind == 1 else value)
        fields = self.request_fields(columns.requests.fields, places)
        for row, _, message, _ in places:
            yield tuple(values[message, slot].popleft() if kind < 32 else
                        fields[row, (kind - 64) // 8]
                        for slot, kind in enumerate(self.stored_kinds(message)))

    def request_fields(self, columns, places):
        """{(row, field): value}"""
        known = {(kind - 64) // 8 for _, kinds in self.templates for kind in kinds if kind >= 64}
        assert len(columns) == max(known, default=-1) + 1
        values = {}
        for field, column in enumerate(columns):
            rows = dict.fromkeys(row for row, _, message, _ in places
                                 if any((kind - 64) // 8 == field
                                        for kind in self.stored_kinds(message) if kind >= 64))
            for row, value in zip(rows, self.integers(column, len(rows))):
                values[row, field] = value
        return values

    def grouped(self, columns, groups):
        """By record: the next value of the column of its group."""
        counts = collections.Counter(groups)
        assert 1 <= len(columns) <= 8 and all(group < len(columns) for group in counts)
        values = [iter(self.integers(column, counts[i])) for i, column in enumerate(columns)]
        return [next(values[group]) for group in groups]

    def decode_chunk(self, chunk):
        columns, count, unit = self.columns_of(chunk), chunk.count, self.unit
        assert chunk.firstTime % unit == 0
        requests = self.request_table(columns.requests)
        steps = self.table(columns.steps, "callPath", "span", "parentSpan", "attempt")
        truths = self.table(columns.truths, "fault", "root", "occurrence", "hops",
                            "also")
        shapes = self.table(columns.shapes, "step", "service", "level", "message", "messageCount",
                            "dependency", "errorCode", "truth", "waited", "timeGroup",
                            "durationGroup")
        places = self.places(columns, count, requests, shapes)
        of_record = [shapes[shape] for _, shape, _, _ in places]
        deltas = self.grouped(columns.timeDelta, [shape[9] for shape in of_record])
        durations = self.grouped(columns.duration, [shape[10] for shape in of_record])
        waits = iter(self.integers(columns.queueWait, sum(shape[8] for shape in of_record)))
        slots = self.slot_values(columns, places)
        skews = self.integers(columns.clockSkew, count)
        assert all(abs(skew * unit) <= 86_400 * 10**9 for skew in skews)
        assert deltas[0] == 0
        records, time = [], chunk.firstTime
        for i, (row, _, message, host) in enumerate(places):
            step, service, level, _, _, dependency, error_code, truth, waited, _, _ = of_record[i]
            time += deltas[i] * unit
            source, ordinal = requests[row]
            path, span, parent, attempt = steps[step]
            fault, root, occurrence, hops, also = truths[truth]
            also = also - 1 if also else NONE16
            records.append(Record(
                time, host, service, level, source, ordinal, span, parent, path, attempt,
                durations[i] * unit, next(waits) * unit if waited else 0, skews[i] * unit,
                dependency, error_code, message, next(slots), fault, root, occurrence, hops,
                also, (chunk.traceKey + self.key_deltas[source]) % (1 << 64)))
        assert time == chunk.lastTime
        return records

    # --- Trace ids and lines

    def trace_id(self, record):
        kind, name, _ = self.entities[record.source]
        text = f"{KINDS[kind]}:{name}".encode() + struct.pack("<Q", record.ordinal)
        value = xxhash.xxh3_128_intdigest(text, seed=record.trace_key) or 1
        return f"{value:032x}"

    def order_number(self, record):
        kind, name, _ = self.entities[record.source]
        start = xxhash.xxh3_64_intdigest(f"{KINDS[kind]}:{name}".encode())
        number = (start + record.trace_key + record.ordinal * 15_614_961_330_584_597) % (1 << 56)
        return f"{number:017}"[:3] + "-" + f"{number:017}"[3:10] + "-" + f"{number:017}"[10:]

    def slot_text(self, kind, value, record):
        kind = kind % 8 if kind >= 64 else kind
        name_of = lambda names, i: "none" if i == NONE16 else names[i]
        if kind == 2:
            sign = "-" if value < 0 else ""
            return f"{sign}{abs(value) // 100}.{abs(value) % 100:02}"
        towards_zero = lambda ns: abs(ns) // 1_000_000 * (-1 if ns < 0 else 1)
        return {
            0: lambda: str(value),
            1: lambda: str(towards_zero(value)),
            3: lambda: f"{value * 2654435761 % (1 << 32):08x}",
            4: lambda: self.services[value],
            5: lambda: self.entities[value][1],
            32: lambda: str(record.duration // 1_000_000),
            33: lambda: str(record.queue_wait // 1_000_000),
            34: lambda: name_of(self.services, record.dependency),
            35: lambda: str(record.attempt),
            36: lambda: name_of(self.codes, record.error_code),
            37: lambda: self.services[record.service],
            38: lambda: self.entities[record.host][1],
            39: lambda: str(record.ordinal),
            40: lambda: self.order_number(record),
        }[kind]()

    def message(self, record):
        text, kinds = self.templates[record.message]
        stored, kinds, out, i = iter(record.slots), iter(kinds), "", 0
        while i < len(text):
            pair = text[i:i + 2]
            if pair == "{}":
                kind = next(kinds)
                is_stored = kind < 32 or kind >= 64
                out += self.slot_text(kind, next(stored) if is_stored else None, record)
            else:
                out += text[i]
            i += 2 if pair in ("{}", "{{", "}}") else 1
        return out

    @staticmethod
    def quoted(text):
        short = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r",
                 "\t": "\\t"}
        return '"' + "".join(short.get(c) or (f"\\u{ord(c):04x}" if c < " " else c)
                             for c in text) + '"'

    def line(self, record, with_truth=False):
        shown = self.header.startUnixNanoseconds + record.time + record.clock_skew
        unix_ms = shown // 1_000_000
        moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=unix_ms)
        pairs = [("service", self.quoted(self.services[record.service])),
                 ("level", self.quoted(LEVELS[record.level])),
                 ("message", self.quoted(self.message(record))),
                 ("timestamp", self.quoted(f"{moment:%Y-%m-%dT%H:%M:%S}.{unix_ms % 1000:03}Z")),
                 ("latency_ms", str(record.duration // 1_000_000)),
                 ("trace_id", self.quoted(self.trace_id(record)))]
        if record.dependency != NONE16:
            pairs.append(("dependency", self.quoted(self.services[record.dependency])))
        if record.error_code != NONE16:
            pairs.append(("error_code", self.quoted(self.codes[record.error_code])))
        pairs.append(("hostname", self.quoted(self.entities[record.host][1])))
        if with_truth:
            pairs.append(("truth", self.truth(record)))
        return self.object(pairs)

    @staticmethod
    def object(pairs):
        return "{" + ",".join(f'"{key}":{value}' for key, value in pairs) + "}"

    def truth(self, record):
        pairs = []
        if record.fault != NONE16:
            fault = self.faults[record.fault]
            number = f"/{record.occurrence}" if fault.period or fault.random else ""
            pairs.append(("cause", self.quoted(fault.name + number)))
            if record.root != NONE16:
                pairs.append(("root", self.quoted(self.services[record.root])))
            pairs.append(("hops", str(record.hops)))
            if record.also != NONE16:
                pairs.append(("also", self.quoted(self.faults[record.also].name)))
        if record.span:
            pairs.append(("span", f'"{record.span:08x}"'))
        if record.parent_span:
            pairs.append(("parent_span", f'"{record.parent_span:08x}"'))
        if record.call_path != NONE16:
            pairs.append(("call_path", self.quoted(self.paths[record.call_path])))
        if record.attempt:
            pairs.append(("attempt", str(record.attempt)))
        pairs += [("duration_ns", str(record.duration)),
                  ("queue_wait_ns", str(record.queue_wait))]
        if record.clock_skew:
            pairs.append(("clock_skew_ns", str(record.clock_skew)))
        pairs += [("template", self.quoted(self.templates[record.message][0])),
                  ("slots", "[" + ",".join(map(str, record.slots)) + "]")]
        return self.object(pairs)

    # --- Digest

    def encoded_catalogue(self):
        text = lambda s: struct.pack("<I", len(s.encode())) + s.encode()
        many = lambda items: struct.pack("<I", len(items)) + b"".join(items)
        header = self.header
        return b"".join((
            struct.pack("<q", header.startUnixNanoseconds),
            many([text(s.name) + many([struct.pack("<H", d) for d in s.dependencies])
                  for s in header.services]),
            many([text(name) + struct.pack("<BH", kind, service)
                  for kind, name, service in self.entities]),
            many([text(path) for path in header.callPaths]),
            many([text(t.text) + many([bytes([kind]) for kind in t.slots])
                  for t in header.templates]),
            many([text(code) for code in header.errorCodes]),
            many([text(f.name) + text(f.kind) + text(f.target) +
                  struct.pack("<qqq", f.firstStart, f.duration, f.period)
                  for f in header.faults]),
            *(struct.pack("<HI", i, len(f.starts)) +
              b"".join(struct.pack("<qq", *pair) for pair in zip(f.starts, f.ends))
              for i, f in enumerate(header.faults) if f.random)))

    @staticmethod
    def row(r):
        return struct.pack("<qQQqqIIIIIHHHHHHHBBHH", r.time, r.trace_key, r.ordinal, r.duration,
                           r.queue_wait, r.host, r.source, r.span, r.parent_span, r.occurrence,
                           r.call_path, r.attempt, r.dependency, r.error_code, r.message, r.fault,
                           r.root, r.hops, r.level, r.service,
                           len(r.slots) + (256 if r.clock_skew else 0) +
                           (512 if r.also != NONE16 else 0)) + struct.pack(
                               f"<{len(r.slots)}q", *r.slots) + (
                                   struct.pack("<q", r.clock_skew) if r.clock_skew else b""
                               ) + (struct.pack("<Q", r.also) if r.also != NONE16 else b"")

    def digest(self, block_records=65_536):
        outer = xxhash.xxh3_128(b"groundhog trace digest 1\n")
        outer.update(xxhash.xxh3_128_digest(self.encoded_catalogue()))
        for begin in range(0, len(self.records), block_records):
            rows = map(self.row, self.records[begin:begin + block_records])
            outer.update(xxhash.xxh3_128_digest(b"".join(rows)))
        outer.update(struct.pack("<Q", len(self.records)))
        return outer.hexdigest()

    # --- Footer and trailer

    def occurrences(self):
        end = self.footer.endTime
        found = []
        for number, fault in enumerate(self.faults):
            if fault.random:
                assert fault.firstStart == fault.duration == fault.period == 0
                pairs = list(zip(fault.starts, fault.ends, strict=True))
                assert all(a[1] <= b[0] and a[0] < b[0] for a, b in zip(pairs, pairs[1:]))
                found += [(start, number, count + 1, until)
                          for count, (start, until) in enumerate(pairs) if start < end]
                continue
            assert not len(fault.starts) and not len(fault.ends)
            start, count = fault.firstStart, 1
            while start < end and count <= 65_536:
                found.append((start, number, count, start + fault.duration))
                if fault.period == 0:
                    break
                start, count = start + fault.period, count + 1
        return sorted(found)[:65_536]

    @staticmethod
    def latency_bin(duration):
        """And how much the latency is above the bin's least one."""
        value = duration // 1_000_000
        shift = max(value.bit_length() - 3, 0)
        return 4 * shift + (value >> shift), value % (1 << shift)

    def counted(self, minutes):
        """The rollup as it should be: {(interval, service, dependency, level): {bin: records}},
        and the same for the sums of what is above the bins."""
        cells, rests = collections.defaultdict(collections.Counter), collections.Counter()
        for r in self.records:
            place = (r.time // (minutes * 60 * 10**9), r.service, r.dependency, r.level)
            number, above = self.latency_bin(r.duration)
            cells[place][number] += 1
            rests[place] += above
        return cells, rests

    def check_rollup(self):
        rollup = (self.appendix or self.footer).rollup
        columns = self.columns_of(rollup, SCHEMA.RollupColumns)
        keys = self.table(columns.keys, "service", "dependency", "level")
        assert keys == sorted(set(keys))
        found, rests = {}, {}
        cells = iter(self.table(columns.cells, "keyStep", "bins", "firstBin", "rest"))
        steps = iter(self.integers(columns.bins.step, columns.bins.count - columns.cells.count))
        records = iter(self.integers(columns.bins.records, columns.bins.count))
        interval = -1
        for interval_step, count in self.table(columns.intervals, "step", "cells"):
            assert interval_step >= 1 and count >= 1
            interval, key = interval + interval_step, -1
            for _ in range(count):
                key_step, bins, number, rest = next(cells)
                assert key_step >= 1
                key += key_step
                found[interval, *keys[key]] = counts = {number: next(records)}
                rests[interval, *keys[key]] = rest
                for _ in range(bins - 1):
                    number += next(steps)
                    counts[number] = next(records)
        assert [next(left, None) for left in (cells, steps, records)] == [None] * 3
        assert rollup.minutes == 1 and len(found) <= 65_536  # not so many that they are joined
        assert (found, rests) == self.counted(rollup.minutes)

    def index_rows(self):
        """(offset, first time, last time or None, position, chunks, [info, warn, error])"""
        if self.version < 4:
            return [(row.offset, row.firstTime, None, row.firstPosition, row.chunks,
                     [row.info, row.warn, row.error]) for row in self.footer.index]
        rows, offset, time, position = [], 0, 0, 0
        for step, time_step, span, *rest in self.table(self.footer.chunkIndex, *INDEX_COLUMNS):
            offset, time = offset + step, time + time_step * self.unit
            rows.append((offset, time, time + span * self.unit, position, rest[0], rest[1:]))
            position += sum(rest[1:])
        return rows

    def check_copies(self):
        repeated = (self.appendix or self.footer).header
        assert self.opened_header(repeated).to_dict() == self.header.to_dict()
        if self.appendix:
            assert self.appendix.headerChecksum == self.entries[0][1].checksum
            assert self.footer.headerChecksum == self.entries[0][1].checksum
            assert self.footer.appendixOffset == self.entries[-3][0].offset

    def check_end(self):
        self.check_copies()
        self.check_rollup()
        footer, records = self.footer, self.records
        assert footer.records == len(records) and footer.chunks == len(self.chunk_records)
        if records:
            assert (footer.firstTime, footer.lastTime) == (records[0].time, records[-1].time)
            assert footer.endTime > footer.lastTime
        totals = [[0, 0, 0] for _ in self.services]
        position = 0
        rows = self.index_rows()  # not so many that it is thinned
        assert len(rows) == len(self.chunk_records)
        for i, chunk in enumerate(self.chunk_records):
            extent, entry = self.chunk_entries[i]
            counts = collections.Counter(record.level for record in chunk)
            last, levels = chunk[-1].time if self.appendix else None, [counts[k] for k in range(3)]
            assert rows[i] == (extent.offset, chunk[0].time, last, position, 1, levels)
            assert (entry.chunk.firstPosition, entry.chunk.firstTime) == (position, chunk[0].time)
            assert chunk[-1].time - chunk[0].time < 600 * 10**9
            for record in chunk:
                totals[record.service][record.level] += 1
            position += len(chunk)
        assert totals == [[t.info, t.warn, t.error] for t in footer.totals]
        assert self.occurrences() == [(o.start, o.fault, o.number, o.end)
                                      for o in footer.occurrences]
        assert footer.digest.hex() == self.digest()
        trailer = self.entries[-1][1].trailer
        extent = self.entries[-2][0]
        assert self.entries[-1][0].size == 64
        assert (trailer.footerOffset, trailer.footerBytes) == (extent.offset, extent.size)
