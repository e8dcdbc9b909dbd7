"""Traces of a running service, as a collector gets them; and what a dead collector changes."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.support.collector import Collector, attributes, collecting
from tests.support.service import PHONE_NUMBER, Installation, bearer, notification, until

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT_ID = "00f067aa0ba902b7"
SECRET = "zanzibar"  # noqa: S105 - a word to look for
HEADERS = {
    "traceparent": f"00-{TRACE_ID}-{PARENT_ID}-01",
    "tracestate": f"v={SECRET},{SECRET}",
    "baggage": f"who={SECRET},{SECRET}",
    "x-other": SECRET,
    "user-agent": SECRET,
}


def exported_to(collector: Collector, **settings: str) -> dict[str, str]:
    """The settings of a service that sends its traces there."""
    return {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint,
        "FASTAPI_OTEL_AUTO_CONFIGURE": "true",
        **settings,
    }


def named(spans: list[Span], name: str) -> list[Span]:
    return [span for span in spans if span.name == name]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_request_and_its_commit_are_spans_of_the_callers_trace(
    installation: Installation, workers: int
) -> None:
    sink, reader = installation.token("sink"), installation.token("reader")
    with collecting() as collector:
        with installation.serve("--workers", str(workers), **exported_to(collector)) as service:
            answer = service.http.post(
                "/notifications",
                json=notification(),
                headers={**bearer(sink), **HEADERS, "x-correlator": "its-correlator"},
            )
            assert answer.status_code == 204
            (event, *_) = service.history(reader)
            assert service.http.get(f"/events/{event.id}").status_code == 401
        # Whatever had not been sent yet was sent at the stop.
        spans = collector.spans()
        (resource, *_) = collector.resources()
    assert collector.paths() == {"/v1/traces"}
    (sunk,) = named(spans, "POST /notifications")
    assert (sunk.trace_id.hex(), sunk.parent_span_id.hex()) == (TRACE_ID, PARENT_ID)
    assert sunk.kind == Span.SPAN_KIND_SERVER
    assert attributes(sunk) == {
        "http.request.method": "POST",
        "http.route": "/notifications",
        "http.response.status_code": 204,
        "network.protocol.version": "1.1",
        "receiver.correlator": "its-correlator",
        "url.scheme": "http",
    }
    (commit,) = named(spans, "commit")
    assert (commit.trace_id, commit.parent_span_id) == (sunk.trace_id, sunk.span_id)
    assert attributes(commit) == {"db.system.name": "postgresql", "db.operation.batch.size": 1}
    (asked,) = named(spans, "GET /events/{id}")
    assert attributes(asked)["http.response.status_code"] == 401
    assert attributes(asked)["receiver.correlator"]
    assert asked.trace_id != sunk.trace_id
    said = {one.key: one.value.string_value for one in resource.resource.attributes}
    assert said["service.name"] == "device-status-receiver"


def test_nothing_that_was_sent_is_in_a_span_and_the_trace_is_in_the_log(
    installation: Installation,
) -> None:
    sink = installation.token("sink")
    with collecting() as collector:
        settings = exported_to(collector, OTEL_SERVICE_NAME="sink-2", RECEIVER_LOG_LEVEL="debug")
        with installation.serve(**settings) as service:
            calls = [
                ("POST", f"/notifications?{SECRET}={SECRET}", {**bearer(sink), **HEADERS}),
                ("POST", f"/{SECRET}/{PHONE_NUMBER}?{SECRET}={SECRET}", HEADERS),
                ("GET", f"/devices/{SECRET}?{SECRET}={SECRET}", HEADERS),
                ("GET", "/events", {**HEADERS, "host": f"{SECRET}.example:99"}),
                (SECRET.upper(), "/notifications", HEADERS),
            ]
            for method, url, headers in calls:
                answer = service.http.request(
                    method, url, content=json.dumps({"id": SECRET}), headers=headers
                )
                assert answer.status_code < 500
        log = service.stderr
    assert len(collector.spans()) >= len(calls) - 1
    for _, body in collector.requests:
        assert SECRET.encode() not in body.lower()
        assert PHONE_NUMBER.removeprefix("+").encode() not in body
    lines = [json.loads(line) for line in log.splitlines()]
    refused = [line for line in lines if line["event"] == "notification refused"]
    assert [line["trace_id"] for line in refused] == [TRACE_ID]
    assert SECRET not in log
    (name,) = {
        one.value.string_value
        for resource in collector.resources()
        for one in resource.resource.attributes
        if one.key == "service.name"
    }
    assert name == "sink-2"


@contextmanager
def silent() -> Iterator[str]:
    """The address of one who accepts connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as door:
        yield f"http://127.0.0.1:{door.getsockname()[1]}"


def test_a_dead_collector_loses_no_notification_and_holds_up_no_stop(
    installation: Installation,
) -> None:
    # More than wait to be exported.
    sent = [notification(str(uuid4())) for _ in range(120)]
    with silent() as endpoint:
        settings = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
            "OTEL_EXPORTER_OTLP_TIMEOUT": "3600",
            "OTEL_BSP_MAX_QUEUE_SIZE": "50",
            "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "10",
        }
        with installation.serve(**settings) as service:
            sink = installation.token("sink")
            assert {service.post(event, sink) for event in sent} == {204}
            found = {event.event_id for event in service.history(installation.token("reader"))}
            service.process.terminate()
            assert service.wait() == 0
    assert {event["id"] for event in sent} <= found


def test_traces_that_cannot_be_are_a_line_in_the_log_and_no_reason_to_stay_away(
    installation: Installation,
) -> None:
    with collecting() as collector:
        settings = exported_to(collector, OTEL_TRACES_EXPORTER="zipkin")
        with installation.serve(**settings) as service:
            assert service.post(notification(), installation.token("sink")) == 204
            assert until(lambda: "OTEL_TRACES_EXPORTER: must be otlp or none" in service.stderr)
    assert collector.requests == []
