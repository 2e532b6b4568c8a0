"""Decodes and checks a chunk's columns with numpy. FORMAT.md, "Chunks", "Columns", "Limits"."""
from typing import Any

import numpy

from ._chunk import Chunk, Head
from ._entries import opened_columns
from ._integers import INT64_MAX, Integers, bounded, integers, ordinals, refuse_if, table
from ._shapes import GROUPS_MAX, read_shapes
from ._templates import STORED_KINDS, Kind
from .errors import Unsound
from .header import ENTITY_KINDS, HOST, Header

CLOCK_SKEW_MAX_NS = 86_400 * 10**9


class ColumnsDecoder:
    """Decodes the chunks of one trace."""

    def __init__(self, header: Header) -> None:
        self._header = header
        self._unit = header.resolution_ns
        # Hosts, sorted by service, in the catalogue's order.
        places = {service.name: index for index, service in enumerate(header.services)}
        hosts = [(places[entity.service or ""], index)
                 for index, entity in enumerate(header.entities)
                 if entity.kind == ENTITY_KINDS[HOST]]
        hosts.sort()
        self._hosts = numpy.array([index for _, index in hosts], numpy.int64)
        services = numpy.array([service for service, _ in hosts], numpy.int64)
        self._host_counts = numpy.bincount(services, minlength=len(places))
        self._host_starts = numpy.cumsum(self._host_counts) - self._host_counts
        self._stored = [template.stored for template in header.templates]
        fields = [slot.field for stored in self._stored for slot in stored
                  if slot.field is not None]
        # By field: which templates show it.
        self._shows = [numpy.array([any(slot.field == field for slot in stored)
                                    for stored in self._stored])
                       for field in range(max(fields, default=-1) + 1)]

    def decode(self, chunk: Any) -> Chunk:
        """The records of a chunk of a Cap'n Proto message. Raises Unsound."""
        head = Head.of(chunk)
        with opened_columns(chunk) as columns:
            return self._decode(columns, head)

    def _decode(self, columns: Any, head: Head) -> Chunk:
        shapes, kinds = read_shapes(columns, head.count, self._header)
        shape = bounded(columns.shape, head.count, len(kinds["bits"]) - 1, "shape")
        pick = bounded(columns.pick, head.count, INT64_MAX, "pick")
        bits = kinds["bits"][shape]
        number = pick & ((1 << bits) - 1)
        refuse_if(number >= kinds["messageCount"][shape], "a record's message is not its shape's")
        message = kinds["message"][shape] + number
        host = self._host(shapes["service"][shape], pick >> bits)
        requests, request = self._requests(columns, head.count)
        time = self._time(columns, head, kinds["timeGroup"][shape])
        refuse_if((numpy.diff(time) == 0) & (numpy.diff(host) < 0),
                  "two records of one time are not in the order of their hosts")
        duration = self._grouped(columns.duration, kinds["durationGroup"][shape],
                                 INT64_MAX // self._unit, "duration") * self._unit
        by_message = numpy.argsort(message.astype(numpy.uint16), kind="stable")
        counts = numpy.bincount(message, minlength=len(self._stored))
        starts = numpy.concatenate(([0], numpy.cumsum(counts)))
        fields = self._fields(columns.requests.fields, message, request, len(requests["source"]))
        return Chunk(
            head=head, time=time, duration=duration,
            queue_wait=self._queue_wait(columns, kinds["waited"][shape]),
            clock_skew=self._clock_skew(columns, head.count), host=host, message=message,
            request=request, sources=requests["source"],
            ordinals=ordinals(requests["source"], requests["ordinalDelta"]),
            shape=shape, shapes=shapes, by_message=by_message, starts=starts,
            slots=self._slots(columns.slots, counts, fields, request[by_message], starts))

    def _host(self, service: Integers, rank: Integers) -> Integers:
        refuse_if(rank >= self._host_counts[service], "a record's host is not in the catalogue")
        hosts: Integers = self._hosts[self._host_starts[service] + rank]
        return hosts

    def _requests(self, columns: Any, count: int) -> tuple[dict[str, Integers], Integers]:
        """The table of requests, and by record a row of it."""
        requests = table(columns.requests, count, "requests",
                         {"source": len(self._header.entities) - 1})
        rows = len(requests["source"])
        requests["ordinalDelta"] = integers(columns.requests.ordinalDelta, rows,
                                            "requests.ordinalDelta")
        age = integers(columns.requestAge, count, "requestAge")
        begun = numpy.cumsum(age == -1)
        refuse_if((age < -1) | (age >= begun), "a record's request has not begun")
        refuse_if(begun[-1] != rows, "not as many requests begin as the chunk has")
        return requests, begun - 1 - numpy.maximum(age, 0)

    def _grouped(self, groups: Any, group: Integers, most: int, name: str) -> Integers:
        """By record: the next value of the column of its group."""
        if len(groups) > GROUPS_MAX:
            raise Unsound(f"column {name} has {len(groups)} groups")
        values = numpy.empty(len(group), numpy.int64)
        refuse_if(group >= len(groups), f"column {name} lacks a group")
        for number, column in enumerate(groups):
            is_in = group == number
            values[is_in] = bounded(column, int(numpy.count_nonzero(is_in)), most, name)
        return values

    def _time(self, columns: Any, head: Head, group: Integers) -> Integers:
        refuse_if(head.first_time % self._unit != 0,
                  "firstTime is not a multiple of the resolution")
        span = (head.last_time - head.first_time) // self._unit
        deltas = self._grouped(columns.timeDelta, group, span, "timeDelta")
        refuse_if(deltas[0] != 0, "the first record's time is not firstTime")
        # No delta is above the span, so the first sum that is too large does not overflow.
        sums = numpy.cumsum(deltas.view(numpy.uint64), dtype=numpy.uint64)
        refuse_if(sums > span, "a record's time is after lastTime")
        time = sums.view(numpy.int64) * self._unit + head.first_time
        refuse_if(time[-1] != head.last_time, "the last record's time is not lastTime")
        return time

    def _queue_wait(self, columns: Any, waited: Integers) -> Integers:
        values = numpy.zeros(len(waited), numpy.int64)
        has_waited = waited == 1
        values[has_waited] = self._unit * bounded(
            columns.queueWait, int(numpy.count_nonzero(has_waited)), INT64_MAX // self._unit,
            "queueWait")
        return values

    def _clock_skew(self, columns: Any, count: int) -> Integers:
        skew = integers(columns.clockSkew, count, "clockSkew")
        most = CLOCK_SKEW_MAX_NS // self._unit
        refuse_if((skew < -most) | (skew > most), "column clockSkew has more than a day")
        return skew * self._unit

    def _fields(self, columns: Any, message: Integers, request: Integers,
                rows: int) -> list[Integers]:
        """By field: its value by request; 0 where no record shows it."""
        if len(columns) != len(self._shows):
            raise Unsound("the requests' fields are not those of the templates")
        fields = []
        for column, shows in zip(columns, self._shows):
            shown, first = numpy.unique(request[shows[message]], return_index=True)
            values = numpy.zeros(rows, numpy.int64)
            values[shown[numpy.argsort(first)]] = integers(column, len(shown), "requests.fields")
            fields.append(values)
        return fields

    def _slot_columns(self, columns: Any, counts: Integers) -> list[Integers]:
        """By kind: the values of all templates, one after the other."""
        if len(columns) != STORED_KINDS:
            raise Unsound("the slots are not those of six kinds")
        sizes = [0] * STORED_KINDS
        for template in numpy.flatnonzero(counts).tolist():
            for slot in self._stored[template]:
                if slot.field is None:
                    sizes[slot.kind] += int(counts[template])
        names = {Kind.SERVICE: self._header.services, Kind.HOST: self._header.entities}
        values = []
        for number, column in enumerate(columns):
            kind = Kind(number)
            if kind in names:
                values.append(bounded(column, sizes[kind], len(names[kind]) - 1, "slots"))
            else:
                values.append(integers(column, sizes[kind], "slots"))
        most = INT64_MAX // self._unit
        times = values[Kind.MILLISECONDS]
        refuse_if((times > most) | (times < -most), "a slot's time overflows")
        values[Kind.MILLISECONDS] = times * self._unit
        return values

    def _slots(self, columns: Any, counts: Integers, fields: list[Integers], request: Integers,
               starts: Integers) -> dict[int, list[Integers]]:
        """`request` is sorted by message."""
        values = self._slot_columns(columns, counts)
        used = [0] * STORED_KINDS
        slots: dict[int, list[Integers]] = {}
        for template in numpy.flatnonzero(counts).tolist():
            begin, end = int(starts[template]), int(starts[template + 1])
            slots[template] = []
            for slot in self._stored[template]:
                if slot.field is not None:
                    slots[template].append(fields[slot.field][request[begin:end]])
                else:
                    at = used[slot.kind]
                    used[slot.kind] += end - begin
                    slots[template].append(values[slot.kind][at:used[slot.kind]])
        return slots

