"""The commands work on a database of the test."""

import pytest


@pytest.fixture
def database(conninfo: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A migrated database that the commands find."""
    monkeypatch.setenv("DATABASE_URL", conninfo)
    return conninfo
