"""`receiver dsn`: the URL alone on stdout, and who may use it on stderr."""

import os
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import create_engine, text

from tests.support.command_line import Ended, error_of, run
from tests.support.processes import open_folder
from tests.support.store.logins import modest_login
from tests.support.urls import url_of

AWAY = "postgresql://service:s3cret%40word@127.0.0.1:1/receiver"


def url_in(ended: Ended) -> str:
    """The one line of stdout."""
    assert ended.status == 0
    [line] = ended.stdout.splitlines()
    return line


def test_the_configured_url_is_printed_as_it_is_and_the_server_is_not_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", AWAY)
    ended = run("dsn")
    assert url_in(ended) == AWAY
    assert "holds the password" in ended.stderr
    assert "s3cret" not in ended.stderr


def test_a_url_without_password_has_no_remark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", AWAY.replace(":s3cret%40word", ""))
    assert run("dsn").stderr == ""


def test_an_unreachable_server_for_reports_is_one_line_without_the_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", AWAY)
    line = error_of(run("dsn", "--reports"))
    assert "cannot be reached" in line
    assert "s3cret" not in line


def test_a_url_for_reports_reads_the_views_in_psycopg_and_in_sqlalchemy(
    monkeypatch: pytest.MonkeyPatch, conninfo: str
) -> None:
    with_password = url_of(make_conninfo(conninfo, password="s3cret word"))  # noqa: S106 - asked for by no server here
    monkeypatch.setenv("DATABASE_URL", with_password)
    ended = run("dsn", "--reports")
    url = url_in(ended)
    assert "CREATE ROLE … LOGIN PASSWORD" in ended.stderr
    assert "s3cret" not in ended.stderr
    assert "password=s3cret%20word" in url
    question = "SELECT current_user || ' ' || count(*) FROM reporting.event"
    with psycopg.connect(url) as connection:
        assert connection.execute(question).fetchone() == ("receiver_reporting 0",)
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as asking:
        assert asking.scalar(text(question)) == "receiver_reporting 0"
    engine.dispose()


def test_a_login_without_the_role_is_one_line_with_the_grant(
    monkeypatch: pytest.MonkeyPatch, conninfo: str
) -> None:
    with modest_login(conninfo, f"modest_{os.getpid()}") as modest:
        monkeypatch.setenv("DATABASE_URL", url_of(modest))
        line = error_of(run("dsn", "--reports"))
    assert f"GRANT receiver_reporting TO modest_{os.getpid()};" in line


def test_the_urls_of_the_embedded_postgres_name_its_socket_and_say_when_it_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with open_folder() as folder:
        monkeypatch.setenv("RECEIVER_DATA_DIR", str(folder / "data"))
        own, reports = run("dsn"), run("dsn", "--reports")
        users = [conninfo_to_dict(url_in(ended))["user"] for ended in (own, reports)]
        assert users == ["receiver", "receiver_reporting"]
        for ended in (own, reports):
            assert Path(str(conninfo_to_dict(url_in(ended))["host"])).parent == folder / "data"
            assert "while `receiver serve` runs" in ended.stderr
        assert "superuser" in own.stderr
        assert "superuser" not in reports.stderr
