"""Message templates: a text with slots. FORMAT.md, "Messages"."""
import enum
import re
from collections.abc import Iterable
from dataclasses import dataclass

from .errors import Unsound

STORED_MAX = 6
HEX_FACTOR = 2_654_435_761
STORED_KINDS = 6  # those with a column of their own
_FIRST_OF_RECORD, _FIRST_OF_REQUEST, _END = 32, 64, 128
# A slot, an escaped brace, or a brace that has no pair.
_BRACES = re.compile(r"\{\}|\{\{|\}\}|[{}]")


class Kind(enum.IntEnum):
    """What a slot shows, and how."""
    INTEGER = 0
    MILLISECONDS = 1
    HUNDREDTHS = 2
    HEX = 3
    SERVICE = 4
    HOST = 5
    DURATION = 32
    QUEUE_WAIT = 33
    DEPENDENCY = 34
    ATTEMPT = 35
    ERROR_CODE = 36
    OWN_SERVICE = 37
    OWN_HOST = 38
    REQUEST = 39
    ORDER = 40


_FIELD_KINDS = (Kind.INTEGER, Kind.HUNDREDTHS, Kind.HEX)


@dataclass(frozen=True, slots=True)
class Slot:
    """One slot of a template."""
    kind: Kind
    # The number of the request's field that it shows; None: it shows none.
    field: int | None = None

    @property
    def is_stored(self) -> bool:
        """Whether its value is among a record's `slots`."""
        return self.field is not None or self.kind < _FIRST_OF_RECORD

    @staticmethod
    def numbered(number: int) -> "Slot":
        """The slot of a kind in the file."""
        try:
            if _FIRST_OF_REQUEST <= number < _END:
                field, shown_as = divmod(number - _FIRST_OF_REQUEST, 8)
                if shown_as in _FIELD_KINDS:
                    return Slot(Kind(shown_as), field)
                raise ValueError
            return Slot(Kind(number))
        except ValueError:
            raise Unsound(f"a template has a slot of the unknown kind {number}") from None


@dataclass(frozen=True, slots=True)
class Template:
    """The text of a message."""
    # With {} for each slot, {{ and }} for braces.
    text: str
    slots: tuple[Slot, ...]
    # What is before, between and behind the slots, braces unescaped: one more than slots.
    literals: tuple[str, ...]

    @property
    def stored(self) -> tuple[Slot, ...]:
        """The slots whose values a record has."""
        return tuple(slot for slot in self.slots if slot.is_stored)

    @staticmethod
    def checked(text: str, kinds: Iterable[int]) -> "Template":
        """The template, if text and kinds agree."""
        literals, at = [""], 0
        for found in _BRACES.finditer(text):
            literals[-1] += text[at:found.start()]
            at = found.end()
            if found.group() == "{}":
                literals.append("")
            elif len(found.group()) == 2:
                literals[-1] += found.group()[0]
            else:
                raise Unsound("a template has a brace without its pair")
        literals[-1] += text[at:]
        template = Template(text, tuple(map(Slot.numbered, kinds)), tuple(literals))
        if len(template.slots) != len(literals) - 1:
            raise Unsound(f"a template has {len(literals) - 1} slots and "
                          f"{len(template.slots)} kinds")
        if len(template.stored) > STORED_MAX:
            raise Unsound(f"a template stores more than {STORED_MAX} slots")
        return template


# What no number in a slot is longer than: "-92233720368547758.08".
_NUMBER_BYTES_MAX = 21


def message_bytes_max(template: Template, longest_name: int) -> int:
    """No message of the template has more bytes, if no name has more than `longest_name`."""
    literals = sum(len(literal.encode()) for literal in template.literals)
    return literals + len(template.slots) * max(_NUMBER_BYTES_MAX, longest_name)
