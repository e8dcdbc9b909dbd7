"""Decides whether there are traces, by OpenTelemetry's environment variables and the extra."""

from collections.abc import Mapping

import structlog

from receiver.lazy import START_EXPORT, load
from receiver.tracing.spans import NoTracing, Tracing


def tracing_from(environment: Mapping[str, str], sink_path: str) -> NoTracing:
    """Starts traces where an exporter is configured.

    A fault is one line in the log: the service starts without traces.

    Args:
        sink_path: the route of requests to the sink.
    """
    if not _is_wanted(environment):
        return NoTracing()
    log = structlog.get_logger(__name__)
    fault = _fault(environment)
    if fault is None:
        try:
            tracing: Tracing = load(START_EXPORT)(sink_path)
        except ModuleNotFoundError:
            fault = "the extra `opentelemetry` is not installed"
        except Exception as error:  # the service starts whatever the variables hold
            fault = f"OpenTelemetry refused its environment variables: {type(error).__name__}"
        else:
            return tracing
    log.warning("no traces", reason=fault)
    return NoTracing()


def _is_wanted(environment: Mapping[str, str]) -> bool:
    if _value(environment, "OTEL_SDK_DISABLED") == "true":
        return False
    exporter = _value(environment, "OTEL_TRACES_EXPORTER")
    endpoint = _value(
        environment, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"
    )
    return exporter != "none" and bool(exporter or endpoint)


def _fault(environment: Mapping[str, str]) -> str | None:
    if _value(environment, "OTEL_TRACES_EXPORTER") not in {"", "otlp"}:
        return "OTEL_TRACES_EXPORTER: must be otlp or none"
    protocols = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
    if _value(environment, *protocols) not in {"", "http/protobuf"}:
        return f"{' or '.join(protocols)}: must be http/protobuf"
    return None


def _value(environment: Mapping[str, str], *names: str) -> str:
    """Returns the first value that is not empty, in lower case."""
    values = (environment.get(name, "").strip().lower() for name in names)
    return next(filter(None, values), "")
