"""`receiver migrate`: applies what is pending, says what that was, and names a database away."""

from pathlib import Path

import psycopg
import pytest
from alembic import command
from psycopg.conninfo import make_conninfo

from receiver.app.database import FINISH
from receiver.store.connections.engine import migration_engine
from receiver.store.schema.migrating import NEWER
from receiver.store.schema.revisions import (
    is_for_last,
    known_revisions,
    pending_migrations,
)
from tests.support.command_line import error_of, run
from tests.support.pooler import transaction_pooler
from tests.support.store.database import alembic_configuration
from tests.support.urls import url_of


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


def test_what_earlier_releases_cannot_store_beside_is_applied_when_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, conninfo: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", conninfo)
    with migration_engine(conninfo).connect() as connection:
        command.downgrade(alembic_configuration(connection), "0017")
    first_half = [name for name in known_revisions() if name > "0017" and not is_for_last(name)]
    last = ", ".join(name for name in known_revisions() if is_for_last(name))
    first = run("migrate")
    assert (first.status, first.stdout) == (0, "")
    assert first.stderr.splitlines() == [
        f"Applied: {', '.join(first_half)}",
        f"Left: {last}; {FINISH}.",
    ]
    assert run("migrate").stderr.splitlines() == ["Nothing to apply.", f"Left: {last}; {FINISH}."]
    assert run("migrate", "--finish").stderr == f"Applied: {last}\n"
    assert run("migrate").stderr == "Nothing to apply.\n"


def test_the_last_ones_are_taken_back_and_named(
    monkeypatch: pytest.MonkeyPatch, conninfo: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", conninfo)
    last = [name for name in known_revisions() if is_for_last(name)]
    back = run("migrate", "--back")
    assert (back.status, back.stdout) == (0, "")
    assert back.stderr == f"Taken back: {', '.join(reversed(last))}\n"
    assert pending_migrations(conninfo) == last
    assert run("migrate", "--back").stderr == "Nothing to take back.\n"


def test_a_script_is_printed_of_what_would_be_applied(
    monkeypatch: pytest.MonkeyPatch, empty_conninfo: str, tmp_path: Path
) -> None:
    monkeypatch.setenv("RECEIVER_DATA_DIR", str(tmp_path / "data"))
    whole = run("migrate", "--sql")
    assert (whole.status, whole.stderr) == (0, "")
    assert f"from an empty database to {known_revisions()[-1]}." in whole.stdout
    assert not (tmp_path / "data").exists()
    monkeypatch.setenv("DATABASE_URL", empty_conninfo)
    assert run("migrate", "--sql").stdout == whole.stdout
    assert pending_migrations(empty_conninfo) == [*known_revisions()]
    run("migrate")
    nothing = run("migrate", "--sql")
    assert (nothing.stdout, nothing.stderr) == ("", "Nothing to apply.\n")
    last = [name for name in known_revisions() if is_for_last(name)]
    run("migrate", "--back")
    assert run("migrate", "--sql").stderr.splitlines() == [
        "Nothing to apply.",
        f"Left: {', '.join(last)}; {FINISH}.",
    ]
    rest = run("migrate", "--sql", "--finish")
    assert (rest.status, rest.stderr) == (0, "")
    assert f"to {last[-1]}." in rest.stdout


@pytest.mark.parametrize("other", ["--finish", "--sql"])
def test_what_is_taken_back_is_not_applied_at_once(
    monkeypatch: pytest.MonkeyPatch, conninfo: str, other: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", conninfo)
    refused = run("migrate", other, "--back")
    assert (refused.status, "--back stands alone" in refused.stderr) == (2, True)
    assert pending_migrations(conninfo) == []


def test_of_the_embedded_postgres_nothing_is_taken_back(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RECEIVER_DATA_DIR", str(tmp_path / "data"))
    assert "backup" in error_of(run("migrate", "--back"))
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("options", [(), ("--finish",)], ids=["", "finish"])
def test_an_older_release_has_nothing_to_apply_and_goes_on_to_serve(
    monkeypatch: pytest.MonkeyPatch, conninfo: str, options: tuple[str, ...]
) -> None:
    monkeypatch.setenv("DATABASE_URL", conninfo)
    with psycopg.connect(conninfo) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'from-the-future'")
    older = run("migrate", *options)
    assert (older.status, older.stdout) == (0, "")
    assert older.stderr.splitlines() == [NEWER, "Nothing to apply."]


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


def test_a_missing_right_is_one_line_with_its_grant(
    monkeypatch: pytest.MonkeyPatch, empty_conninfo: str
) -> None:
    nowhere = make_conninfo(empty_conninfo, options="-c search_path=tenant")
    monkeypatch.setenv("DATABASE_URL", url_of(nowhere))
    for words in (("migrate",), ("serve", "--port", "0")):
        assert "GRANT USAGE, CREATE ON SCHEMA tenant" in error_of(run(*words))


def test_a_pooler_between_is_said_on_the_way(
    monkeypatch: pytest.MonkeyPatch, empty_conninfo: str
) -> None:
    with transaction_pooler(empty_conninfo) as pooled:
        monkeypatch.setenv("DATABASE_URL", pooled)
        ended = run("migrate")
    assert (ended.status, ended.stdout) == (0, "")
    first, second = ended.stderr.splitlines()
    assert "DATABASE_DIRECT_URL" in first
    assert second.startswith("Applied: ")
