"""Structured logging to stderr: JSON, or lines for people in colours; and the audit line."""

import logging
import sys
from typing import Literal

import structlog

from receiver.log_lines import LogLines
from receiver.terminal import shows_colour

# The logger of the audit lines, which has a level of its own.
AUDIT_LOGGER = "receiver.audit"


def configure_logging(
    form: Literal["auto", "console", "json"], level: str, lines: LogLines | None = None
) -> None:
    """Routes structlog and the standard library through one renderer on stderr.

    Args:
        form: `auto` is `console` if stderr is a terminal, else `json`.
        level: the least severe level that is written, as the setting `log_level` spells it.
        lines: what writes for a service, which must not wait for the reader of stderr; None: a
            command waits for it.
    """
    console = form == "console" or (form == "auto" and sys.stderr.isatty())
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(
            colors=shows_colour(sys.stderr), exception_formatter=structlog.dev.plain_traceback
        )
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
    handler = logging.StreamHandler(lines or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[*finish, renderer]
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    # A change, or a read of personal data, is on record, whatever the level.
    logging.getLogger(AUDIT_LOGGER).setLevel(logging.INFO)
    # Below warnings, these libraries write a line for each migration or request, or for each step
    # of a start, which the service tells in its own words.
    for library in ("alembic", "httpx", "urllib3", "uvicorn"):
        logging.getLogger(library).setLevel(logging.WARNING)
    # The exporter warns of each try, and logs an error once it gives up a batch of spans.
    logging.getLogger("opentelemetry.exporter.otlp.proto.http.trace_exporter").setLevel(
        logging.ERROR
    )


def audit(action: str, *, credential: str | None, outcome: str, **subject: str | int) -> None:
    """Writes the audit line of one change or read: who did what, and the outcome; never content.

    The line carries the correlator that is bound: of the request or of the command.

    Args:
        action: the change or the read, as `subject.verb`.
        credential: the name of the caller's credential; None: the command line.
        outcome: the result in a word or two.
        subject: opaque ids of what was changed, or how much was read.
    """
    caller = {"door": "command line"} if credential is None else {"credential": credential}
    structlog.get_logger(AUDIT_LOGGER).info(
        "audit", action=action, outcome=outcome, **caller, **subject
    )
