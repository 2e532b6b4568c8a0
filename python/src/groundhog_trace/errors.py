"""What can be wrong with a trace. Errors of the operating system (no such file) are OSErrors, as
everywhere in Python."""


class TraceError(Exception):
    """Base of all exceptions of this package."""


class NotATrace(TraceError):
    """The file is something else, or has no header that can be used."""


class UnsupportedVersion(TraceError):
    """The trace has a format version that this package does not read."""

    def __init__(self, message: str, version: int) -> None:
        super().__init__(message)
        self.version = version


class DamagedTrace(TraceError):
    """Something in the trace is not as the format says. Raised after the records before it."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        # Where in the file the damaged entry begins, in bytes.
        self.offset = offset


class IncompleteTrace(DamagedTrace):
    """The trace ends without a footer: its writer crashed or still writes, or the file was cut."""


class Unsound(Exception):
    """Internal: what is wrong with an entry, before its place in the file is known."""
