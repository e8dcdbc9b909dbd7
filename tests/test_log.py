"""Logging: one renderer on stderr for our lines and those of libraries, and the audit line."""

import json
import logging
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import structlog

from receiver.log import audit, configure_logging
from tests.support.command_line import unchanged_logging as unchanged_logging


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """What was logged as JSON; nothing may go to stdout."""
    printed = capsys.readouterr()
    assert printed.out == ""
    return [json.loads(line) for line in printed.err.splitlines()]


def test_our_lines_and_those_of_libraries_have_one_form(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging("json", "info")
    structlog.get_logger("receiver.room").warning("queue is full", waiting=7)
    logging.getLogger("library").warning("gave %s up", "it")
    ours, theirs = lines(capsys)
    for line in (ours, theirs):
        written_at = datetime.fromisoformat(line.pop("timestamp"))
        assert abs(datetime.now(UTC) - written_at) < timedelta(minutes=1)
    assert ours == {
        "event": "queue is full",
        "waiting": 7,
        "level": "warning",
        "logger": "receiver.room",
    }
    assert theirs == {"event": "gave it up", "level": "warning", "logger": "library"}


def test_a_line_below_the_level_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("json", "error")
    structlog.get_logger("receiver.room").warning("queue is full")
    assert lines(capsys) == []


@pytest.mark.parametrize("talkative", ["alembic", "httpx", "urllib3"])
def test_a_talkative_library_is_heard_from_warnings_on(
    capsys: pytest.CaptureFixture[str], talkative: str
) -> None:
    configure_logging("json", "debug")
    logging.getLogger(talkative).info("request sent")
    logging.getLogger(talkative).warning("request failed")
    assert [line["event"] for line in lines(capsys)] == ["request failed"]


def test_a_line_carries_the_correlator_that_is_bound(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("json", "info")
    with structlog.contextvars.bound_contextvars(correlator="abc"):
        structlog.get_logger("receiver.room").info("stored")
    assert [line["correlator"] for line in lines(capsys)] == ["abc"]


def test_an_exception_stays_on_its_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("json", "info")
    try:
        raise RuntimeError("broken")
    except RuntimeError:
        structlog.get_logger("receiver.room").exception("failed")
    [line] = lines(capsys)
    assert line["exception"].splitlines()[-1] == "RuntimeError: broken"


@pytest.mark.parametrize("is_terminal", [False, True])
def test_auto_is_json_unless_stderr_is_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, is_terminal: bool
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: is_terminal)
    configure_logging("auto", "info")
    structlog.get_logger("receiver.room").info("stored")
    is_json = capsys.readouterr().err.startswith("{")
    assert is_json == (not is_terminal)


def test_the_console_form_is_a_line_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("console", "info")
    structlog.get_logger("receiver.room").info("stored", number=7)
    [line] = capsys.readouterr().err.splitlines()
    assert not line.startswith("{")
    assert "stored" in line


@pytest.mark.parametrize("level", ["debug", "info", "warning", "error"])
def test_an_audit_line_is_written_at_every_level(
    capsys: pytest.CaptureFixture[str], level: str
) -> None:
    configure_logging("json", level)
    audit("quarantine.reprocess", credential="chief", outcome="stored", quarantine="AAE")
    [line] = lines(capsys)
    del line["timestamp"]
    assert line == {
        "event": "audit",
        "level": "info",
        "logger": "receiver.audit",
        "action": "quarantine.reprocess",
        "credential": "chief",
        "outcome": "stored",
        "quarantine": "AAE",
    }


def test_an_audit_line_of_the_command_line_names_its_door(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging("json", "info")
    audit("quarantine.reprocess", credential=None, outcome="refused")
    [line] = lines(capsys)
    assert line["door"] == "command line"
    assert "credential" not in line
