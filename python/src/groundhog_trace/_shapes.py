"""The tables of a chunk's shapes: combinations of what takes few values. FORMAT.md, "Columns"."""
from typing import Any

import numpy

from ._chunk import ERROR
from ._integers import Integers, refuse_if, table
from .header import NONE16, Header

GROUPS_MAX = 8


def read_shapes(columns: Any, most: int,
                header: Header) -> tuple[dict[str, Integers], dict[str, Integers]]:
    """By shape: what its records have, and how to read them."""
    steps = table(columns.steps, most, "steps", {
        "callPath": NONE16, "span": 0xFFFF_FFFF, "parentSpan": 0xFFFF_FFFF, "attempt": NONE16})
    refuse_if((steps["callPath"] != NONE16) & (steps["callPath"] >= len(header.call_paths)),
              "a step's call path is not in the catalogue")
    truths = table(columns.truths, most, "truths", {
        "fault": NONE16, "root": NONE16, "occurrence": 0xFFFF_FFFF, "hops": 0xFF, "also": NONE16})
    _check_truths(truths, header)
    kinds = table(columns.shapes, most, "shapes", {
        "step": len(steps["span"]) - 1, "service": len(header.services) - 1, "level": ERROR,
        "message": len(header.templates) - 1, "messageCount": NONE16, "dependency": NONE16,
        "errorCode": NONE16, "truth": len(truths["fault"]) - 1, "waited": 1,
        "timeGroup": GROUPS_MAX - 1, "durationGroup": GROUPS_MAX - 1})
    _check_shapes(kinds, header)
    # The least number of bits that can tell so many messages apart.
    kinds["bits"] = numpy.frexp(kinds["messageCount"] - 1)[1].astype(numpy.int64)
    shapes = {name: kinds[name] for name in ("service", "level", "dependency", "errorCode")}
    shapes.update((name, values[kinds["step"]]) for name, values in steps.items())
    shapes.update((name, values[kinds["truth"]]) for name, values in truths.items())
    return shapes, kinds


def _check_truths(truths: dict[str, Integers], header: Header) -> None:
    fault, root, also = truths["fault"], truths["root"], truths["also"]
    has_none = fault == NONE16
    more = (root != NONE16) | (truths["occurrence"] != 0) | (truths["hops"] != 0) | (also != 0)
    refuse_if(has_none & more, "a record has a root, an occurrence or hops, but no cause")
    is_unknown = (fault >= len(header.faults)) | (truths["occurrence"] == 0) | (
        (root != NONE16) & (root >= len(header.services)))
    refuse_if(~has_none & is_unknown, "a record's cause is not in the catalogue")
    refuse_if((also > len(header.faults)) | (~has_none & (also == fault + 1)),
              "a second cause that is not another fault of the catalogue")


def _check_shapes(kinds: dict[str, Integers], header: Header) -> None:
    count, dependency, code = kinds["messageCount"], kinds["dependency"], kinds["errorCode"]
    refuse_if((count == 0) | (count > len(header.templates) - kinds["message"]),
              "a shape's messages are not in the catalogue")
    refuse_if((dependency != NONE16) & (dependency >= len(header.services)),
              "a record's dependency is not in the catalogue")
    refuse_if((kinds["level"] == ERROR) != (code != NONE16),
              "an error_code belongs on ERROR records, and only there")
    refuse_if((code != NONE16) & (code >= len(header.error_codes)),
              "a record's error_code is not in the catalogue")
