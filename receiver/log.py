"""Structured logging to stderr: JSON for machines, coloured lines for a terminal; audit lines."""

import logging
import sys
from typing import Literal

import structlog

# Of the audit lines.
AUDIT_LOGGER = "receiver.audit"


def configure_logging(form: Literal["auto", "console", "json"], level: str) -> None:
    """Routes structlog and the standard library through one renderer on stderr."""
    console = form == "console" or (form == "auto" and sys.stderr.isatty())
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if console
        else structlog.processors.JSONRenderer()
    )
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    finish: list[structlog.typing.Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta
    ]
    if not console:
        finish.append(structlog.processors.format_exc_info)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[*finish, renderer]
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    # Audit lines are written at every log level.
    logging.getLogger(AUDIT_LOGGER).setLevel(logging.INFO)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("urllib3").setLevel(logging.WARNING)
    # A collector that is down costs one line for each batch of spans, not one for each try.
    logging.getLogger("opentelemetry.exporter.otlp.proto.http.trace_exporter").setLevel(
        logging.ERROR
    )


def audit(action: str, *, credential: str | None, outcome: str, **subject: str) -> None:
    """Writes the audit line of one change: who, what, which outcome; never content.

    The line carries the correlator of the request or the command.

    Args:
        credential: the admin's credential name; None: somebody at the command line.
        outcome: the result in a word or two.
        subject: opaque ids of what was changed.
    """
    caller = {"door": "command line"} if credential is None else {"credential": credential}
    structlog.get_logger(AUDIT_LOGGER).info(
        "audit", action=action, outcome=outcome, **caller, **subject
    )
