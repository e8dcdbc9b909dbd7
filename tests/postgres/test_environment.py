"""The embedded Postgres takes nothing from the variables of libpq."""

from pathlib import Path

import psycopg
import pytest

from receiver.postgres import embedded_postgres
from receiver.postgres.environment import libpq_variables
from tests.support.embedded import Greeting, Launch

# No server, file, mode, number or language has this name.
NONSENSE = "nonsense"
# What libpq understands, and what then leads elsewhere.
ELSEWHERE = {
    "PGHOST": "127.0.0.1",
    "PGHOSTADDR": "127.0.0.1",
    "PGPORT": "9",
    "PGUSER": "nobody",
    "PGDATABASE": "elsewhere",
    "PGDATESTYLE": "German",
    "PGTZ": "America/New_York",
    "PGCLIENTENCODING": "LATIN1",
    "PGOPTIONS": "-c search_path=elsewhere -c default_transaction_read_only=on",
    "PGSSLMODE": "verify-full",
    "PGREQUIREAUTH": "scram-sha-256",
    "PGREQUIREPEER": "nobody",
    "PGCHANNELBINDING": "require",
    "PGGSSENCMODE": "require",
    "PGTARGETSESSIONATTRS": "standby",
}
SESSION = """
SELECT current_database(), current_setting('client_encoding'), current_setting('DateStyle'),
    current_setting('TimeZone'), current_setting('transaction_read_only')
"""
EXPECTED = ("receiver", "UTF8", "ISO, MDY", "UTC", "off")


def session_of(conninfo: str) -> object:
    with psycopg.connect(conninfo) as connection:
        return connection.execute(SESSION).fetchone()


@pytest.fixture(autouse=True)
def own_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gives the process its variables back after a test."""
    for name in libpq_variables():
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


@pytest.fixture
def owned(data_dir: Path, launch: Launch, greeting: Greeting) -> Path:
    """A data directory whose server another process runs."""
    greeting(launch(data_dir))
    return data_dir


def test_every_variable_of_libpq_is_without_effect(
    owned: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [(name, NONSENSE) for name in libpq_variables()] + [*ELSEWHERE.items()]
    for name, value in cases:
        monkeypatch.setenv(name, value)
        with embedded_postgres(owned, start_timeout_seconds=5) as postgres:
            assert (name, session_of(postgres.conninfo)) == (name, EXPECTED)


@pytest.mark.parametrize("meaning", ["nonsense", "elsewhere"])
def test_the_server_starts_whatever_the_variables_say(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, meaning: str
) -> None:
    said = ELSEWHERE if meaning == "elsewhere" else dict.fromkeys(libpq_variables(), NONSENSE)
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    with embedded_postgres(data_dir, start_timeout_seconds=10) as postgres:
        assert session_of(postgres.conninfo) == EXPECTED
