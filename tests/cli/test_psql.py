"""`receiver psql`: psql with its own arguments on our database, and its own exit status."""

import os
import signal
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from receiver.postgres.binaries import installed_binaries
from tests.support.command_line import error_of, run
from tests.support.store.logins import modest_login
from tests.support.urls import url_of


@pytest.fixture
def psql_here(monkeypatch: pytest.MonkeyPatch, conninfo: str) -> str:
    """The database of the test, and a psql on the path."""
    monkeypatch.setenv("DATABASE_URL", conninfo)
    monkeypatch.setenv("PATH", f"{installed_binaries().bin_dir}{os.pathsep}{os.environ['PATH']}")
    return conninfo


def test_a_question_is_asked_on_the_configured_database(
    psql_here: str, capfd: pytest.CaptureFixture[str]
) -> None:
    ended = run("psql", "-X", "-At", "-c", "SELECT current_database()")
    assert ended.status == 0
    assert capfd.readouterr().out.strip() == conninfo_to_dict(psql_here)["dbname"]


def test_no_setting_of_database_or_shell_changes_an_answer(
    psql_here: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with psycopg.connect(psql_here, autocommit=True) as connection:
        for change in ("DateStyle = German", "TimeZone = 'America/New_York'"):
            name = connection.info.dbname
            connection.execute(f"ALTER DATABASE {name} SET {change}")
        connection.execute(f"ALTER DATABASE {name} SET client_encoding = LATIN1")
        connection.execute(f"ALTER DATABASE {name} SET search_path = elsewhere")
    shell = {"PGDATESTYLE": "German", "PGTZ": "Asia/Tokyo", "PGCLIENTENCODING": "LATIN1"}
    with monkeypatch.context() as patched:
        for variable, value in {**shell, "PGOPTIONS": "-c search_path=elsewhere"}.items():
            patched.setenv(variable, value)
        question = "SELECT 'zażółć', '2026-04-17 07:31Z'::timestamptz, count(*) FROM event"
        assert run("psql", "-X", "-At", "-c", question).status == 0
    assert capfd.readouterr().out == "zażółć|2026-04-17 07:31:00+00|0\n"


def test_a_search_path_of_the_url_stays(
    psql_here: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    chosen = make_conninfo(psql_here, options="-c search_path=reporting")
    monkeypatch.setenv("DATABASE_URL", url_of(chosen))
    assert run("psql", "-X", "-At", "-c", "SHOW search_path").status == 0
    assert capfd.readouterr().out == "reporting\n"


def test_a_signal_that_ends_psql_is_told_as_shells_tell_it(psql_here: str) -> None:
    assert run("psql", "-X", "-c", "\\! kill -9 $PPID").status == 128 + signal.SIGKILL


def test_the_exit_status_is_psqls(psql_here: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run("psql", "-X", "-c", "SELECT nonsense").status == 1
    assert 'column "nonsense" does not exist' in capfd.readouterr().err


def test_help_and_unknown_options_are_psqls_own(
    psql_here: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run("psql", "--help").status == 0
    assert "psql is the PostgreSQL interactive terminal" in capfd.readouterr().out
    assert run("psql", "--loud").status == 1
    assert "--loud" in capfd.readouterr().err


def test_ctrl_c_is_this_process_s_again_afterwards(psql_here: str) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    run("psql", "-X", "-c", "SELECT 1")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_machine_without_psql_is_one_line(
    monkeypatch: pytest.MonkeyPatch, conninfo: str, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", conninfo)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert error_of(run("psql")) == "psql is not installed here"


def test_reports_read_the_views_and_nothing_else(
    psql_here: str, capfd: pytest.CaptureFixture[str]
) -> None:
    asked = ("-c", "SELECT current_user", "-c", "SELECT count(*) FROM event")
    assert run("psql", "-X", "-At", "--reports", *asked).status == 0
    assert capfd.readouterr().out == "receiver_reporting\n0\n"
    assert run("psql", "--reports", "-X", "-c", "SELECT FROM public.event").status == 1
    assert "permission denied for table event" in capfd.readouterr().err


def test_reports_of_a_login_without_the_role_are_one_line_with_the_grant(
    psql_here: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with modest_login(psql_here, f"modest_{os.getpid()}") as modest:
        monkeypatch.setenv("DATABASE_URL", url_of(modest))
        line = error_of(run("psql", "--reports", "-c", "SELECT 1"))
    assert f"GRANT receiver_reporting TO modest_{os.getpid()};" in line
