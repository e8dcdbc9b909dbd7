"""In which of CloudEvents' HTTP modes a request came, and the notifications it carries."""

from collections.abc import Callable, Iterator, Mapping
from enum import Enum, auto
from functools import partial
from typing import NamedTuple

from receiver.errors import MediaTypeUnsupported
from receiver.events.forms.batch import split_batch
from receiver.events.forms.binary import read_binary
from receiver.events.forms.envelope import Envelope
from receiver.events.forms.structured import read_structured

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
JSON = "application/json"

ATTRIBUTE = "ce-"


class Mode(Enum):
    """How attributes and data share headers and body (CloudEvents 1.0.2, HTTP binding)."""

    STRUCTURED = auto()
    BATCH = auto()
    BINARY = auto()


class SentHeaders(Mapping[str, str]):
    """Headers by lower-case name, each decoded when it is asked for: most never are."""

    def __init__(self, sent: Mapping[bytes, bytes]) -> None:
        self._sent = sent

    def __getitem__(self, name: str) -> str:
        return self._sent[name.encode()].decode("latin-1")

    def __iter__(self) -> Iterator[str]:
        return (name.decode("latin-1") for name in self._sent)

    def __len__(self) -> int:
        return len(self._sent)


class Member(NamedTuple):
    """One notification of a request.

    Attributes:
        body: its bytes, as they arrived.
        read: takes its envelope off; raises NotificationRefused.
    """

    body: bytes
    read: Callable[[], Envelope]


def mode(headers: Mapping[str, str]) -> Mode:
    """Returns the announced mode; plain JSON is structured unless `ce-` headers say else.

    Args:
        headers: by lower-case name.

    Raises:
        MediaTypeUnsupported: the body is not JSON.
    """
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == BATCH:
        return Mode.BATCH
    if media_type == STRUCTURED:
        return Mode.STRUCTURED
    if media_type != JSON:
        raise MediaTypeUnsupported(f"Content-Type must be {STRUCTURED}, {BATCH} or {JSON}")
    return Mode.BINARY if f"{ATTRIBUTE}specversion" in headers else Mode.STRUCTURED


def announced_mode(headers: Mapping[str, str]) -> Mode | None:
    """Returns the mode as `mode` does; None: the media type is not supported."""
    try:
        return mode(headers)
    except MediaTypeUnsupported:
        return None


def members(mode: Mode, headers: Mapping[str, str], body: bytes) -> list[Member]:
    """The notifications of a request, none of them judged yet.

    Raises:
        NotificationRefused: a batch that is no JSON array.
    """
    match mode:
        case Mode.STRUCTURED:
            return [structured(body)]
        case Mode.BATCH:
            return [structured(member) for member in split_batch(body)]
        case Mode.BINARY:
            attributes = {
                name.removeprefix(ATTRIBUTE): value
                for name, value in headers.items()
                if name.startswith(ATTRIBUTE)
            }
            media_type = headers.get("content-type", "")
            return [Member(body, partial(read_binary, attributes, media_type, body))]


def structured(body: bytes) -> Member:
    """A notification that is all in its body, as a member of a batch is too."""
    return Member(body, partial(read_structured, body))
