"""What the reception knows of one POST to the sink until it is answered."""

from datetime import datetime

import structlog

from receiver.api.answers.correlator import HEADER, is_well_formed
from receiver.api.answers.exchange import Answer, Exchange
from receiver.ids import new_id
from receiver.intake.intake import Sender
from receiver.intake.modes import Mode, SentHeaders
from receiver.store.credentials.credentials import Credential
from receiver.tracing.spans import RequestSpan

# While the sender is not authenticated.
UNKNOWN_SENDER = Sender("")


class Posted:
    """One POST to the sink.

    Attributes:
        received_at: aware UTC.
        headers: by lower-case name; if a header repeats, the first counts.
        id: 32 hexadecimal digits; the arrival's id where the body is one notification.
        correlator: the caller's if it is well formed, else the id.
        sender: without a name until the sender is authenticated.
        body: as received; set once it is whole.
        mode: the content mode; None: it is not known before the body is opened.
        span: None: nobody traces.
    """

    __slots__ = (
        "body",
        "correlator",
        "exchange",
        "headers",
        "id",
        "mode",
        "received_at",
        "sender",
        "span",
    )

    sender: Sender
    body: bytes
    mode: Mode | None

    def __init__(self, exchange: Exchange, received_at: datetime) -> None:
        self.exchange = exchange
        self.received_at = received_at
        self.headers = exchange.headers
        self.id = new_id()
        sent = self.headers.get(HEADER)
        self.correlator = sent if sent is not None and is_well_formed(sent) else self.id.encode()
        self.span: RequestSpan | None = None

    @property
    def authorization(self) -> str | None:
        """The header as sent."""
        header = self.headers.get(b"authorization")
        return None if header is None else header.decode("latin-1")

    @property
    def text_headers(self) -> SentHeaders:
        """The headers as text, each decoded when it is asked for."""
        return SentHeaders(self.headers)

    def respond(self, answer: Answer) -> None:
        """Sends the answer, and ends the span."""
        if self.span is not None:
            self.span.end(answer.status, self.correlator)
        self.exchange.respond(answer, self.correlator)

    def bind_log(self) -> None:
        """Gives correlator and trace to the log lines of this task, which has its own context."""
        trace_id = {} if self.span is None else {"trace_id": self.span.trace_id}
        structlog.contextvars.bind_contextvars(correlator=self.correlator.decode(), **trace_id)


def sender_of(credential: Credential | None) -> Sender:
    """Returns who sends, for intake; without a name while the sender is not known."""
    if credential is None:
        return UNKNOWN_SENDER
    is_limited = bool(credential.types or credential.sources)
    return Sender(credential.name, credential.may_send if is_limited else None)
