"""Record batches of decoded chunks. With _arrow_messages, all that needs pyarrow."""
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy
import numpy.typing
import pyarrow

from ._arrow_messages import MessageMaker
from ._chunk import Chunk
from ._integers import Integers
from ._records import LEVELS, causes, timestamps, trace_ids
from .header import ENTITY_KINDS, HOST, NONE16, Footer, Header

Codes = numpy.typing.NDArray[numpy.int32]

# Messages of one batch, together.
TEXT_BYTES_MAX = 16 << 20
_NULL = -1
_NAME = pyarrow.dictionary(pyarrow.int32(), pyarrow.string())
# All columns, in their order.
TYPES: dict[str, Any] = {
    "timestamp": pyarrow.timestamp("ns", "UTC"),
    "service": _NAME,
    "level": _NAME,
    "host": _NAME,
    "message": pyarrow.string(),
    "latency_ms": pyarrow.int64(),
    # Half of what the hex digits take, and no work for the decoder.
    "trace_id": pyarrow.binary(16),
    "dependency": _NAME,
    "error_code": _NAME,
    "time_ns": pyarrow.int64(),
    "duration_ns": pyarrow.int64(),
    "queue_wait_ns": pyarrow.int64(),
    "clock_skew_ns": pyarrow.int64(),
    "cause": _NAME,
    "root": _NAME,
    "hops": pyarrow.uint8(),
    "also": _NAME,
    "span": pyarrow.uint32(),
    "parent_span": pyarrow.uint32(),
    "call_path": _NAME,
    "attempt": pyarrow.uint16(),
    "template": _NAME,
    "slots": pyarrow.list_(pyarrow.int64()),
}


class _Dictionary:
    """The values of a dictionary column, each once; they may become more."""

    def __init__(self, names: Iterable[str]) -> None:
        self._code_of: dict[str, int] = {}
        # By index of the catalogue, and for none of them.
        self._codes = numpy.array([*map(self.code, names), _NULL], numpy.int32)
        self._values: Any = None

    def code(self, name: str) -> int:
        """The name's index in the dictionary, to which it is added if need be."""
        return self._code_of.setdefault(name, len(self._code_of))

    def codes(self, indices: Integers, none: int = NONE16) -> Codes:
        """For indices of the catalogue."""
        return self._codes[numpy.where(indices == none, len(self._codes) - 1, indices)]

    def array(self, codes: Codes) -> Any:
        """The Arrow array of these codes."""
        if self._values is None or len(self._values) != len(self._code_of):
            self._values = pyarrow.array(self._code_of, pyarrow.string())
        return pyarrow.DictionaryArray.from_arrays(
            pyarrow.array(codes, mask=codes == _NULL), self._values, safe=False)


