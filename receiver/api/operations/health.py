"""`/livez` and `/readyz`: whether the process is alive, and whether it can store and answer."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Literal, Protocol

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from receiver.api.answers.counting import REASON, counted_as
from receiver.api.answers.errors import ErrorInfo, documented
from receiver.api.answers.resource import Resource
from receiver.api.answers.translation import RETRY_AFTER_SECONDS
from receiver.release import find_version
from receiver.store.health.figures import Figures
from receiver.store.health.progress import Progress

LIVENESS, READINESS = "/livez", "/readyz"

# They are answered also while every connection is taken.
PROBE_PATHS = frozenset({LIVENESS, READINESS})


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

    model_config = ConfigDict(json_schema_extra={"example": {"status": "alive"}})

    status: Literal["alive"] = Field(default="alive", description="Always this.")


class Projection(Resource):
    """How far the answers are derived from what is stored."""

    lag_seconds: float = Field(
        description="How long the oldest event waits to be derived; 0: none waits."
    )
    derivation: int = Field(
        description="Version of the logic by which all devices are derived; 0: some are not yet.",
    )
    rebuilding: int | None = Field(
        default=None, description="Version that a rebuild makes; absent: none is under way."
    )
    rebuilt_ratio: float | None = Field(
        default=None,
        description="Share of the devices that are derived anew, 0 to 1; absent likewise.",
    )


class Readiness(Resource):
    """The service can store notifications and answer questions."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "status": "ready",
                "version": "0.1.0",
                "projection": {"lagSeconds": 0.0, "derivation": 1},
            }
        }
    )

    status: Literal["ready"] = Field(default="ready", description="Always this.")
    version: str = Field(description="Of the service, such as `0.1.0`.")
    projection: Projection | None = Field(
        default=None,
        description="Absent where the database did not tell, as while a month is locked.",
    )
    warnings: list[str] | None = Field(
        default=None,
        description="What is wrong, or done in another way, although notifications are taken, in "
        "sentences: the clock of the database is days away from the one of this machine, or "
        "notifications wait in the spool. Absent where nothing is.",
    )


class NotReady(ErrorInfo):
    """The service cannot; the error says why."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "status": 503,
                "code": "UNAVAILABLE",
                "message": "Not ready",
                "reasons": ["the database cannot be reached"],
            }
        }
    )

    reasons: list[str] = Field(description="Each a sentence.")


def health_router(
    unready_reasons: Callable[[], Awaitable[Sequence[str]]],
    progress: Callable[[], Progress | None],
    warnings: Callable[[], Sequence[str]],
) -> APIRouter:
    """Makes the routes `/livez` and `/readyz`, without authentication.

    Args:
        unready_reasons: as `Health.unready_reasons`.
        progress: returns that of the projection, as of the same look.
        warnings: returns what is wrong all the same, in a sentence each, as of that look.
    """
    router = APIRouter(tags=["operations"], route_class=counted_as("operations"))

    @router.get(
        LIVENESS,
        operation_id="getLiveness",
        summary="Is the process alive?",
        responses=documented(),
    )
    async def livez() -> Liveness:
        """For whoever restarts a process that hangs; it says nothing about the database."""
        return Liveness()

    @router.get(
        READINESS,
        operation_id="getReadiness",
        summary="Can it store and answer?",
        response_model=Readiness,
        response_model_exclude_none=True,
        responses={
            503: {"model": NotReady, "description": "Not now; the reasons say why."},
            **documented(),
        },
    )
    async def readyz(request: Request) -> Readiness | JSONResponse:
        """For whoever sends requests here: a proxy, or an orchestrator."""
        reasons = await unready_reasons()
        if not reasons:
            return Readiness(
                version=find_version(),
                projection=_projection(progress()),
                warnings=list(warnings()) or None,
            )
        body = NotReady(status=503, code="UNAVAILABLE", message="Not ready", reasons=list(reasons))
        headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
        request.scope[REASON] = "not-ready"
        return JSONResponse(body.model_dump(), status_code=503, headers=headers)

    return router


def _projection(progress: Progress | None) -> Projection | None:
    if progress is None:
        return None
    return Projection(
        lag_seconds=progress.lag_seconds,
        derivation=progress.derivation,
        rebuilding=progress.rebuilding,
        rebuilt_ratio=None if progress.rebuilding is None else progress.rebuilt_share,
    )
