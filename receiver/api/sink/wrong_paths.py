"""Notifications that a slip in a provider's form sends past the sink: kept, and still refused.

The answer of the router stays what it is, 404 or 405, whether the token is good, bad or missing:
a stranger learns nothing. Only a sender that is authenticated by then has its body read, within
the bounds of the sink, and kept in quarantine.
"""

from collections.abc import Callable
from datetime import datetime
from time import monotonic

import structlog
from fastapi import Request, Response
from starlette.exceptions import HTTPException

from receiver.api.access.guard import SINK, Guard
from receiver.api.access.rates import Rates, Timer
from receiver.api.answers.counting import CALL
from receiver.api.answers.errors import ErrorResponse, answer_to
from receiver.api.sink import responder
from receiver.api.sink.asgi import AsgiExchange
from receiver.api.sink.path import PATH
from receiver.api.sink.posted import Posted, sender_of
from receiver.api.sink.refusals import Refusals
from receiver.errors import AttemptsExceeded, PermissionDenied, ReceiverError, Unauthenticated
from receiver.store.quarantine.rows import Refusal

# The methods that send a body to be kept.
METHODS = frozenset({"POST", "PUT", "PATCH"})

# By the router's refusal: the word in the metric, and at the beginning of the reason in quarantine.
WORDS = {404: "wrong-path", 405: "wrong-method"}

# Never the path that was called: it may hold a token or a phone number.
ADVICE = f"notifications are taken at POST {PATH}"

LINES_PER_SECOND = 1 / 60


class WrongPaths:
    """Answers what no route takes, and keeps the notifications among it.

    Args:
        clock: aware UTC.
        body_limit_bytes: as received.
        timer: seconds that never go back; for each credential there is one log line a minute.
    """

    def __init__(
        self,
        *,
        guard: Guard,
        refusals: Refusals,
        clock: Callable[[], datetime],
        body_limit_bytes: int,
        timer: Timer = monotonic,
    ) -> None:
        self._guard = guard
        self._refusals = refusals
        self._clock = clock
        self._body_limit_bytes = body_limit_bytes
        self._timer = timer
        self._lines = Rates(LINES_PER_SECOND, burst=1)
        self._log = structlog.get_logger(__name__)

    async def answer(self, request: Request, error: Exception) -> Response:
        """Answers an error of the framework's, in place of its own handler.

        Returns:
            The router's refusal; or 413, 429 or 503 where a notification could not be kept.
        """
        answer = answer_to(error)
        may_be_kept = (
            isinstance(error, HTTPException)
            and error.status_code in WORDS
            and request.method in METHODS
            and "authorization" in request.headers
        )
        if may_be_kept:
            try:
                word = WORDS[answer.status]
                if await self._keep(request, word):
                    request.scope[CALL] = responder.CALL
                    answer = answer._replace(reason=word)
            except ReceiverError as fault:
                request.scope[CALL] = responder.CALL
                answer = answer_to(fault)
        return ErrorResponse(answer)

    async def _keep(self, request: Request, word: str) -> bool:
        """Returns whether it is a notification, durable by now.

        Raises:
            ReceiverError: it is or may be one, and is not kept.
        """
        exchange = AsgiExchange(request.scope, request.receive)
        posted = Posted(exchange, self._clock())
        try:
            credential = await self._guard.authenticate(
                posted.authorization, SINK, request.scope, posted.received_at
            )
        except (Unauthenticated, AttemptsExceeded, PermissionDenied):
            return False
        self._guard.admit(credential, SINK, posted.received_at)
        posted.sender = sender_of(credential)
        posted.mode = None
        posted.body = await exchange.read_body(self._body_limit_bytes)
        await self._refusals.store(posted, [Refusal(f"{word}: {ADVICE}", posted.body)])
        if not self._lines.admit(credential.name, self._timer()):
            self._log.warning("notification sent to a wrong path", credential=credential.name)
        return True
