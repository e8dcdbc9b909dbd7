"""Exports spans by OTLP over HTTP, and of each span only what is known to be harmless.

The only module that needs the extra `opentelemetry`; it is imported when there are traces.
"""

from collections.abc import Sequence

from opentelemetry import propagate
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Link, SpanContext, Status

from receiver.release import NAME, find_version
from receiver.tracing.spans import CORRELATOR, TraceParent, Tracing

# FastAPI's hooks also record path, query and host name: a stranger may write anything there.
HARMLESS = frozenset(
    {
        CORRELATOR,
        "db.operation.batch.size",
        "db.system.name",
        "error.type",
        "http.request.method",
        "http.response.status_code",
        "http.route",
        "network.protocol.version",
        "url.scheme",
    }
)


class RedactingExporter(SpanExporter):
    """Exports spans without anything that a sender could have written into them."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self._exporter.export([_redact(span) for span in spans])

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._exporter.force_flush(timeout_millis)


def start(sink_path: str) -> Tracing:
    """Starts the export as OpenTelemetry's environment variables say."""
    provider = TracerProvider(resource=_resource(), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(RedactingExporter(OTLPSpanExporter())))
    # FastAPI's hooks ask the process, which by default would also log malformed baggage.
    propagate.set_global_textmap(TraceParent())
    return Tracing(provider, provider.shutdown, sink_path)


def _resource() -> Resource:
    ours = Resource({"service.name": NAME, "service.version": find_version()})
    return Resource.create(dict(ours.merge(OTELResourceDetector().detect()).attributes))


def _redact(span: ReadableSpan) -> ReadableSpan:
    """Returns a copy without events, descriptions, trace states, and unlisted attributes."""
    attributes = span.attributes or {}
    return ReadableSpan(
        name=span.name,
        context=_bare(span.context),
        parent=_bare(span.parent),
        resource=span.resource,
        attributes={name: value for name, value in attributes.items() if name in HARMLESS},
        links=[Link(context) for link in span.links if (context := _bare(link.context))],
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _bare(context: SpanContext | None) -> SpanContext | None:
    if context is None:
        return None
    return SpanContext(context.trace_id, context.span_id, context.is_remote, context.trace_flags)
