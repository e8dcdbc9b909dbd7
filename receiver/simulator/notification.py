"""One POST to a sink: how it is written, what is wrong with it, and what should be answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Shape(StrEnum):
    """How a notification is written; finer than the form of the event that it becomes."""

    CLOUDEVENTS = "cloudevents"
    BINARY = "cloudevents binary"
    BATCH = "cloudevents batch"
    HYBRID = "hybrid"
    LEGACY = "legacy"
    FLAT = "flat draft"


class Fault(StrEnum):
    """What goes wrong on the way: its name, and the status a sink should answer with."""

    answer: int

    def __new__(cls, name: str, answer: int) -> "Fault":
        """Make the member equal to its name and keep the status beside it."""
        fault = str.__new__(cls, name)
        fault._value_ = name
        fault.answer = answer
        return fault

    DUPLICATE = "duplicate", 204
    REORDERED = "reordered", 204
    LATE = "late", 204
    UNKNOWN_TYPE = "unknown type", 204
    MALFORMED_JSON = "malformed JSON", 400
    IMPOSSIBLE_DATA = "impossible data", 400
    WRONG_TOKEN = "wrong token", 401
    WRONG_MEDIA_TYPE = "wrong media type", 415


@dataclass(frozen=True, slots=True)
class Notification:
    """One POST to a sink.

    Attributes:
        headers: by lower-case name; `authorization` only where it is not the sender's own.
        device: whom it is about: a phone number, `+` and digits, or a subscription's id.
        events: how many events it holds.
        fault: what is wrong with it; None for nothing.
    """

    body: bytes
    headers: Mapping[str, str]
    device: str
    shape: Shape
    events: int = 1
    fault: Fault | None = None

    @property
    def expected(self) -> int:
        """The HTTP status a sink should answer with."""
        return 204 if self.fault is None else self.fault.answer
