"""For operations: whether the process lives, and whether it can store and answer."""

from collections.abc import Awaitable, Callable, Sequence

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from receiver.api.answers.counting import REASON, counted_as
from receiver.api.answers.errors import ErrorInfo
from receiver.api.answers.translation import RETRY_AFTER_SECONDS


class Liveness(BaseModel):
    """The process answers."""

    status: str = Field(examples=["alive"])


class Readiness(BaseModel):
    """It can store notifications and answer questions."""

    status: str = Field(examples=["ready"])


class NotReady(ErrorInfo):
    """Why it cannot, in a sentence each."""

    reasons: list[str] = Field(examples=[["the database cannot be reached"]])


def health_router(unready_reasons: Callable[[], Awaitable[Sequence[str]]]) -> APIRouter:
    """`/livez` and `/readyz`, without authentication.

    Args:
        unready_reasons: sentences; none when ready.
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
