"""The reception: takes 1..n whole requests to the sink and answers each of them, exactly once.

A turn of the event loop, one ASGI request and a CloudEvents batch are the same code. All requests
take each step together: recall the sender, admit it, read the members, understand them, submit
them. Whatever needs to wait continues in a task of its own and ends in the same steps:

    state         what it waits for                        next
    ------------  ---------------------------------------  ----------------------------------
    unknown       a look at the credentials                known, or 401, 403, 429, 503
    known         its body (ASGI only); its turn           submitted, refused, or 408, 413, 503
    submitted     its commit                               204, refused, or 503
    refused       its place in quarantine                  400, 415, or 503

Nothing is understood twice, and `received_at` is read once for all requests of a turn.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from receiver.api.access.guard import SINK, Guard
from receiver.api.answers.exchange import Exchange, FirstHeaders
from receiver.api.sink.posted import Posted, sender_of
from receiver.api.sink.refusals import Refusals
from receiver.api.sink.responder import Responder
from receiver.errors import (
    BodyTooLarge,
    ContentRejected,
    MediaTypeUnsupported,
    NotificationRefused,
    RateExceeded,
    ReceiverError,
)
from receiver.ids import new_id
from receiver.intake import modes
from receiver.intake.intake import Delivery, Intake, Sender, Submitted, named_refusal
from receiver.intake.modes import Member, Mode
from receiver.metrics.metrics import Metrics
from receiver.store.credentials.credentials import Credential
from receiver.store.quarantine.quarantine import Quarantine
from receiver.store.quarantine.rows import Refusal
from receiver.tracing.spans import NoTracing

# Headers that identify the sender and the content mode.
SENDER_HEADERS = (b"authorization", b"content-type", b"ce-specversion", b"content-encoding")


class Reception:
    """Decides on every POST to the sink.

    Args:
        clock: aware UTC.
        body_limit_bytes: counted as received, and again once it is decompressed.
        members_limit: notifications in one CloudEvents batch.
    """

    def __init__(
        self,
        *,
        guard: Guard,
        intake: Intake,
        quarantine: Quarantine,
        metrics: Metrics,
        tracing: NoTracing,
        clock: Callable[[], datetime],
        body_limit_bytes: int,
        members_limit: int,
    ) -> None:
        self._guard = guard
        self._intake = intake
        self._metrics = metrics
        self._tracing = tracing
        self._clock = clock
        self._body_limit_bytes = body_limit_bytes
        self._members_limit = members_limit
        self._refusals = Refusals(quarantine, metrics)
        self._responder = Responder(metrics)

    def may_wait_for(self, headers: FirstHeaders, length: int) -> bool:
        """Whether a request may be held until its body is whole: its head would be admitted."""
        if length > self._body_limit_bytes:
            return False
        return self._recall(headers, self._clock()) is not None

    def receive(self, exchanges: Sequence[Exchange]) -> None:
        """Takes requests in; each is answered now or later, whatever becomes of the others."""
        received_at = self._clock()
        # A turn usually has one sender: look it up once.
        known: dict[tuple[bytes | None, ...], tuple[Credential | None, Sender, Mode | None]] = {}
        begin_request = self._tracing.begin_request
        ready: list[Posted] = []
        for exchange in exchanges:
            posted = Posted(exchange, received_at)
            posted.span = begin_request(exchange)
            key = tuple(map(posted.headers.get, SENDER_HEADERS))
            if key not in known:
                credential = self._recall(posted.headers, received_at)
                mode = modes.find_plain_mode(posted.text_headers)
                known[key] = credential, sender_of(credential), mode
            credential, posted.sender, posted.mode = known[key]
            body = exchange.body
            if credential is None or body is None or not modes.is_single(posted.mode, body):
                self._responder.start(posted, self._complete(posted, credential))
                continue
            posted.body = body
            try:
                self._guard.admit(credential, SINK, received_at)
            except RateExceeded as error:
                self._responder.fail(posted, error)
            else:
                ready.append(posted)
        for credential, _, _ in known.values():
            if credential is not None:
                self._metrics.note_arrival(credential.name, received_at)
        if ready:
            self._store(ready)

    async def aclose(self) -> None:
        """Ends what is still waiting, with a 503."""
        await self._responder.aclose()

    def _recall(self, headers: FirstHeaders, now: datetime) -> Credential | None:
        authorization = headers.get(b"authorization")
        if authorization is None:
            return None
        return self._guard.recall(authorization.decode("latin-1"), SINK, now)

    async def _complete(self, posted: Posted, credential: Credential | None) -> None:
        """Waits for what a request lacks: its sender, its body, or its turn as a batch."""
        if credential is None:
            credential = await self._guard.authenticate(
                posted.authorization, SINK, posted.exchange.scope, posted.received_at
            )
        posted.sender = sender_of(credential)
        self._guard.admit(credential, SINK, posted.received_at)
        self._metrics.note_arrival(credential.name, posted.received_at)
        body = posted.exchange.body
        if body is None:
            body = await posted.exchange.read_body(self._body_limit_bytes)
        posted.body = body
        if modes.is_single(posted.mode, body):
            self._store([posted])
            return
        # Only the opened body tells.
        posted.mode = None
        async with self._intake.turn():
            self._store([posted])

    def _store(self, requests: Sequence[Posted]) -> None:
        """Takes requests that lack nothing through each step together, and submits them."""
        has_room = self._intake.has_room(len(requests))
        deliveries: list[Delivery] = []
        readable: list[tuple[Posted, list[bytes]]] = []  # a member holds its parsed document
        for posted in requests:
            try:
                members = self._members(posted, has_room)
            except (NotificationRefused, MediaTypeUnsupported) as error:
                refusal = Refusal(str(error), posted.body)
                self._responder.start(posted, self._refuse(posted, [refusal], error.strip_frames()))
                continue
            except ReceiverError as error:
                self._responder.fail(posted, error)
                continue
            is_batch = posted.mode is Mode.BATCH
            bodies = [each.body for each in members] if is_batch else [posted.body]
            readable.append((posted, bodies))
            for member in members:
                arrival_id = new_id() if is_batch else posted.id
                deliveries.append(Delivery(member, posted.sender, posted.received_at, arrival_id))
                if posted.span is not None:
                    posted.span.carry(arrival_id)
        try:
            submitted = self._intake.submit(deliveries)
        except Exception as error:  # each caller is owed an answer, and not its neighbour's
            for posted, _ in readable:
                if len(readable) > 1:
                    self._store([posted])
                else:
                    self._responder.fail(posted, error)
            return
        first = 0
        for posted, bodies in readable:
            answer = submitted[first] if len(bodies) == 1 else None
            if isinstance(answer, asyncio.Future):
                answer.add_done_callback(partial(self._conclude, posted, bodies))
            else:
                own = submitted[first : first + len(bodies)]
                self._responder.start(posted, self._settle(posted, bodies, own))
            first += len(bodies)

    def _members(self, posted: Posted, has_room: bool) -> Sequence[Member]:
        """Returns the members of a request, none of them read yet.

        Raises:
            BodyTooLarge, MediaTypeUnsupported, NotificationRefused, QueueFull: it is refused whole.
        """
        body = posted.body
        if len(body) > self._body_limit_bytes:
            raise BodyTooLarge(f"The body is larger than {self._body_limit_bytes} bytes")
        if has_room and posted.mode is Mode.STRUCTURED:
            return [modes.structured(body)]
        # Before each step that costs more: under overload a refusal must cost little.
        self._intake.require_room(1)
        content = modes.open_content(posted.text_headers, body, self._body_limit_bytes)
        posted.mode = content.mode
        if content.mode is Mode.BATCH:
            self._intake.require_room(self._members_limit)
        members = content.split(self._members_limit + 1)
        if len(members) > self._members_limit:
            raise BodyTooLarge(f"The batch has more than {self._members_limit} members")
        return members

    def _conclude(
        self, posted: Posted, bodies: Sequence[bytes], stored: asyncio.Future[None]
    ) -> None:
        """Answers a request of one notification when its commit ended."""
        error = stored.exception()
        if error is None:
            self._responder.confirm(posted)
        elif isinstance(error, ContentRejected):
            self._responder.start(posted, self._settle(posted, bodies, [stored]))
        else:
            self._responder.fail(posted, error)

    async def _settle(
        self, posted: Posted, bodies: Sequence[bytes], submitted: Sequence[Submitted]
    ) -> None:
        """Answers a request once each of its members is durable or refused."""
        outcomes = await self._intake.settle(submitted)
        error = named_refusal(outcomes, is_batch=posted.mode is Mode.BATCH)
        if error is None:
            self._responder.confirm(posted)
            return
        is_batch = posted.mode is Mode.BATCH
        refusals = [
            # One notification is kept as it arrived, to be decoded again by the headers beside it.
            Refusal(str(outcome), body if is_batch else posted.body, is_member=is_batch)
            for body, outcome in zip(bodies, outcomes, strict=True)
            # The others are not the credential's to send.
            if isinstance(outcome, NotificationRefused)
        ]
        await self._refuse(posted, refusals, error)

    async def _refuse(
        self, posted: Posted, refusals: Sequence[Refusal], error: ReceiverError
    ) -> None:
        await self._refusals.keep(posted, refusals, error)
        self._responder.fail(posted, error)
