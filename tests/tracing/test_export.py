"""Of a span only what is known to be harmless is exported."""

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Link, SpanContext, StatusCode, TraceFlags, TraceState

from receiver.tracing.export import RedactingExporter

SENT = "zanzibar"


def test_nothing_that_was_sent_is_exported(
    provider: TracerProvider, exported: InMemorySpanExporter
) -> None:
    state = TraceState([("vendor", SENT)])
    caller = SpanContext(1, 2, is_remote=True, trace_flags=TraceFlags(1), trace_state=state)
    parent = trace.set_span_in_context(trace.NonRecordingSpan(caller))
    tracer = provider.get_tracer("test")
    with tracer.start_as_current_span(
        "GET /events", context=parent, links=[Link(caller, {"link": SENT})]
    ) as span:
        span.set_attributes({"url.path": SENT, "url.query": SENT, "http.route": "/events"})
        span.add_event("exception", {"exception.message": SENT})
        span.set_status(StatusCode.ERROR, SENT)
    (seen,) = exported.get_finished_spans()
    assert seen.attributes == {"http.route": "/events"}
    assert seen.status.status_code is StatusCode.ERROR
    assert seen.parent is not None
    assert seen.parent.span_id == 2
    assert SENT not in seen.to_json()
    assert all(not one.trace_state for one in (seen.parent, seen.links[0].context))


def test_a_redacting_exporter_ends_with_the_one_behind_it() -> None:
    behind = InMemorySpanExporter()
    exporter = RedactingExporter(behind)
    assert exporter.force_flush()
    exporter.shutdown()
    assert behind.export([]) is SpanExportResult.FAILURE
