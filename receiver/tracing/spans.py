"""The spans: one for each request, one for each commit; knows nothing of who gets them."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

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
    """What is submitted and committed, as far as spans know it."""

    @property
    def arrival_id(self) -> str: ...


Item = TypeVar("Item", bound=HasArrivalId)
Commit = Callable[[Sequence[Item]], Awaitable[None]]
Submit = Callable[[Item], asyncio.Future[None]]

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


class NoTracing:
    """What the hall puts around an application, a submission and a commit: nothing.

    Attributes:
        telemetry: what FastAPI's own hooks are told.
        watches_sink: whether each request to the sink has to be called for.
    """

    telemetry = NO_TELEMETRY
    watches_sink = False

    def correlate(self, app: FastAPI) -> None:
        """Adds the last middleware: it gives the spans of FastAPI's hooks their correlators."""

    def around(self, app: ASGIApp) -> ASGIApp:
        """The same application with a span for each request to the sink."""
        return app

    def submitted(self, submit: Submit[Item]) -> Submit[Item]:
        """The same submission, remembered while it lasts: its commit will name its request."""
        return submit

    def committed(self, commit: Commit[Item]) -> Commit[Item]:
        """The same commit with a span: within the request it is for, or linked to its requests."""
        return commit

    async def close(self) -> None:
        """Sends what is left, for `CLOSE_SECONDS` at most: nobody waits for a dead collector."""


class Tracing(NoTracing):
    """Spans wherever there may be one.

    Those of the sink are made here because it stands ahead of the framework and its hooks.

    Args:
        provider: makes the spans.
        flush: sends what is left, however long that takes.
        sink_path: whose POSTs are requests to the sink.
    """

    watches_sink = True

    def __init__(
        self, provider: trace.TracerProvider, flush: Callable[[], None], sink_path: str
    ) -> None:
        self._tracer = provider.get_tracer("receiver")
        self._flush = flush
        self._sink_path = sink_path
        self._propagator = TraceParent()
        self._callers: dict[str, SpanContext] = {}
        self.telemetry: TelemetryConfig = {
            **NO_TELEMETRY,
            "tracer_provider": provider,
            "tracing": True,
            "operation_spans": False,
            "exclude": self._is_sink,
        }

    def correlate(self, app: FastAPI) -> None:
        app.add_middleware(Correlated)

    def around(self, app: ASGIApp) -> ASGIApp:
        async def traced(scope: Scope, receive: Receive, send: Send) -> None:
            if not self._is_sink(scope):
                await app(scope, receive, send)
                return
            with self._tracer.start_as_current_span(
                f"POST {self._sink_path}",
                context=self._propagator.extract(_traceparent(scope)),
                kind=SpanKind.SERVER,
                attributes={
                    "http.request.method": "POST",
                    "http.route": self._sink_path,
                    "url.scheme": scope["scheme"],
                    "network.protocol.version": scope["http_version"],
                },
                record_exception=False,
                set_status_on_exception=False,
            ) as span:
                await _told(span, app, scope, receive, _watched(span, send))

        return traced

    def submitted(self, submit: Submit[Item]) -> Submit[Item]:
        def traced_submit(arrival: Item) -> asyncio.Future[None]:
            self._callers[arrival.arrival_id] = trace.get_current_span().get_span_context()
            answer = submit(arrival)
            answer.add_done_callback(lambda _: self._callers.pop(arrival.arrival_id, None))
            return answer

        return traced_submit

    def committed(self, commit: Commit[Item]) -> Commit[Item]:
        async def traced_commit(batch: Sequence[Item]) -> None:
            known = (self._callers.get(arrival.arrival_id) for arrival in batch)
            callers = {caller.span_id: caller for caller in known if caller and caller.is_valid}
            parent, links = Context(), [Link(caller) for caller in callers.values()]
            if len(callers) == 1:
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

    def _is_sink(self, scope: Mapping[str, Any]) -> bool:
        called = (scope["type"], scope.get("path"), scope.get("method"))
        return called == ("http", self._sink_path, "POST")

    async def close(self) -> None:
        # A daemon, which no exit of the interpreter waits for.
        flushing = threading.Thread(target=self._flush, name="traces, flushed", daemon=True)
        flushing.start()
        await asyncio.to_thread(flushing.join, CLOSE_SECONDS)


class Correlated:
    """ASGI middleware: the correlator in FastAPI's span, and the trace in the request's log lines.

    It stands around `receiver.api.answers.correlator.Correlator`, whose answer it reads.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await _told(trace.get_current_span(), self._app, scope, receive, send)


async def _told(span: Span, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    context = span.get_span_context()
    if not context.is_valid:
        await app(scope, receive, send)
        return

    async def telling_send(message: Message) -> None:
        if message["type"] == "http.response.start":
            for name, value in message["headers"]:
                if name == b"x-correlator":
                    span.set_attribute(CORRELATOR, value.decode())
        await send(message)

    with structlog.contextvars.bound_contextvars(trace_id=trace.format_trace_id(context.trace_id)):
        await app(scope, receive, telling_send)


def _watched(span: Span, send: Send) -> Send:
    async def watched_send(message: Message) -> None:
        if message["type"] == "http.response.start":
            status = message["status"]
            span.set_attribute("http.response.status_code", status)
            if status >= 500:
                span.set_attribute("error.type", str(status))
                span.set_status(StatusCode.ERROR)
        await send(message)

    return watched_send


def _traceparent(scope: Scope) -> dict[str, list[str]]:
    sent = (value.decode("latin-1") for name, value in scope["headers"] if name == b"traceparent")
    return {"traceparent": list(sent)}
