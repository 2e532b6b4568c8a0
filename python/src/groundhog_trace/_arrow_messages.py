"""The messages of a chunk as an Arrow array: template by template, each slot for all records at
once. _records.py makes the same texts one by one; tests hold the two together."""
import collections
from typing import Any

import numpy
import pyarrow
import pyarrow.compute

from ._chunk import Chunk
from ._integers import Integers, Unsigned
from ._records import order_numbers
from ._templates import HEX_FACTOR, Kind, message_bytes_max
from .header import NONE16, Header, longest_name_bytes

_DIGITS = numpy.frombuffer(b"0123456789abcdef", numpy.uint8)
_NOTHING, _POINT = pyarrow.scalar(""), pyarrow.scalar(".")
_SIGNS = pyarrow.array(["", "-"])
_TWO_DIGITS = pyarrow.array([f"{number:02}" for number in range(100)])


def _text(numbers: Integers | Unsigned) -> Any:
    return pyarrow.array(numbers).cast(pyarrow.string())


def _hundredths(values: Integers) -> Any:
    negative = values < 0
    bits = values.view(numpy.uint64)
    magnitude = numpy.where(negative, numpy.uint64(0) - bits, bits)
    signs = _SIGNS.take(pyarrow.array(negative.astype(numpy.int8)))
    cents = _TWO_DIGITS.take(pyarrow.array(magnitude % 100))
    return pyarrow.compute.binary_join_element_wise(signs, _text(magnitude // 100), _POINT, cents,
                                                    _NOTHING)


def _milliseconds(values: Integers) -> Any:
    """Towards zero."""
    whole = values // 1_000_000
    return _text(whole + ((values < 0) & (whole * 1_000_000 != values)))


def _rows(characters: Any) -> Any:
    """Texts of one length each: a matrix of ASCII."""
    count, length = characters.shape
    offsets = numpy.arange(0, length * count + 1, length, dtype=numpy.int32)
    return pyarrow.StringArray.from_buffers(count, pyarrow.py_buffer(offsets),
                                            pyarrow.py_buffer(characters))


def _hex(values: Integers) -> Any:
    ids = values.astype(numpy.uint32) * numpy.uint32(HEX_FACTOR)
    shifts = numpy.arange(28, -1, -4, dtype=numpy.uint32)
    return _rows(_DIGITS[(ids[:, numpy.newaxis] >> shifts) & numpy.uint32(15)])


def _orders(numbers: Unsigned) -> Any:
    """17 digits in groups of 3, 7 and 7."""
    characters = numpy.full((len(numbers), 19), ord("-"), numpy.uint8)
    for place in (*range(18, 11, -1), *range(10, 3, -1), *range(2, -1, -1)):
        numbers, digits = numpy.divmod(numbers, numpy.uint64(10))
        characters[:, place] = digits.astype(numpy.uint8) + ord("0")
    return _rows(characters)


class MessageMaker:
    """Makes the messages of one trace."""

    def __init__(self, header: Header) -> None:
        self._header = header
        self._templates = header.templates
        # Made once: making a scalar costs as much as joining some dozen texts.
        self._literals = [[pyarrow.scalar(literal) for literal in template.literals]
                          for template in header.templates]
        services = [service.name for service in header.services]
        hosts = _texts([entity.name for entity in header.entities])
        # By kind: the names that indices stand for; "none", the last one, for 65535.
        self._names = {
            Kind.SERVICE: _texts(services), Kind.OWN_SERVICE: _texts(services),
            Kind.HOST: hosts, Kind.OWN_HOST: hosts,
            Kind.DEPENDENCY: _texts([*services, "none"]),
            Kind.ERROR_CODE: _texts([*header.error_codes, "none"])}
        longest = longest_name_bytes(header)
        self._bytes_max = [message_bytes_max(one, longest) for one in header.templates]

    def longest(self, chunk: Chunk) -> int:
        """No message of the chunk has more bytes; 1 at least."""
        return max(1, *(self._bytes_max[template] for template in chunk.slots))

    def bytes_max(self, chunk: Chunk) -> int:
        """All messages together have no more."""
        counts = numpy.diff(chunk.starts).tolist()
        return sum(self._bytes_max[template] * counts[template] for template in chunk.slots)

    def messages(self, chunk: Chunk) -> Any:
        """By record."""
        stored = self._stored_texts(chunk)
        of_record: dict[Kind, Any] = {}
        parts = []
        for number in chunk.slots:
            begin, end = int(chunk.starts[number]), int(chunk.starts[number + 1])
            template, texts = self._templates[number], []
            for slot in template.slots:
                if slot.is_stored:
                    texts.append(stored[slot.kind].take_next(end - begin))
                else:
                    if slot.kind not in of_record:
                        of_record[slot.kind] = self._record_texts(slot.kind, chunk)
                    texts.append(of_record[slot.kind].slice(begin, end - begin))
            parts.append(self._filled(number, texts, end - begin))
        places = numpy.empty(len(chunk.by_message), numpy.int64)
        places[chunk.by_message] = numpy.arange(len(places))
        return pyarrow.concat_arrays(parts).take(pyarrow.array(places))

    def _filled(self, number: int, texts: list[Any], count: int) -> Any:
        """The template's messages, with these texts in its slots."""
        first, *others = self._literals[number]
        if not texts:
            return pyarrow.repeat(first, count)
        parts = [first, *(part for pair in zip(texts, others) for part in pair)]
        return pyarrow.compute.binary_join_element_wise(*parts, _NOTHING)

    def _stored_texts(self, chunk: Chunk) -> dict[Kind, "_Queue"]:
        """By kind: the stored slots' texts, in the order of templates and their slots."""
        values: dict[Kind, list[Integers]] = collections.defaultdict(list)
        for number, columns in chunk.slots.items():
            for slot, column in zip(self._templates[number].stored, columns):
                values[slot.kind].append(column)
        return {kind: _Queue(self._texts(kind, numpy.concatenate(columns)))
                for kind, columns in values.items()}

    def _record_texts(self, kind: Kind, chunk: Chunk) -> Any:
        """What a slot of this kind shows of each record, in the order of by_message."""
        if kind is Kind.REQUEST:
            return _text(chunk.ordinals[chunk.request[chunk.by_message]])
        if kind is Kind.ORDER:
            return _orders(order_numbers(self._header, chunk)[chunk.request[chunk.by_message]])
        return self._texts(kind, chunk.value_of(kind)[chunk.by_message])

    def _texts(self, kind: Kind, values: Integers) -> Any:
        names = self._names.get(kind)
        if names is not None:
            if kind in (Kind.DEPENDENCY, Kind.ERROR_CODE):
                values = numpy.where(values == NONE16, len(names) - 1, values)
            return names.take(pyarrow.array(values))
        shown = {Kind.MILLISECONDS: _milliseconds, Kind.DURATION: _milliseconds,
                 Kind.QUEUE_WAIT: _milliseconds, Kind.HUNDREDTHS: _hundredths, Kind.HEX: _hex}
        return shown.get(kind, _text)(values)


class _Queue:
    """Gives the elements of an array piece by piece."""

    def __init__(self, array: Any) -> None:
        self._array = array
        self._used = 0

    def take_next(self, count: int) -> Any:
        piece = self._array.slice(self._used, count)
        self._used += count
        return piece


def _texts(names: list[str]) -> Any:
    return pyarrow.array(names, pyarrow.string())
