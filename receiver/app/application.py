"""The composition root: settings in, an application out; the lifespan owns all that runs."""

import os
import time
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from receiver.api.access.guard import Guard
from receiver.api.access.rates import question_turns, sending_rate
from receiver.api.access.sessions import Sessions
from receiver.api.answers.correlator import Correlator
from receiver.api.answers.counting import Answers
from receiver.api.answers.errors import LastResort, describe_error_info, install_error_handlers
from receiver.api.answers.exchange import COUNT_ANSWER
from receiver.api.answers.streamed import IS_HEAD
from receiver.api.description.document import complete
from receiver.api.description.preamble import PREAMBLE
from receiver.api.operations.health import PROBE_PATHS
from receiver.api.sink.asgi import SinkApplication
from receiver.api.sink.path import PATH, is_path_of_sink
from receiver.api.sink.reception import Reception
from receiver.api.sink.refusals import Refusals
from receiver.api.sink.schemas import SCHEMAS
from receiver.api.sink.wrong_paths import WrongPaths
from receiver.api.wire.gathering import GATHERING, Gathering
from receiver.api.wire.places import PROBES
from receiver.api.wire.protocol import STOP
from receiver.app.doors import open_doors
from receiver.app.service import Service, now
from receiver.log_lines import LogLines
from receiver.release import find_version
from receiver.settings.settings import Settings
from receiver.tracing.spans import NoTracing

# No route has it.
UNKNOWN_PATH = "/unknown"


class Application(FastAPI):
    """FastAPI, and the sink ahead of its middleware and routes.

    A notification must not pay for what it does not use.
    """

    def __init__(self, *, sink: ASGIApp, **options: Any) -> None:
        super().__init__(**options)
        self._sink = sink

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers the caller, or runs the lifespan."""
        path, method = scope.get("path", ""), scope.get("method")
        if is_path_of_sink(path):
            if method == "POST":
                await self._sink(scope, receive, send)
                return
            scope = {**scope, "path": PATH}
        elif not path.isprintable():
            # The router takes a path with a newline at its end for the path without.
            scope = {**scope, "path": UNKNOWN_PATH}
        if method == "HEAD":
            # The server leaves the body out; the rest is the answer to GET (RFC 9110, 9.3.2).
            scope = {**scope, "method": "GET", IS_HEAD: True}
        await super().__call__(scope, receive, send)

    def openapi(self) -> dict[str, Any]:
        """Returns the OpenAPI document, which is made once."""
        if self.openapi_schema is None:
            self.openapi_schema = complete(super().openapi(), {**SCHEMAS, **describe_error_info()})
        return self.openapi_schema


def create_app(
    settings: Settings,
    metrics_dir: Path | None = None,
    tracing: NoTracing | None = None,
    lines: LogLines | None = None,
) -> FastAPI:
    """Returns the application of one process.

    Args:
        metrics_dir: where several processes count together; None: this one counts alone.
        tracing: None: nobody traces.
        lines: of the log, of which the dropped ones are counted; None: none is dropped.

    Raises:
        ConfigurationError: the settings name no database.
    """
    service = Service(settings, metrics_dir, tracing)
    if lines is not None:
        lines.count_dropped = service.metrics.count_dropped_lines
    sessions = Sessions(
        service.credentials, service.namespace, now, service.answering.redeeming.redeem
    )
    guard = Guard(
        service.credentials,
        now,
        grace=timedelta(seconds=settings.expired_token_grace),
        note_failure=service.attempts.note_failure,
        turns=question_turns(
            settings.questions_at_once, patience_seconds=settings.pool_timeout_seconds
        ),
        body_limit_bytes=settings.body_limit_bytes,
        count_sent=sending_rate(settings.rate_limit, time.monotonic),
        sessions=sessions,
        find_access_token=None if service.access_tokens is None else service.access_tokens.find,
    )
    reception = Reception(
        guard=guard,
        intake=service.intake,
        quarantine=service.quarantine,
        metrics=service.metrics,
        tracing=service.tracing,
        clock=now,
        body_limit_bytes=settings.body_limit_bytes,
        members_limit=settings.members_limit,
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[dict[str, object]]:
        log = structlog.get_logger(__name__)
        async with service.open(), aclosing(reception):
            log.info("serving", process=os.getpid())
            yield {
                COUNT_ANSWER: service.metrics.count_answer,
                GATHERING: Gathering(PATH, reception, service.rota),
                PROBES: PROBE_PATHS,
                STOP: service.live.fan_out.stop,
            }
            log.info("stopping", process=os.getpid())
        log.info("stopped", process=os.getpid())

    app = Application(
        sink=SinkApplication(reception),
        **PREAMBLE,
        version=find_version(),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=service.tracing.telemetry,
    )
    for router in open_doors(service, settings, guard, sessions):
        app.include_router(router)
    install_error_handlers(app)
    wrong_paths = WrongPaths(
        guard=guard,
        refusals=Refusals(service.quarantine, service.metrics),
        clock=now,
        body_limit_bytes=settings.body_limit_bytes,
    )
    app.add_exception_handler(HTTPException, wrong_paths.answer)
    app.add_middleware(LastResort)
    app.add_middleware(Answers, count=service.metrics.count_answer)
    app.add_middleware(Correlator)
    service.tracing.correlate(app)
    return app
