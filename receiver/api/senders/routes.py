"""The route of the senders."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request

from receiver.api.access.guard import Guard
from receiver.api.answers.errors import documented
from receiver.api.senders.questions import SendersQuestion
from receiver.api.senders.resources import SendersResource
from receiver.store.credentials.credentials import Credential, Role
from receiver.store.senders.senders import Senders


def senders_router(*, guard: Guard, senders: Senders, clock: Callable[[], datetime]) -> APIRouter:
    """Makes the route."""
    router = guard.router("senders", "questions", Role.READER)

    @router.get(
        "/senders",
        operation_id="listSenders",
        summary="Who sends, how much, how late, and with which findings",
        response_model=SendersResource,
        response_model_exclude_none=True,
        responses=documented(400),
    )
    async def list_senders(
        question: Annotated[SendersQuestion, Query()], request: Request
    ) -> SendersResource:
        """Each source of each credential, or with `by=credential` each credential, from which
        something was stored in the window: moments after its arrival, unless it waited in the
        spool or in quarantine. The same numbers by day are in the views `reporting.sender` and
        `reporting.finding`. An answer is up to five seconds old, and looks at the newest 50,000
        events of the window: `countedFrom` says since when."""
        caller: Credential = request.state.credential
        sent = await senders.ask(question.select(clock()))
        return SendersResource.of(sent, are_ids_told=caller.role is Role.ADMIN)

    return router
