"""Spans as the exporter gets them: whose they are, and what is left out of them."""

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from receiver.errors import Unavailable
from receiver.events.event import Arrival
from receiver.tracing import spans
from receiver.tracing.spans import TraceParent, Tracing
from tests.support.arrivals import arrival

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
SENT = "zanzibar"
SCOPE = {
    "scheme": "http",
    "http_version": "1.1",
    "headers": [(b"traceparent", f"00-{TRACE_ID}-{'1' * 16}-01".encode())],
}


@dataclass(frozen=True)
class Sent:
    """A request, as far as spans know it."""

    scope: dict[str, Any]


async def commit_together(tracing: Tracing, number: int) -> None:
    """Commits arrivals in one batch, each carried by a request of its own."""
    arrivals = [arrival(index) for index in range(number)]

    async def commit(_: Sequence[Arrival]) -> None:
        pass

    requests = [tracing.begin_request(Sent(SCOPE)) for _ in arrivals]
    for request, one in zip(requests, arrivals, strict=True):
        request.carry(one.arrival_id)
    await tracing.committed(commit)(arrivals)
    for request in requests:
        request.end(204, b"mine")


def of_name(exported: InMemorySpanExporter, name: str) -> list[ReadableSpan]:
    return [span for span in exported.get_finished_spans() if span.name == name]


async def test_a_commit_for_one_request_is_part_of_it(
    provider: TracerProvider, exported: InMemorySpanExporter
) -> None:
    tracing = Tracing(provider, lambda: None, "/notifications")
    await commit_together(tracing, 1)
    (request,), (commit,) = of_name(exported, "POST /notifications"), of_name(exported, "commit")
    assert commit.parent == request.context
    assert not commit.links


async def test_a_commit_for_many_requests_is_linked_to_each(
    provider: TracerProvider, exported: InMemorySpanExporter
) -> None:
    tracing = Tracing(provider, lambda: None, "/notifications")
    await commit_together(tracing, 3)
    requests, (commit,) = of_name(exported, "POST /notifications"), of_name(exported, "commit")
    assert commit.parent is None
    assert [link.context for link in commit.links] == [request.context for request in requests]
    assert commit.attributes is not None
    assert commit.attributes["db.operation.batch.size"] == 3


async def test_a_request_span_says_how_it_was_answered(
    provider: TracerProvider, exported: InMemorySpanExporter
) -> None:
    tracing = Tracing(provider, lambda: None, "/notifications")
    tracing.begin_request(Sent(SCOPE)).end(204, b"mine")
    tracing.begin_request(Sent({**SCOPE, "headers": []})).end(503, b"mine")
    stored, failed = of_name(exported, "POST /notifications")
    assert stored.attributes == {
        "http.request.method": "POST",
        "http.response.status_code": 204,
        "http.route": "/notifications",
        "network.protocol.version": "1.1",
        "receiver.correlator": "mine",
        "url.scheme": "http",
    }
    assert stored.context is not None
    assert trace.format_trace_id(stored.context.trace_id) == TRACE_ID
    assert failed.attributes is not None
    assert failed.attributes["error.type"] == "503"
    assert failed.status.status_code is StatusCode.ERROR


async def test_a_commit_that_fails_says_how_and_not_why(
    provider: TracerProvider, exported: InMemorySpanExporter
) -> None:
    async def commit(_: Sequence[Arrival]) -> None:
        raise Unavailable(SENT)

    with pytest.raises(Unavailable):
        await Tracing(provider, lambda: None, "/notifications").committed(commit)([arrival()])
    (span,) = exported.get_finished_spans()
    assert span.attributes is not None
    assert span.attributes["error.type"] == "Unavailable"
    assert span.status.status_code is StatusCode.ERROR
    assert SENT not in span.to_json()


@pytest.mark.parametrize(
    "sent", [TRACE_ID, f"00-{TRACE_ID}-0000000000000000-01", f"ff-{TRACE_ID}-{'1' * 16}-01", SENT]
)
def test_what_is_no_traceparent_begins_a_trace(sent: str) -> None:
    context = TraceParent().extract({"traceparent": sent})
    assert not trace.get_current_span(context).get_span_context().is_valid


def test_no_more_is_taken_from_a_caller_than_its_place_in_the_trace(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sent = {"traceparent": f"00-{TRACE_ID}-{'1' * 16}-01", "tracestate": SENT, "baggage": SENT}
    caller = trace.get_current_span(TraceParent().extract(sent)).get_span_context()
    assert trace.format_trace_id(caller.trace_id) == TRACE_ID
    assert not caller.trace_state
    assert SENT not in caplog.text


async def test_closing_does_not_wait_for_a_dead_collector(
    provider: TracerProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spans, "CLOSE_SECONDS", 0.1)
    collector_answers = threading.Event()

    def flush() -> None:
        collector_answers.wait()

    async with asyncio.timeout(60):
        await Tracing(provider, flush, "/notifications").close()
    assert not collector_answers.is_set()
    collector_answers.set()
