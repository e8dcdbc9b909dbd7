"""A request and the answer that it is owed, as the wire and the sink hand them to each other."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

from starlette.types import Scope

# Takes the call, the status and the reason of an answer.
CountAnswer = Callable[[str, int, str], None]

# The key in the server's state under which the application leaves a `CountAnswer`, for the wire's
# own answers to what never reaches the application.
COUNT_ANSWER = "receiver.count_answer"

# The reason of an answer that is no error.
OK = "ok"

# As ASGI gives them: names in lower case.
Headers = Sequence[tuple[bytes, bytes]]

# By lower-case name; if a header repeats, the first counts.
FirstHeaders = Mapping[bytes, bytes]


class Answer(NamedTuple):
    """An answer but for its correlator and the server's own headers.

    Attributes:
        status: of HTTP.
        reason: the word that metrics count: `ok`, or that of the error.
        headers: as ASGI gives them; `content-length` among them where there is a body.
    """

    status: int
    reason: str
    headers: Headers
    body: bytes


class Exchange(Protocol):
    """One request; it is answered exactly once."""

    @property
    def scope(self) -> Scope:
        """ASGI's HTTP connection scope; may be made only now."""

    @property
    def headers(self) -> FirstHeaders:
        """The headers, each once."""

    @property
    def body(self) -> bytes | None:
        """The whole body; None: it must be read."""

    async def read_body(self, limit_bytes: int) -> bytes:
        """Reads the whole body.

        Raises:
            BodyTooLarge: there are more bytes than the limit; the rest is not read.
            ClientDisconnect: the caller hung up.
        """

    def respond(self, answer: Answer, correlator: bytes) -> None:
        """Sends the answer; does nothing if the caller is gone."""
