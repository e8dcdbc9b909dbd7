"""When there are traces: by OpenTelemetry's own variables, and never at the price of a start."""

import sys
from collections.abc import Mapping

import pytest
from structlog.testing import capture_logs

from receiver.lazy import START_EXPORT
from receiver.tracing.environment import tracing_from
from receiver.tracing.spans import Tracing

ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"OTEL_SERVICE_NAME": "sink"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": " "},
        {"OTEL_TRACES_EXPORTER": "none"},
        {**ENDPOINT, "OTEL_TRACES_EXPORTER": "none"},
        {**ENDPOINT, "OTEL_SDK_DISABLED": "True"},
    ],
)
def test_without_an_exporter_there_are_no_traces_and_not_a_word(
    environment: Mapping[str, str],
) -> None:
    with capture_logs() as lines:
        assert not isinstance(tracing_from(environment, "/notifications"), Tracing)
    assert lines == []


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"OTEL_TRACES_EXPORTER": "console"}, "OTEL_TRACES_EXPORTER"),
        ({**ENDPOINT, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "OTEL_EXPORTER_OTLP_PROTOCOL"),
        (
            {**ENDPOINT, "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/json"},
            "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
        ),
    ],
)
def test_what_is_not_supported_is_named(environment: Mapping[str, str], named: str) -> None:
    with capture_logs() as lines:
        assert not isinstance(tracing_from(environment, "/notifications"), Tracing)
    (line,) = lines
    assert named in line["reason"]


def test_the_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    # As if it were not installed: the module is loaded anew, and what it imports is not found.
    monkeypatch.delitem(sys.modules, START_EXPORT.partition(":")[0], raising=False)
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with capture_logs() as lines:
        assert not isinstance(tracing_from(ENDPOINT, "/notifications"), Tracing)
    (line,) = lines
    assert "extra `opentelemetry`" in line["reason"]


def test_variables_that_opentelemetry_refuses_keep_nobody_from_starting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "0")
    with capture_logs() as lines:
        assert not isinstance(tracing_from(ENDPOINT, "/notifications"), Tracing)
    (line,) = lines
    assert "OpenTelemetry refused" in line["reason"]
