"""`receiver migrate`: applies what is pending, says what that was, and names a database away."""

import pytest

from receiver.store.schema.revisions import pending_migrations
from tests.support.command_line import error_of, run


def test_pending_migrations_are_applied_once_and_named(
    monkeypatch: pytest.MonkeyPatch, empty_conninfo: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_conninfo)
    pending = pending_migrations(empty_conninfo)
    first = run("migrate")
    assert (first.status, first.stdout) == (0, "")
    assert first.stderr == f"Applied: {', '.join(pending)}\n"
    assert pending_migrations(empty_conninfo) == []
    assert run("migrate").stderr == "Nothing to apply.\n"


def test_migrations_go_past_the_pooler(
    monkeypatch: pytest.MonkeyPatch, empty_conninfo: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://pooler.invalid/receiver")
    monkeypatch.setenv("DATABASE_DIRECT_URL", empty_conninfo)
    assert run("migrate").status == 0
    assert pending_migrations(empty_conninfo) == []


def test_a_database_out_of_reach_is_one_line_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://operator:hush-hush@127.0.0.1:9/receiver")
    assert "hush-hush" not in error_of(run("migrate"))
