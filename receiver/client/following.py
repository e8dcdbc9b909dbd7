"""The live stream without its connection: events out of bytes, and when the stream is resumed.

what happens                              what becomes of the stream
----------------------------------------  ----------------------------------------------
the first try fails                       its error is raised
the connection ends or is silent          it is resumed after a pause, from the last id
`event: end`                              likewise; `unauthenticated` raises the error
a try fails with 429 or 503, or not at    likewise, until `patience_seconds` have passed
all                                       since something was heard
a try fails otherwise                     its error is raised
an event comes again after it is resumed  it is left out, by its id
`event: gap`                              `on_gap` is called, or `EventsMissed` is raised
"""

import codecs
import re
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from receiver.client.answers.events import StreamedEvent
from receiver.client.errors import (
    AnswerError,
    ClientError,
    ConnectionFailed,
    EventsMissed,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
    UnexpectedAnswer,
)
from receiver.client.exchange import Answer, Call, parse
from receiver.client.parsing import read

T = TypeVar("T")

FOREIGN = "the stream is not that of this service"

# Seconds. A service that is restarted or a database that fails over is back long before.
PATIENCE_SECONDS = 600.0
# The service sends something every 15 seconds.
SILENCE_SECONDS = 40.0
# Ids that tell whether an event came before: those of 40 seconds at 2,500 events a second, which is
# the overlap of a stream that is resumed; 20 MB at most.
IDS_MAX = 100_000
# Seconds, until the service says so; a browser waits as long.
RETRY_SECONDS = 3.0
RETRY_SECONDS_MAX = 30.0
# Characters. An event is bounded by the notification it came in, which is 256 KiB by default.
LINE_LENGTH_MAX = 16_000_000

_LINE_END = re.compile(r"\r\n|\n|\r(?!\Z)")


@dataclass(slots=True)
class Block:
    """What stands between two empty lines of a stream (WHATWG HTML Living Standard, 9.2.6)."""

    event: str = "message"
    lines: list[str] = field(default_factory=list)
    id: str | None = None
    retry_seconds: float | None = None


class BlockReader:
    """Makes blocks of the pieces of one answer."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._rest = ""
        self._block = Block()

    def feed(self, piece: bytes) -> Iterator[Block]:
        """Yields the blocks that a piece completes."""
        *lines, self._rest = _LINE_END.split(self._rest + self._decoder.decode(piece))
        if len(self._rest) > LINE_LENGTH_MAX:
            raise UnexpectedAnswer(f"{FOREIGN}: a line without an end", 200)
        for line in lines:
            if line:
                self._take(line)
            else:
                block, self._block = self._block, Block()
                yield block

    def _take(self, line: str) -> None:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            self._block.event = value
        elif name == "data":
            self._block.lines.append(value)
        elif name == "id" and "\0" not in value:
            self._block.id = value
        elif name == "retry" and re.fullmatch("[0-9]{1,9}", value):
            self._block.retry_seconds = int(value) / 1000


class Following:
    """What a stream has told so far, over all its connections."""

    def __init__(
        self,
        call: Call[Answer],
        last_event_id: str | None,
        on_gap: Callable[[datetime], object] | None,
        patience_seconds: float,
    ) -> None:
        self._call = call
        self._last_event_id = last_event_id
        self._on_gap = on_gap
        self._patience_seconds = patience_seconds
        self._ids: OrderedDict[str, None] = OrderedDict()
        self._retry_seconds = RETRY_SECONDS
        self._heard_at: float | None = None
        self._failures = 0
        self._blocks = BlockReader()

    def begin(self) -> Call[Answer]:
        """Returns the call that begins the stream, or resumes it."""
        self._blocks = BlockReader()
        headers = {"accept": "text/event-stream", "accept-encoding": "identity"}
        if self._last_event_id is not None:
            headers["last-event-id"] = self._last_event_id
        return replace(self._call, headers=headers)

    def feed(self, piece: bytes, now: float) -> Iterator[StreamedEvent]:
        """Yields the events of a piece that did not come before."""
        self._heard_at, self._failures = now, 0
        for block in self._blocks.feed(piece):
            if block.retry_seconds is not None:
                self._retry_seconds = block.retry_seconds
            event = self._take(block)
            if block.id is not None:
                self._last_event_id = block.id
            if event is not None:
                yield event

    def pause(self, error: ClientError | None, now: float) -> float:
        """Returns for how many seconds to wait before the stream is resumed.

        Args:
            error: why the connection ended; None: it came to its end.

        Raises:
            ClientError: the stream is not resumed.
        """
        if error is not None:
            is_passing = isinstance(error, ConnectionFailed | TooManyRequests | Unavailable)
            if not is_passing or self._heard_at is None:
                raise error
            if now - self._heard_at > self._patience_seconds:
                raise error
        elif self._heard_at is None:
            raise UnexpectedAnswer("the stream ended before it began", 200)
        wait: float = min(self._retry_seconds * 2**self._failures, RETRY_SECONDS_MAX)
        self._failures = min(self._failures + 1, 10)
        if isinstance(error, AnswerError) and error.retry_after is not None:
            return max(wait, min(error.retry_after, RETRY_SECONDS_MAX))
        return wait

    def _take(self, block: Block) -> StreamedEvent | None:
        if not block.lines:
            return None
        if block.event == "message":
            event = _read(StreamedEvent, block)
            return event if self._is_new(event.id) else None
        if block.event == "gap":
            kept_from = _read(_Gap, block).kept_from
            if self._on_gap is None:
                raise EventsMissed(kept_from)
            self._on_gap(kept_from)
        elif block.event == "end":
            end = _read(_End, block)
            if end.reason == "unauthenticated":
                raise Unauthenticated(status=401, code="UNAUTHENTICATED", message=end.message)
        return None

    def _is_new(self, event_id: str) -> bool:
        if event_id in self._ids:
            return False
        self._ids[event_id] = None
        if len(self._ids) > IDS_MAX:
            self._ids.popitem(last=False)
        return True


def _read(kind: type[T], block: Block) -> T:
    try:
        return read(kind, parse("\n".join(block.lines)))
    except ValueError as error:
        raise UnexpectedAnswer(f"{FOREIGN}: {error}", 200) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gap:
    kept_from: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _End:
    reason: str
    message: str = "the token is not valid any more"