class _BatchMaker:
    """Makes the batches of one trace. Dictionaries are the same in all batches; only that of
    causes grows with them when the footer does not list all occurrences."""

    def __init__(self, header: Header, footer: Footer | None, columns: list[str]) -> None:
        self._header = header
        self.schema = pyarrow.schema([(name, TYPES[name]) for name in columns])
        services = _Dictionary(service.name for service in header.services)
        self._by_shape: dict[str, tuple[str, _Dictionary]] = {
            "service": ("service", services), "dependency": ("dependency", services),
            "root": ("root", services), "level": ("level", _Dictionary(LEVELS)),
            "error_code": ("errorCode", _Dictionary(header.error_codes)),
            "call_path": ("callPath", _Dictionary(header.call_paths))}
        hosts = [index for index, one in enumerate(header.entities)
                 if one.kind == ENTITY_KINDS[HOST]]
        self._host_rank = numpy.zeros(len(header.entities), numpy.int64)
        self._host_rank[hosts] = numpy.arange(len(hosts))
        self._hosts = _Dictionary(header.entities[index].name for index in hosts)
        self._templates = _Dictionary(template.text for template in header.templates)
        self._faults = _Dictionary(fault.name for fault in header.faults)
        self._causes = _Dictionary(one.name for one in footer.occurrences) if footer else \
            _Dictionary(())
        self._messages = MessageMaker(header)
        special: dict[str, Callable[[Chunk], Any]] = {
            "timestamp": self._timestamp, "host": self._host, "message": self._messages.messages,
            "latency_ms": lambda chunk: pyarrow.array(chunk.duration // 1_000_000),
            "trace_id": self._trace_id, "cause": self._cause, "hops": self._hops,
            "also": self._also, "template": self._template, "slots": self._slots,
            "time_ns": lambda chunk: pyarrow.array(chunk.time),
            "duration_ns": lambda chunk: pyarrow.array(chunk.duration),
            "queue_wait_ns": lambda chunk: pyarrow.array(chunk.queue_wait),
            "clock_skew_ns": lambda chunk: pyarrow.array(chunk.clock_skew),
            "span": lambda chunk: _unless_zero(chunk, "span", numpy.uint32),
            "parent_span": lambda chunk: _unless_zero(chunk, "parentSpan", numpy.uint32),
            "attempt": lambda chunk: _unless_zero(chunk, "attempt", numpy.uint16)}
        self._makers = [special.get(name) or self._name_maker(*self._by_shape[name])
                        for name in columns]
        self._splits = "message" in columns

    def batches(self, chunk: Chunk) -> Iterator[Any]:
        """One batch, or more if the messages are long."""
        count = step = len(chunk.time)
        if self._splits and self._messages.bytes_max(chunk) > TEXT_BYTES_MAX:
            step = max(1, TEXT_BYTES_MAX // self._messages.longest(chunk))
        for begin in range(0, count, step):
            part = chunk.part(begin, begin + step)
            arrays = [make(part) for make in self._makers]
            yield pyarrow.RecordBatch.from_arrays(arrays, schema=self.schema)

    def _name_maker(self, column: str, names: _Dictionary) -> Callable[[Chunk], Any]:
        return lambda chunk: names.array(names.codes(chunk.shapes[column])[chunk.shape])

    def _timestamp(self, chunk: Chunk) -> Any:
        return pyarrow.array(timestamps(self._header, chunk)).view(TYPES["timestamp"])

    def _host(self, chunk: Chunk) -> Any:
        return self._hosts.array(self._hosts.codes(self._host_rank[chunk.host], none=_NULL))

    def _trace_id(self, chunk: Chunk) -> Any:
        ids = numpy.frombuffer(b"".join(trace_ids(self._header, chunk)), numpy.uint8)
        by_record = ids.reshape(-1, 16)[chunk.request]
        return pyarrow.FixedSizeBinaryArray.from_buffers(
            TYPES["trace_id"], len(chunk.request), [None, pyarrow.py_buffer(by_record)])

    def _cause(self, chunk: Chunk) -> Any:
        codes = [_NULL if name is None else self._causes.code(name)
                 for name in causes(self._header, chunk)]
        return self._causes.array(numpy.array(codes, numpy.int32)[chunk.shape])

    def _hops(self, chunk: Chunk) -> Any:
        return pyarrow.array(chunk.column("hops").astype(numpy.uint8),
                             mask=chunk.column("fault") == NONE16)

    def _also(self, chunk: Chunk) -> Any:
        return self._faults.array(self._faults.codes(chunk.shapes["also"] - 1, none=-1)[
            chunk.shape])

    def _template(self, chunk: Chunk) -> Any:
        return self._templates.array(self._templates.codes(chunk.message))

    def _slots(self, chunk: Chunk) -> Any:
        widths = numpy.zeros(len(self._header.templates), numpy.int32)
        for template, columns in chunk.slots.items():
            widths[template] = len(columns)
        offsets = numpy.concatenate(([0], numpy.cumsum(widths[chunk.message]))).astype(numpy.int32)
        values = numpy.empty(offsets[-1], numpy.int64)
        for template, columns in chunk.slots.items():
            begins = offsets[chunk.by_message[chunk.starts[template]:chunk.starts[template + 1]]]
            for number, column in enumerate(columns):
                values[begins + number] = column
        return pyarrow.ListArray.from_arrays(offsets, values)


def _unless_zero(chunk: Chunk, column: str, kind: Any) -> Any:
    values = chunk.column(column)
    return pyarrow.array(values.astype(kind), mask=values == 0)


def batch_reader(header: Header, footer: Footer | None, chunks: Iterable[Chunk],
                 columns: Iterable[str] | None) -> Any:
    """The batches of these chunks, made when they are asked for."""
    names = list(TYPES if columns is None else columns)
    unknown = [name for name in names if name not in TYPES]
    if unknown:
        raise ValueError(f"no column '{unknown[0]}'; there are {', '.join(TYPES)}")
    maker = _BatchMaker(header, footer, names)
    batches = (batch for chunk in chunks for batch in maker.batches(chunk))
    return pyarrow.RecordBatchReader.from_batches(maker.schema, batches)
