"""The spans: one for each request, one for each commit; knows nothing of who gets them."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

import structlog
from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.propagators.textmap import CarrierT, Getter, default_getter
from opentelemetry.trace import Link, NonRecordingSpan, Span, SpanContext, SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CLOSE_SECONDS = 5.0

CORRELATOR = "receiver.correlator"


class HasArrivalId(Protocol):
    """What is committed, as far as spans know it."""

    @property
    def arrival_id(self) -> str: ...


class HasScope(Protocol):
    """A request, as far as spans know it."""

    @property
    def scope(self) -> Scope: ...


Item = TypeVar("Item", bound=HasArrivalId)
Commit = Callable[[Sequence[Item]], Awaitable[None]]

# FastAPI's hooks without traces: not even for whoever turns them on from outside, because their
# logs hold the texts of errors, and their spans paths, queries and host names.
NO_TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "auto_configure": False,
}


class TraceParent(TraceContextTextMapPropagator):
    """Continues the caller's trace; what else W3C lets a caller send along is free text."""

    def extract(
        self,
        carrier: CarrierT,
        context: Context | None = None,
        getter: Getter[CarrierT] = default_getter,
    ) -> Context:
        sent = getter.get(carrier, "traceparent") or []
        return super().extract({"traceparent": sent}, context)


class RequestSpan:
    """The span of one request to the sink, until it is answered.

    Attributes:
        trace_id: as log lines write it.

    Args:
        requests: by arrival id, the requests whose commits are to come; shared with the commits.
    """

    def __init__(self, span: Span, requests: dict[str, SpanContext]) -> None:
        self._span = span
        self._requests = requests
        self._carried: list[str] = []
        self.trace_id = trace.format_trace_id(span.get_span_context().trace_id)

    def carry(self, arrival_id: str) -> None:
        """Lets the commit of an arrival name this request."""
        self._requests[arrival_id] = self._span.get_span_context()
        self._carried.append(arrival_id)

    def end(self, status: int, correlator: bytes) -> None:
        """Ends the span with the answer."""
        for arrival_id in self._carried:
            self._requests.pop(arrival_id, None)
        self._span.set_attribute("http.response.status_code", status)
        self._span.set_attribute(CORRELATOR, correlator.decode())
        if status >= 500:
            self._span.set_attribute("error.type", str(status))
            self._span.set_status(StatusCode.ERROR)
        self._span.end()


class NoTracing:
    """Stands in for tracing that is off.

    Attributes:
        telemetry: the switch for FastAPI's own hooks.
    """

    telemetry = NO_TELEMETRY

    def correlate(self, app: FastAPI) -> None:
        """Adds the outermost middleware: correlators for the spans of FastAPI's hooks."""

    def begin_request(self, request: HasScope) -> RequestSpan | None:
        """Begins the span of a request to the sink; None: there is none."""
        return None

    def committed(self, commit: Commit[Item]) -> Commit[Item]:
        """Returns the commit with a span: within its request, or linked to its requests."""
        return commit

    async def close(self) -> None:
        """Sends what is left, for `CLOSE_SECONDS` at most: nobody waits for a dead collector."""


class Tracing(NoTracing):
    """Spans of requests and commits.

    Spans of the sink are made here because it stands ahead of the framework and its hooks.

    Args:
        provider: makes the spans.
        flush: sends what is left, however long that takes.
        sink_path: the route of requests to the sink.
    """

    def __init__(
        self, provider: trace.TracerProvider, flush: Callable[[], None], sink_path: str
    ) -> None:
        self._tracer = provider.get_tracer("receiver")
        self._flush = flush
        self._sink_path = sink_path
        self._propagator = TraceParent()
        self._requests: dict[str, SpanContext] = {}
        self.telemetry: TelemetryConfig = {
            **NO_TELEMETRY,
            "tracer_provider": provider,
            "tracing": True,
            "operation_spans": False,
        }

    def correlate(self, app: FastAPI) -> None:
        app.add_middleware(CorrelationMiddleware)

    def begin_request(self, request: HasScope) -> RequestSpan:
        scope = request.scope
        span = self._tracer.start_span(
            f"POST {self._sink_path}",
            context=self._propagator.extract(_traceparent(scope)),
            kind=SpanKind.SERVER,
            attributes={
                "http.request.method": "POST",
                "http.route": self._sink_path,
                "url.scheme": scope["scheme"],
                "network.protocol.version": scope["http_version"],
            },
        )
        return RequestSpan(span, self._requests)

    def committed(self, commit: Commit[Item]) -> Commit[Item]:
        async def traced_commit(batch: Sequence[Item]) -> None:
            known = (self._requests.get(arrival.arrival_id) for arrival in batch)
            requests = {request.span_id: request for request in known if request is not None}
            parent, links = Context(), [Link(request) for request in requests.values()]
            if len(requests) == 1:
                parent = trace.set_span_in_context(NonRecordingSpan(links.pop().context), parent)
            with self._tracer.start_as_current_span(
                "commit",
                context=parent,
                kind=SpanKind.CLIENT,
                links=links,
                attributes={
                    "db.system.name": "postgresql",
                    "db.operation.batch.size": len(batch),
                },
                record_exception=False,
                set_status_on_exception=False,
            ) as span:
                try:
                    await commit(batch)
                except Exception as error:
                    span.set_attribute("error.type", type(error).__name__)
                    span.set_status(StatusCode.ERROR)
                    raise

        return traced_commit

    async def close(self) -> None:
        # A daemon, which no exit of the interpreter waits for.
        flushing = threading.Thread(target=self._flush, name="traces, flushed", daemon=True)
        flushing.start()
        await asyncio.to_thread(flushing.join, CLOSE_SECONDS)


class CorrelationMiddleware:
    """ASGI middleware: the correlator in FastAPI's span, and the trace in the request's log lines.

    It stands around `receiver.api.answers.correlator.Correlator`, whose answer it reads.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        span = trace.get_current_span()
        context = span.get_span_context()
        if not context.is_valid:
            await self._app(scope, receive, send)
            return

        async def correlating_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                for name, value in message["headers"]:
                    if name == b"x-correlator":
                        span.set_attribute(CORRELATOR, value.decode())
            await send(message)

        trace_id = trace.format_trace_id(context.trace_id)
        with structlog.contextvars.bound_contextvars(trace_id=trace_id):
            await self._app(scope, receive, correlating_send)


def _traceparent(scope: Scope) -> dict[str, list[str]]:
    sent = (value.decode("latin-1") for name, value in scope["headers"] if name == b"traceparent")
    return {"traceparent": list(sent)}
