"""A trace file, opened: its header and footer, and its records in several shapes."""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING

from ._chunk import Chunk
from ._file import TraceFile
from ._records import RecordMaker
from .header import Footer, Header
from .record import Record
from .stats import Stats, stats_of
from .summaries import Summaries

if TYPE_CHECKING:
    import pyarrow

# What read_arrow can give. The README says what each is.
ARROW_COLUMNS = (
    "timestamp", "service", "level", "host", "message", "latency_ms", "trace_id", "dependency",
    "error_code", "time_ns", "duration_ns", "queue_wait_ns", "clock_skew_ns", "cause", "root",
    "hops", "also", "span", "parent_span", "call_path", "attempt", "template", "slots")
# Later than any record.
_NEVER = 1 << 63


class Trace:
    """A trace that is open. Made by `groundhog_trace.open`.

    Iterating over it gives its records in order, and reads one chunk at a time: memory does not
    grow with the trace. A file can be read again and again, a pipe only once. Not for several
    threads at a time.

    All that read records raise DamagedTrace, or IncompleteTrace, where the trace is damaged, or
    ends too early; first they give the records before that.
    """

    def __init__(self, file: TraceFile, start_ns: int = 0, end_ns: int = _NEVER) -> None:
        self._file = file
        self._start_ns = start_ns
        self._end_ns = end_ns

    def __enter__(self) -> Trace:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None,
                 traceback: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file, if it was given by its path."""
        self._file.close()

    def between(self, start_ns: int, end_ns: int) -> Trace:
        """The same trace with only the records of a time: from `start_ns` until before `end_ns`,
        in nanoseconds from the scenario's start, as `time_ns` and occurrences have them. A file's
        index leads to them at once. It is open as long as this one."""
        return Trace(self._file, max(self._start_ns, start_ns), min(self._end_ns, end_ns))

    @property
    def header(self) -> Header:
        """What was simulated, and every name."""
        return self._file.header

    @property
    def footer(self) -> Footer | None:
        """The sum of the trace. None as long as it is not known: of a pipe before all of it has
        been read; of an incomplete trace always."""
        return self._file.footer

    def __iter__(self) -> Iterator[Record]:
        maker = RecordMaker(self._file.header)
        for chunk in self._chunks():
            yield from maker.records(chunk)

    def json_lines(self, *, truth: bool = False) -> Iterator[str]:
        """The lines of `groundhog cat`, or of `groundhog cat --truth`, without line ends."""
        for record in self:
            yield record.to_json(truth=truth)

    def read_arrow(self, columns: Iterable[str] | None = None) -> pyarrow.RecordBatchReader:
        """The records as Arrow record batches, one for each chunk or less, which are decoded when
        they are asked for. `columns`: names out of ARROW_COLUMNS, in the order wanted; None: all
        of them. What is left out costs nothing; `message` costs most.

        Needs pyarrow. Raises ValueError for a column that does not exist. What is wrong with the
        trace is raised as it is, by `read_next_batch` and all that calls it.
        """
        try:
            from ._arrow import batch_reader
        except ModuleNotFoundError as error:
            raise ImportError(
                "read_arrow needs pyarrow: pip install 'groundhog-trace[arrow]'") from error
        return batch_reader(self._file.header, self._file.footer, self._chunks(), columns)

    def stats(self) -> Stats:
        """Counts, error rates and latencies, of all records and of each service. Exact, and without
        pyarrow."""
        return stats_of(self._file.header, self._chunks())

    def summaries(self) -> Summaries | None:
        """The whole trace minute by minute, from what the file keeps about it: no record is read.
        None: the file has none, as it comes by a pipe, is incomplete or of an older program. Raises
        DamagedTrace if they are not sound."""
        rollup = self._file.rollup()
        return None if rollup is None else Summaries(self._file.header, rollup)

    def _chunks(self) -> Iterator[Chunk]:
        return self._file.chunks(self._start_ns, self._end_ns)
