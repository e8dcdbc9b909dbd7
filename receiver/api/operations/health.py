"""`/livez` and `/readyz`: whether the process is alive, and whether it can store and answer."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from receiver.api.answers.counting import REASON, counted_as
from receiver.api.answers.errors import ErrorInfo
from receiver.api.answers.translation import RETRY_AFTER_SECONDS
from receiver.store.health.figures import Figures


class Health(Protocol):
    """The state of the service and its database, looked up anew for each call."""

    async def unready_reasons(self) -> Sequence[str]:
        """Returns why the service cannot store or answer, in a sentence each; none: it can."""

    async def read_figures(self) -> Figures:
        """Reads what operations watch in the database.

        Raises:
            Unavailable: the database cannot be asked, or answers too slowly.
        """


class Liveness(BaseModel):
    """The process is alive."""

    status: str = Field(examples=["alive"])


class Readiness(BaseModel):
    """The service can store notifications and answer questions."""

    status: str = Field(examples=["ready"])


class NotReady(ErrorInfo):
    """The service cannot; each reason is a sentence."""

    reasons: list[str] = Field(examples=[["the database cannot be reached"]])


def health_router(unready_reasons: Callable[[], Awaitable[Sequence[str]]]) -> APIRouter:
    """Makes the routes `/livez` and `/readyz`, without authentication.

    Args:
        unready_reasons: as `Health.unready_reasons`.
    """
    router = APIRouter(tags=["operations"], route_class=counted_as("operations"))

    @router.get("/livez", summary="Is the process alive?")
    async def livez() -> Liveness:
        return Liveness(status="alive")

    @router.get(
        "/readyz",
        summary="Can it store and answer?",
        response_model=Readiness,
        responses={503: {"model": NotReady, "description": "Not now; the reasons say why."}},
    )
    async def readyz(request: Request) -> Readiness | JSONResponse:
        reasons = await unready_reasons()
        if not reasons:
            return Readiness(status="ready")
        body = NotReady(status=503, code="UNAVAILABLE", message="Not ready", reasons=list(reasons))
        headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
        request.scope[REASON] = "not-ready"
        return JSONResponse(body.model_dump(), status_code=503, headers=headers)

    return router
