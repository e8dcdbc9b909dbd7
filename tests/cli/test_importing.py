"""`receiver import`: what is stored and refused, and what is no file of notifications."""

import json
from pathlib import Path

import pytest

from receiver.store.credentials.credentials import Role, create_credential
from tests.support.asking import PHONE, notification
from tests.support.command_line import Ended, error_of, run
from tests.support.store.database import column


@pytest.fixture
def database(conninfo: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DATABASE_URL", conninfo)
    create_credential(
        conninfo, "old", Role.SINK, b"x" * 32, None, sources=["https://operator.example/*"]
    )
    create_credential(conninfo, "reader", Role.READER, b"y" * 32, None)
    return conninfo


def import_(file: Path, *options: str) -> Ended:
    return run("import", str(file), "--credential", "old", *options)


def told(new: int, known: int) -> str:
    """The words of an import that refuses nothing."""
    return f"new      {new}\nknown    {known}\nrefused  0\n"


def test_a_database_with_pending_migrations_is_refused(
    monkeypatch: pytest.MonkeyPatch, empty_conninfo: str, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_conninfo)
    (tmp_path / "x").write_text("")
    assert "run `receiver migrate` first" in error_of(import_(tmp_path / "x"))


def test_ndjson_and_csv_are_stored_with_the_time_of_their_arrival(
    database: str, tmp_path: Path
) -> None:
    first, second = (json.dumps(notification(number, PHONE)) for number in range(2))
    ndjson, table = tmp_path / "a.ndjson", tmp_path / "a.CSV"
    ndjson.write_text(json.dumps({"receivedAt": "2025-01-02T03:04:05Z", "body": first}))
    quoted = second.replace('"', '""')
    table.write_text(f'at,raw\n2025-01-03 03:04:05+00,"{quoted}"\n')
    for ended, new in (
        (import_(ndjson), 1),
        (import_(table, "--body-column", "raw", "--received-at-column", "at"), 1),
        (import_(ndjson), 0),
    ):
        assert (ended.status, ended.stdout) == (0, told(new, 1 - new))
    assert column(
        database, "SELECT to_char(received_at, 'YYYY-MM-DD') FROM event ORDER BY received_at"
    ) == ["2025-01-02", "2025-01-03"]
    assert column(database, "SELECT DISTINCT deliveries FROM event_identity") == ["1"]


def test_the_limits_of_a_service_do_not_stop_an_import(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECEIVER_QUEUE_LIMIT", "1")
    monkeypatch.setenv("RECEIVER_QUEUE_LIMIT_BYTES", "1024")
    file = tmp_path / "a.ndjson"
    lines = [json.dumps(notification(1, PHONE, id=f"n-{number}")) for number in range(300)]
    file.write_text("\n".join(lines))
    assert import_(file).stdout == told(300, 0)
    assert column(database, "SELECT count(*) FROM event") == ["300"]


def test_a_line_is_new_that_has_one_notification_which_no_line_before_it_has(
    database: str, tmp_path: Path
) -> None:
    file = tmp_path / "a.ndjson"
    first, second, third = (notification(1, PHONE, id=f"n-{number}") for number in range(3))
    lines = [first, first, [first, second], [second, first], {"body": [third, third]}, []]
    file.write_text("\n".join(map(json.dumps, lines)))
    assert import_(file).stdout == told(3, 3)
    assert column(database, "SELECT count(*) FROM event") == ["3"]
    assert import_(file).stdout == told(0, 6)
    # Of two lines that were one group before, one is new by now.
    file.write_text("\n".join(map(json.dumps, [first, notification(1, PHONE, id="n-4")])))
    assert import_(file).stdout == told(1, 1)


def test_what_is_refused_is_told_by_line_and_never_by_content(
    database: str, tmp_path: Path
) -> None:
    file = tmp_path / "a.ndjson"
    good = notification(1, PHONE)
    lines = [
        "secret",
        json.dumps({"body": good, "receivedAt": "2999-01-01T00:00:00Z"}),
        json.dumps({"body": good, "receivedAt": "secret"}),
        json.dumps(good | {"source": "https://secret.example"}),
        json.dumps({"body": "x" * 300_000}),
        json.dumps(good),
    ]
    file.write_text("\n".join(lines))
    ended = import_(file)
    assert (ended.status, ended.stdout.splitlines()[:2]) == (1, ["new      1", "known    0"])
    assert ended.stdout.splitlines()[2] == "refused  5"
    assert "secret" not in ended.stdout + ended.stderr
    assert [f"(lines {number})" in ended.stdout for number in range(1, 7)] == [True] * 5 + [False]
    # The rest is no notification, is not the credential's to send, or is too large to be kept.
    assert column(database, "SELECT encode(body, 'escape') FROM quarantine") == ["secret"]


def test_what_cannot_be_imported_is_said_in_one_line(database: str, tmp_path: Path) -> None:
    assert "cannot be read (No such file or directory)" in error_of(import_(tmp_path / "none"))
    file = tmp_path / "a.csv"
    file.write_text("a,b\n1,2\n")
    assert error_of(import_(file)) == "the file cannot be read (no such column)"
    for name in ("nobody", "reader"):
        ended = run("import", str(file), "--credential", name)
        assert error_of(ended) == "--credential: there is no sink credential of this name"
