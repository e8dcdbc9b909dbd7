"""The audit line of a read: who asked which call, and how much was answered; never for whom."""

import asyncio

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.requests import ClientDisconnect

from receiver.api.answers.exchange import OK
from receiver.errors import InvalidArgument, ReceiverError, Stopping
from receiver.log import audit
from receiver.store.credentials.credentials import Credential


class Read:
    """One call that reads personal data, from its start to its audit line.

    A caller without a valid token leaves no line, or strangers would fill the log; failed
    authentications are counted and summed up once a minute.

    Args:
        action: as `subject.verb`.
        call: the method and the template of the path, never the path itself.
    """

    def __init__(self, request: Request, action: str, call: str) -> None:
        self._state = request.state
        self._action = action
        self._call = call
        # Whoever hears nothing of an answer was cancelled, and only a stop cancels calls.
        self._outcome = Stopping.word
        self._items = 0

    def answered(self, response: Response) -> None:
        """Notes the answer: the items of a page, else the one thing that was asked for."""
        self._outcome = OK
        self._items = getattr(response, "items", 1)

    def failed(self, error: BaseException) -> None:
        """Notes why there is no answer, as the metrics name it."""
        match error:
            case ReceiverError():
                self._outcome = error.word
            case RequestValidationError():
                self._outcome = InvalidArgument.word
            case ClientDisconnect():
                self._outcome = "hung-up"
            case asyncio.CancelledError():
                self._outcome = Stopping.word
            case _:
                self._outcome = "internal"

    def streamed(self, items: int, error: BaseException | None, *, is_whole: bool) -> None:
        """Notes how an answer in pieces ended, and the items that it has."""
        if error is not None:
            self.failed(error)
        else:
            self._outcome = OK if is_whole else "hung-up"
        self._items = items

    def audit(self) -> None:
        """Writes the line, unless the caller is unknown or the call has a line of its own."""
        credential: Credential | None = getattr(self._state, "credential", None)
        if credential is None or getattr(self._state, "is_audited", False):
            return
        audit(
            self._action,
            credential=credential.name,
            outcome=self._outcome,
            call=self._call,
            items=self._items,
        )
