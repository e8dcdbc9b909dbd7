"""Analysts ask in psql, whether the service runs or not, and see only what is meant for them."""

import re

import pytest

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


def store(service: Service, installation: Installation) -> None:
    for name in ("one", "two", "two"):
        event = notification(name, PHONE)
        assert service.post(event, installation.token("sink")).status_code == 204


def test_a_question_is_answered_while_the_service_runs(shared_installation: Installation) -> None:
    assert shared_installation.ask(QUESTION) == ANSWER


def test_a_question_is_answered_while_the_service_is_stopped(installation: Installation) -> None:
    with installation.serve() as service:
        store(service, installation)
    assert installation.ask(QUESTION) == ANSWER
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


def test_a_login_with_the_reporting_role_asks_the_views_and_is_denied_all_else(
    shared_installation: Installation, analyst: str
) -> None:
    command = ("psql", "-X", "-U", analyst, "-At")
    questions = ("-c", "SELECT current_user", "-c", QUESTION)
    denials = [word for forbidden in FORBIDDEN for word in ("-c", forbidden)]
    asked, denied = shared_installation.run_at_once((*command, *questions), (*command, *denials))
    assert (asked.returncode, asked.stderr) == (0, "")
    assert asked.stdout.splitlines() == [analyst, *ANSWER]
    assert (denied.returncode, denied.stdout) == (1, "")
    errors = [line for line in denied.stderr.splitlines() if line.startswith("ERROR:")]
    assert len(errors) == len(FORBIDDEN)
    assert [error for error in errors if not DENIED.search(error)] == []
