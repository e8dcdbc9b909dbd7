"""Analysts ask in psql, whether the service runs or not, and see only what is meant for them."""

import re
from collections.abc import Sequence

import psycopg
import pytest

from tests.support.between import skip_behind_pooler
from tests.support.documented import documented
from tests.support.service import Installation, Service, notification, processes_of

ANALYST = "analyst"
DENIED = re.compile("permission denied|must be owner")
PHONE = "+99999990003"
QUESTION = (
    "SELECT sender_event_id, kind, roaming, country_code, deliveries"  # noqa: S608 - from above
    f" FROM reporting.event WHERE phone_number = '{PHONE}' ORDER BY sender_event_id"
)
ANSWER = ["one|roaming|t|208|1", "two|roaming|t|208|2"]
FORBIDDEN = (
    "SELECT FROM event",
    "SELECT FROM event_identity",
    "SELECT FROM credential",
    "SELECT FROM quarantine",
    "SELECT FROM installation",
    "SELECT FROM alembic_version",
    "SELECT nextval('event_seq')",
    "CREATE TABLE mine (number integer)",
    "CREATE TABLE reporting.mine (number integer)",
    "DROP VIEW reporting.event",
    "CREATE TEMPORARY TABLE mine (number integer)",
    "SELECT 1 INTO TEMPORARY mine",
)
# A session for reports may change what it begins with.
ELSEWHERE = (
    *("-c", "SET default_transaction_read_only = off"),
    *("-c", "SET search_path = public"),
)
# What Postgres lets every login do until an administrator says otherwise.
FORBIDDEN_BY_ADMINISTRATOR = (
    "SELECT lo_create(0)",
    "SELECT lo_creat(-1)",
    "SELECT lo_from_bytea(0, 'x')",
    "SELECT pg_advisory_lock(1)",
    "SELECT pg_try_advisory_xact_lock(1, 2)",
    "SELECT pg_logical_emit_message(false, 'a', 'b')",
)


@pytest.fixture(scope="module", autouse=True)
def stored(service: Service, shared_installation: Installation) -> None:
    """Two events, one of them delivered twice."""
    store(service, shared_installation)


@pytest.fixture(scope="module")
def analyst(service: Service, shared_installation: Installation) -> str:
    """A login that was granted the reporting role and nothing else."""
    shared_installation.ask(f"CREATE ROLE {ANALYST} LOGIN; GRANT receiver_reporting TO {ANALYST}")
    return ANALYST


def ask(installation: Installation) -> list[str]:
    """What psql answers to the question."""
    asked = installation.run("psql", "-X", "-At", "-c", QUESTION)
    assert (asked.returncode, asked.stderr) == (0, "")
    return asked.stdout.splitlines()


def store(service: Service, installation: Installation) -> None:
    for name in ("one", "two", "two"):
        event = notification(name, PHONE)
        assert service.post(event, installation.token("sink")) == 204


def test_a_question_is_answered_while_the_service_runs(shared_installation: Installation) -> None:
    assert ask(shared_installation) == ANSWER


@skip_behind_pooler("Postgres runs beside the service")
def test_a_question_is_answered_while_the_service_is_stopped(installation: Installation) -> None:
    with installation.serve() as service:
        store(service, installation)
    assert ask(installation) == ANSWER
    assert processes_of(installation.folder) == []


def test_psql_gets_its_own_arguments_and_gives_its_own_exit_status(
    service: Service, shared_installation: Installation
) -> None:
    wrong, right = shared_installation.run_at_once(
        ("psql", "-X", "-At", "-c", "SELECT nonsense"),
        ("psql", "-X", "-At", "-c", "SELECT 6 * 7", "--csv", "-c", "SELECT 1 AS one, 2 AS two"),
    )
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert 'column "nonsense" does not exist' in wrong.stderr
    assert (right.returncode, right.stdout, right.stderr) == (0, "42\n1,2\n", "")


@skip_behind_pooler("the pooler of the tests logs in as one role")
def test_a_login_with_the_reporting_role_asks_the_views_and_is_denied_all_else(
    shared_installation: Installation, analyst: str
) -> None:
    asked = shared_installation.run(
        "psql", "-X", "-U", analyst, "-At", "-c", "SELECT current_user", "-c", QUESTION
    )
    assert (asked.returncode, asked.stderr) == (0, "")
    assert asked.stdout.splitlines() == [analyst, *ANSWER]
    expect_denied(shared_installation, ("-U", analyst), FORBIDDEN)


@skip_behind_pooler("reports need a session of their own, and are refused")
def test_reports_are_denied_the_same_whether_by_the_command_or_by_the_printed_url(
    service: Service, shared_installation: Installation
) -> None:
    asked = shared_installation.run("psql", "--reports", "-X", "-At", "-c", QUESTION)
    assert (asked.returncode, asked.stderr) == (0, "")
    assert asked.stdout.splitlines() == ANSWER
    expect_denied(shared_installation, ("--reports", *ELSEWHERE), FORBIDDEN)
    printed = shared_installation.run("dsn", "--reports")
    assert "does not" not in printed.stderr
    with psycopg.connect(printed.stdout.strip()) as connection:
        assert connection.execute("SELECT session_user").fetchone() == ("receiver_reporting",)
        assert len(connection.execute(QUESTION).fetchall()) == len(ANSWER)


@skip_behind_pooler("the pooler of the tests logs in as one role")
def test_what_the_page_tells_an_administrator_takes_the_rest_and_stops_nothing(
    installation: Installation,
) -> None:
    [commands] = documented("docs/reports.md", "sql", "REVOKE")
    [login] = documented("docs/reports.md", "sql", "CREATE ROLE ana")
    with installation.connect() as connection:
        for text in (login.text, "CREATE ROLE modest LOGIN; GRANT receiver TO modest"):
            connection.execute(text.encode())
        connection.execute(commands.text.encode())
    with installation.serve() as service:
        expect_denied(installation, ("-U", "ana"), (*FORBIDDEN, *FORBIDDEN_BY_ADMINISTRATOR))
        store(service, installation)
        assert installation.ask(QUESTION) == ANSWER
        lock = installation.run("psql", "-X", "-U", "modest", "-c", "SELECT pg_advisory_lock(1)")
        assert (lock.returncode, lock.stderr) == (0, "")


def expect_denied(
    installation: Installation, options: Sequence[str], commands: Sequence[str]
) -> None:
    """Has psql with options run commands, and expects each to be denied."""
    denials = [word for forbidden in commands for word in ("-c", forbidden)]
    denied = installation.run("psql", "-X", "-qAt", *options, *denials)
    assert (denied.returncode, denied.stdout) == (1, "")
    errors = [line for line in denied.stderr.splitlines() if line.startswith("ERROR:")]
    assert len(errors) == len(commands)
    assert [error for error in errors if not DENIED.search(error)] == []
