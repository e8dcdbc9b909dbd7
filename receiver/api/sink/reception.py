"""The sink: what was posted to it is answered 204 once it is durable."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from receiver.api.access.guard import SINK, Clock, Guard
from receiver.api.answers.correlator import HEADER, bind, is_well_formed
from receiver.api.answers.counting import OK
from receiver.api.answers.errors import ErrorResponse, response_to, response_to_unforeseen
from receiver.api.sink.refusals import KeepRefused, kept_headers
from receiver.api.wire.gathering import Headers, Request, Taken
from receiver.errors import (
    BodyTooLarge,
    MediaTypeUnsupported,
    NotificationRefused,
    ReceiverError,
    Unavailable,
)
from receiver.events.event import Arrival
from receiver.ids import new_id
from receiver.intake import modes
from receiver.intake.intake import Delivery, Intake, named_refusal
from receiver.metrics.metrics import Metrics
from receiver.store.credentials.credentials import Credential
from receiver.store.quarantine.quarantine import Refusal

CALL = "notifications"
REASON_LENGTH = 512
# Those that tell who sends, and in which mode.
TELLING_HEADERS = (b"authorization", b"content-type", b"ce-specversion")


class Sink:
    """The bare ASGI application behind `POST /notifications`, and what its `ShortWay` does.

    Args:
        keep_refused: returns once the refused bytes are durable.
        clock: aware UTC; the only clock in a notification's way.
        body_limit_bytes: counted as received.
        members_limit: notifications in one CloudEvents batch.
    """

    def __init__(
        self,
        *,
        guard: Guard,
        intake: Intake,
        keep_refused: KeepRefused,
        metrics: Metrics,
        clock: Clock,
        body_limit_bytes: int,
        members_limit: int,
    ) -> None:
        self._guard = guard
        self._intake = intake
        self._keep_refused = keep_refused
        self._metrics = metrics
        self._clock = clock
        self._body_limit_bytes = body_limit_bytes
        self._members_limit = members_limit
        self._log = structlog.get_logger(__name__)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Of a repeated one the first.
        sent: dict[bytes, bytes] = dict(reversed(scope["headers"]))
        correlator = _correlator(sent, new_id())
        bind(correlator)
        answer: ErrorResponse | None = None
        try:
            refused = await self._store(sent, scope, receive)
            if refused is not None:
                answer = self._refusal(refused, correlator)
        except Exception as error:  # the caller is owed an answer
            answer = self._refusal(error, correlator)
        if answer is not None:
            await answer(scope, receive, send)
            return
        self.answered(1)
        start = {"type": "http.response.start", "status": 204}
        await send({**start, "headers": [(HEADER, correlator)]})
        await send({"type": "http.response.body"})

    def awaits(self, headers: Headers, length: int) -> bool:
        """Whether `take` is likely to take a request of these headers and that length of body."""
        sent = dict(reversed(headers))
        return length <= self._body_limit_bytes and self._sender(sent, self._clock()) is not None

    def take(self, requests: Sequence[Request]) -> Sequence[Taken | None]:
        """Takes in at once what nearly all requests are: one good notification of a known sender.

        Returns:
            For each; None where it is anything else: nothing was done, and `__call__` answers.
        """
        received_at = self._clock()
        taken: list[Taken | None] = [None] * len(requests)
        if not self._intake.has_room(len(requests)):
            return taken
        known: list[tuple[int, bytes, Credential]] = []
        deliveries: list[Delivery] = []
        # Many a time they are all one sender's.
        senders: dict[tuple[bytes | None, ...], Credential | None] = {}
        for place, (headers, body) in enumerate(requests):
            sent = dict(reversed(headers))
            telling = tuple(map(sent.get, TELLING_HEADERS))
            if telling not in senders:
                senders[telling] = self._sender(sent, received_at)
            credential = senders[telling]
            if credential is not None and len(body) <= self._body_limit_bytes:
                mark = new_id()
                known.append((place, _correlator(sent, mark), credential))
                deliveries.append(
                    Delivery(
                        modes.structured(body),
                        credential.name,
                        credential.may_send,
                        received_at,
                        mark,
                    )
                )
        for name in {credential.name for credential in senders.values() if credential}:
            self._metrics.note_arrival(name, received_at)
        arrivals = self._intake.arrivals(deliveries)
        for (place, correlator, credential), arrival in zip(known, arrivals, strict=True):
            if isinstance(arrival, Arrival) and self._guard.admits(credential, SINK, received_at):
                stored = self._intake.submit(arrival)
                taken[place] = Taken(stored, correlator)
        return taken

    def _sender(self, sent: Mapping[bytes, bytes], now: datetime) -> Credential | None:
        """Who sends one notification that is all in its body; None where that is doubtful."""
        if not modes.is_structured(modes.SentHeaders(sent)):
            return None
        return self._guard.recalled(_authorization(sent), SINK, now)

    def answered(self, number: int) -> None:
        """Counts answers to what was taken and is durable."""
        self._metrics.count_answer(CALL, 204, OK, number)

    def failed(self, error: BaseException, correlator: bytes) -> ASGIApp:
        """Gives what answers to what was taken and is not stored."""
        # Anything else is refused once more by `__call__`, and kept by it.
        return self._refusal(error, correlator) if isinstance(error, Unavailable) else self

    def _refusal(self, error: Exception, correlator: bytes) -> ErrorResponse:
        if isinstance(error, ReceiverError | ClientDisconnect):
            answer = response_to(error)
        else:
            answer = response_to_unforeseen(error)
        self._metrics.count_answer(CALL, answer.status_code, answer.reason)
        answer.raw_headers.append((HEADER, correlator))
        return answer

    async def _store(
        self, sent: Mapping[bytes, bytes], scope: Scope, receive: Receive
    ) -> ReceiverError | None:
        """Returns once all that can be understood is durable, with the answer for the rest."""
        received_at = self._clock()
        authorization = _authorization(sent)
        credential = self._guard.known(authorization, SINK, received_at)
        if credential is None:
            credential = await self._guard.admit(authorization, SINK, scope)
        self._metrics.note_arrival(credential.name, received_at)
        body = await self._body(sent.get(b"content-length", b""), receive)
        headers = modes.SentHeaders(sent)
        is_batch = False
        try:
            mode = modes.mode(headers)
            is_batch = mode is modes.Mode.BATCH
            # Before it is taken apart: those who try again at once must not keep commits waiting.
            self._intake.require_room(self._members_limit if is_batch else 1)
            members = modes.members(mode, headers, body)
        except (NotificationRefused, MediaTypeUnsupported) as error:
            answer: ReceiverError = error.alone()
            refusals = [Refusal(str(error), body)]
        else:
            if len(members) > self._members_limit:
                raise BodyTooLarge(f"The batch has more than {self._members_limit} members")
            outcomes = await self._intake.store(
                members, credential.name, received_at, may_send=credential.may_send
            )
            refused = named_refusal(outcomes, is_batch=is_batch)
            if refused is None:
                return None
            answer = refused
            refusals = [
                Refusal(str(error), member.body, is_member=is_batch)
                for member, error in zip(members, outcomes, strict=True)
                # What the credential may not send is not kept: another try would let it in.
                if isinstance(error, NotificationRefused)
            ]
        if refusals:
            await self._keep_refused(
                refusals,
                credential=credential.name,
                received_at=received_at,
                headers=kept_headers(headers),
            )
            self._metrics.count_quarantined(credential.name, len(refusals))
        self._log.warning(
            "notification refused", credential=credential.name, reason=str(answer)[:REASON_LENGTH]
        )
        return answer

    async def _body(self, declared: bytes, receive: Receive) -> bytes:
        """The whole body; stops reading as soon as it is known to be too large."""
        if declared.isdigit() and int(declared) > self._body_limit_bytes:
            raise self._too_large()
        body = b""
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            chunk: bytes = message["body"]
            body += chunk
            if len(body) > self._body_limit_bytes:
                raise self._too_large()
            if not message["more_body"]:
                return body

    def _too_large(self) -> BodyTooLarge:
        return BodyTooLarge(f"The body is larger than {self._body_limit_bytes} bytes")


def _correlator(sent: Mapping[bytes, bytes], mark: str) -> bytes:
    """The one that was sent, or the mark."""
    correlator = sent.get(HEADER, b"")
    return correlator if is_well_formed(correlator) else mark.encode()


def _authorization(sent: Mapping[bytes, bytes]) -> str | None:
    header = sent.get(b"authorization")
    return None if header is None else header.decode("latin-1")
