"""The command line in this process: arguments in; exit status, stdout and stderr out."""

import io
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass

import pytest
import structlog

from receiver.cli.main import main
from receiver.log import AUDIT_LOGGER

# The loggers whose level `configure_logging` changes; the first is the root.
CONFIGURED = (
    "",
    AUDIT_LOGGER,
    "alembic",
    "httpx",
    "urllib3",
    "opentelemetry.exporter.otlp.proto.http.trace_exporter",
)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    status: int
    stdout: str
    stderr: str


def run(*arguments: str, stdin: str = "") -> Ended:
    """Runs a command as the shell would."""
    stdout, stderr = io.StringIO(), io.StringIO()
    with _arguments(arguments, stdin), redirect_stdout(stdout), redirect_stderr(stderr):
        try:
            main()
        except SystemExit as exit_:
            status = exit_.code
        else:
            status = 0
    assert isinstance(status, int)
    return Ended(status, stdout.getvalue(), stderr.getvalue())


def error_of(ended: Ended) -> str:
    """The one line that a wrong use ends with."""
    assert (ended.status, ended.stdout) == (1, "")
    [line] = ended.stderr.splitlines()
    assert line.startswith("receiver: ")
    return line.removeprefix("receiver: ")


@contextmanager
def _arguments(arguments: tuple[str, ...], stdin: str) -> Iterator[None]:
    before = sys.argv, sys.stdin
    sys.argv = ["receiver", *arguments]
    sys.stdin = io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8")
    try:
        yield
    finally:
        sys.argv, sys.stdin = before


@contextmanager
def keeping_logging() -> Iterator[None]:
    """Gives the process its own logging back after the block."""
    structured = structlog.get_config()
    handlers = list(logging.getLogger().handlers)
    levels = {name: logging.getLogger(name).level for name in CONFIGURED}
    yield
    structlog.configure(**structured)
    logging.getLogger().handlers = handlers
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.fixture(autouse=True)
def unchanged_logging() -> Iterator[None]:
    """Gives the process its own logging back after a test."""
    with keeping_logging():
        yield
