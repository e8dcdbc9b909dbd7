"""The clock of the process, which a test sets while that of the database goes right."""

from datetime import UTC, datetime, timedelta

import pytest

from receiver.app import application, service


def set_clock(monkeypatch: pytest.MonkeyPatch, ahead: timedelta) -> None:
    """Sets the clock of the applications that are made from now on."""

    def now() -> datetime:
        return datetime.now(UTC) + ahead

    monkeypatch.setattr(application, "now", now)
    monkeypatch.setattr(service, "now", now)
