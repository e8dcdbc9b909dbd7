"""One POST to a sink: its shape, its fault if it has one, and the answer that it should get."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from receiver.simulator.told import Told


class Shape(StrEnum):
    """The shape of a notification; finer than the form of the event that it becomes."""

    CLOUDEVENTS = "cloudevents"
    BINARY = "cloudevents binary"
    BATCH = "cloudevents batch"
    HYBRID = "hybrid"
    LEGACY = "legacy"
    FLAT = "flat draft"


class Fault(StrEnum):
    """A fault on the way to the sink: its name, and the HTTP status that it should get."""

    answer: int

    def __new__(cls, name: str, answer: int) -> "Fault":
        """Makes the member equal to its name, with the status beside it."""
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
        headers: by lower-case name; `authorization` only if it replaces the sender's own.
        device: a phone number, `+` and digits; or the id of a subscription without a device.
        events: the number of events in it.
        fault: its fault; None: it has none.
        told: what its events tell; empty where none of them tells anything new.
    """

    body: bytes
    headers: Mapping[str, str]
    device: str
    shape: Shape
    events: int = 1
    fault: Fault | None = None
    told: tuple[Told, ...] = ()

    @property
    def expected(self) -> int:
        """The HTTP status that it should get."""
        return 204 if self.fault is None else self.fault.answer
