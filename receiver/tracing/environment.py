"""Whether there are traces: OpenTelemetry's own environment variables decide, and the extra."""

from collections.abc import Mapping

import structlog

from receiver.lazy import START_EXPORT, load
from receiver.tracing.spans import NoTracing, Tracing


def tracing_from(environment: Mapping[str, str], sink_path: str) -> NoTracing:
    """Begins to trace where an exporter is configured, if that succeeds.

    A fault is a line in the log: for want of traces no notification is to be lost.
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
        except Exception as error:  # whatever its variables hold, the service starts
            fault = f"OpenTelemetry refused its environment variables: {type(error).__name__}"
        else:
            return tracing
    log.warning("no traces", reason=fault)
    return NoTracing()


def _is_wanted(environment: Mapping[str, str]) -> bool:
    if _said(environment, "OTEL_SDK_DISABLED") == "true":
        return False
    exporter = _said(environment, "OTEL_TRACES_EXPORTER")
    endpoint = _said(
        environment, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"
    )
    return exporter != "none" and bool(exporter or endpoint)


def _fault(environment: Mapping[str, str]) -> str | None:
    if _said(environment, "OTEL_TRACES_EXPORTER") not in {"", "otlp"}:
        return "OTEL_TRACES_EXPORTER: must be otlp or none"
    protocols = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
    if _said(environment, *protocols) not in {"", "http/protobuf"}:
        return f"{' or '.join(protocols)}: must be http/protobuf"
    return None


def _said(environment: Mapping[str, str], *names: str) -> str:
    """The first of them that says anything."""
    values = (environment.get(name, "").strip().lower() for name in names)
    return next(filter(None, values), "")
