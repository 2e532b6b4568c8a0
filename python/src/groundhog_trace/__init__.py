"""Reads traces of Groundhog: every log record of a simulated day, with the cause of each.

    import groundhog_trace

    with groundhog_trace.open("day.ghog") as trace:
        for record in trace:
            print(record.service, record.message, record.truth.cause)
        table = trace.read_arrow(["timestamp", "service", "latency_ms"]).read_all()

Needs nothing of Groundhog itself.
"""
from ._entries import Source
from ._file import TraceFile
from ._templates import Kind, Slot, Template
from .errors import DamagedTrace, IncompleteTrace, NotATrace, TraceError, UnsupportedVersion
from .header import Entity, Fault, Footer, Header, IndexEntry, Occurrence, Service, Totals
from .record import Record, Truth
from .stats import Figures, Latency, Stats
from .summaries import LatencyBin, Summaries, Summary
from .trace import ARROW_COLUMNS, Trace

__all__ = [
    "ARROW_COLUMNS", "DamagedTrace", "Entity", "Fault", "Figures", "Footer", "Header",
    "IncompleteTrace", "IndexEntry", "Kind", "Latency", "LatencyBin", "NotATrace", "Occurrence",
    "Record", "Service", "Slot", "Stats", "Summaries", "Summary", "Template", "Totals", "Trace",
    "TraceError", "Truth", "UnsupportedVersion", "open",
]


def open(source: Source) -> Trace:  # noqa: A001  the builtin's name is what readers look for
    """Opens a trace: a path, or a binary file or pipe that is open already, which then stays open.

    Raises NotATrace, UnsupportedVersion, DamagedTrace (when the header cannot be read, here or in
    the footer), and OSError. Reads header and footer only; records are read, and checked, when they
    are asked for. Use it in a `with`, or call `close`.
    """
    return Trace(TraceFile(source))
