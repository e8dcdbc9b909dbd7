"""On a database that others have set up strangely, the answers are those that a user expects."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from receiver.client import Unavailable
from receiver.postgres.binaries import installed_binaries
from tests.support.pooler import transaction_pooler
from tests.support.service import (
    IMPATIENT,
    Installation,
    Service,
    notification,
    open_folder,
    status_of,
    until,
)
from tests.support.store.logins import modest_login
from tests.support.store.read_only import read_only
from tests.support.urls import url_of

SOURCE = "https://operator.invalid/Zażółć-gęślą-jaźń/'\\"
OCCURRED = "2026-04-17T07:31:01.416474Z"
EVENTS = 60
LOOK = f"""
SELECT count(*), min(occurred_at), min(source), min(payload->>'source')
FROM reporting.event
WHERE sender_event_id LIKE 'event-%' AND occurred_at < timestamptz '{OCCURRED}' + '1 microsecond'
"""  # noqa: S608 - of a constant
# All at once, since a start takes seconds.
SETTINGS = {
    "DateStyle": "German",
    "TimeZone": "America/New_York",
    "client_encoding": "LATIN1",
    "standard_conforming_strings": "off",
    "bytea_output": "escape",
    "search_path": "elsewhere",
}
# Writes down what a session that writes to a table says of itself: most answers are the same
# whatever it says, because the statements leave little to it.
WITNESS = """
CREATE TABLE public.witness (
    said text DEFAULT concat_ws(', ', current_setting('TimeZone'), current_setting('DateStyle'),
        current_setting('client_encoding'), current_setting('standard_conforming_strings'),
        current_setting('bytea_output')),
    written text
);
CREATE FUNCTION public.witness() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.witness (written) VALUES (TG_TABLE_NAME);
    RETURN NULL;
END $$
"""
WATCH = "CREATE TRIGGER witness AFTER INSERT ON public.{table} EXECUTE FUNCTION public.witness()"
SAID = "UTC, ISO, YMD, UTF8, on, hex"
# Each by a connection of another kind: of a command, of the writer, of a pool.
WRITTEN = ("credential", "event", "quarantine")
SHELL = {
    "PGDATESTYLE": "German",
    "PGTZ": "America/New_York",
    "PGCLIENTENCODING": "LATIN1",
    "PGOPTIONS": "-c search_path=elsewhere -c default_transaction_read_only=on",
}


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a sink and of a reader."""

    sink: str
    reader: str


@pytest.fixture
def installation(empty_conninfo: str) -> Iterator[Installation]:
    """An installation on a database without any table."""
    with open_folder() as folder:
        yield on(Installation(folder), empty_conninfo)


def on(installation: Installation, conninfo: str) -> Installation:
    """Returns the installation on another database, with psql on the path."""
    path = f"{installed_binaries().bin_dir}{os.pathsep}{os.environ['PATH']}"
    settings = {**installation.settings, "DATABASE_URL": conninfo, "PATH": path}
    return replace(installation, settings=settings)


def administer(conninfo: str, *commands: str, **names: str) -> None:
    """Runs commands as an administrator; `{database}` and the names are quoted in them."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        quoted = {
            name: sql.Identifier(value)
            for name, value in {"database": connection.info.dbname, **names}.items()
        }
        for command in commands:
            connection.execute(sql.SQL(command).format(**quoted))


def migrate(installation: Installation, prepare: Callable[[], None] = lambda: None) -> Tokens:
    """Applies the migrations, prepares the database, and makes the credentials."""
    migrated = installation.run_here("migrate")
    assert (migrated.returncode, migrated.stdout) == (0, ""), migrated.stderr
    assert "Traceback" not in migrated.stderr
    prepare()
    return Tokens(*(installation.create(f"a-{role}", role) for role in ("sink", "reader")))


def event(number: int) -> dict[str, Any]:
    """An event of a time in Warsaw, from a source with letters that LATIN1 lacks."""
    told = {"source": SOURCE, "time": "2026-04-17T09:31:01.416474+02:00"}
    return {**notification(f"event-{number}"), **told}


def post(service: Service, tokens: Tokens, numbers: range) -> list[int]:
    """Posts events side by side; returns the answers."""
    with ThreadPoolExecutor(20) as pool:
        return list(pool.map(lambda number: service.post(event(number), tokens.sink), numbers))


def expect_answers(installation: Installation, service: Service, tokens: Tokens) -> None:
    """Posts events, and asks for them in every way."""
    assert post(service, tokens, range(EVENTS)) == [204] * EVENTS
    found = service.history(tokens.reader)
    assert sorted(str(one.event_id) for one in found) == sorted(f"event-{n}" for n in range(EVENTS))
    occurred_at = datetime.fromisoformat(OCCURRED)
    assert {(one.source, one.occurred_at) for one in found} == {(SOURCE, occurred_at)}
    reader = service.ask_as(tokens.reader)
    assert json.loads(reader.get_event(found[0].id).payload_text)["source"] == SOURCE
    assert service.post({"specversion": "1.0", "source": SOURCE}, tokens.sink) == 400
    told = installation.run("psql", "-X", "-At", "-c", LOOK)
    assert (told.stderr, told.stdout) == (
        "",
        f"{EVENTS}|2026-04-17 07:31:01.416474+00|{SOURCE}|{SOURCE}\n",
    )
    assert reader.get_readiness().status == "ready"
    assert "Traceback" not in service.stderr


def settle(conninfo: str, settings: Mapping[str, str]) -> None:
    """Sets defaults of the database."""
    for name, value in settings.items():
        administer(conninfo, f"ALTER DATABASE {{database}} SET {name} = '{value}'")


def watch(conninfo: str) -> None:
    """Lets the database write down what sessions say of themselves."""
    administer(conninfo, WITNESS)
    for table in WRITTEN:
        administer(conninfo, WATCH, table=table)


def read_witness(conninfo: str) -> list[tuple[str, str]]:
    """Returns what was said by sessions, and the tables that they wrote to."""
    with psycopg.connect(conninfo) as connection:
        found = "SELECT DISTINCT said, written FROM public.witness ORDER BY written"
        return connection.execute(found).fetchall()


def test_defaults_of_the_database_change_no_answer(
    installation: Installation, empty_conninfo: str
) -> None:
    settle(empty_conninfo, SETTINGS)
    tokens = migrate(installation, partial(watch, empty_conninfo))
    with installation.serve() as service:
        expect_answers(installation, service, tokens)
    assert read_witness(empty_conninfo) == [(SAID, table) for table in WRITTEN]


def test_the_shell_changes_no_answer(installation: Installation, empty_conninfo: str) -> None:
    strange = replace(installation, settings={**installation.settings, **SHELL})
    tokens = migrate(strange, partial(watch, empty_conninfo))
    with strange.serve() as service:
        expect_answers(strange, service, tokens)
    assert read_witness(empty_conninfo) == [(SAID, table) for table in WRITTEN]


def test_a_read_only_time_is_named_and_ends_by_itself(
    installation: Installation, empty_conninfo: str
) -> None:
    with read_only(empty_conninfo):
        for command in (("migrate",), ("doctor",)):
            refused = installation.run_here(*command)
            assert refused.returncode == 1
            assert "read-only" in refused.stderr or "read_only" in refused.stdout
            assert "Traceback" not in refused.stderr
            assert refused.stderr.count("\n") <= 1
    tokens = migrate(installation)
    with read_only(empty_conninfo), installation.serve() as service:
        reader = service.ask_as(tokens.reader)
        assert status_of(reader.get_readiness) == 503
        assert reader.list_events().items == ()
    with installation.serve(**IMPATIENT) as service:
        reader = service.ask_as(tokens.reader)
        assert status_of(reader.get_readiness) == 200
        with read_only(empty_conninfo):
            assert post(service, tokens, range(3)) == [503] * 3
            with pytest.raises(Unavailable) as unready:
                reader.get_readiness()
            assert any("read-only" in reason for reason in unready.value.reasons)
            assert service.post({"specversion": "1.0"}, tokens.sink) == 503
        until(lambda: status_of(reader.get_readiness) == 200, 20)
        expect_answers(installation, service, tokens)


def test_without_create_on_public_a_grant_is_printed_and_enough(
    installation: Installation, empty_conninfo: str
) -> None:
    with modest_login(empty_conninfo, f"modest-{os.getpid()}") as conninfo:
        modest = on(installation, url_of(conninfo))
        refused = modest.run_here("migrate")
        assert (refused.returncode, refused.stdout) == (1, "")
        assert refused.stderr.count("\n") == 1
        administer(empty_conninfo, refused.stderr.partition("an administrator runs: ")[2])
        tokens = migrate(modest)
        with modest.serve() as service:
            expect_answers(modest, service, tokens)


def test_behind_a_pooler_everything_is_stored_and_found(
    installation: Installation, empty_conninfo: str
) -> None:
    settle(empty_conninfo, {"DateStyle": "German", "TimeZone": "America/New_York"})
    with transaction_pooler(empty_conninfo) as pooled:
        through = on(installation, pooled)
        told = through.run_here("migrate")
        assert "DATABASE_DIRECT_URL" in told.stderr
        tokens = migrate(through)
        with through.serve("--workers", "2") as service:
            expect_answers(through, service, tokens)
            doctor = through.run_here("doctor", "--url", service.address)
            assert "a pooler stands between" in doctor.stdout
            assert doctor.returncode == 0, doctor.stdout
        past = replace(
            through, settings={**through.settings, "DATABASE_DIRECT_URL": empty_conninfo}
        )
        assert past.run_here("migrate").stderr == "Nothing to apply.\n"


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_an_encoding_that_lacks_letters_is_refused_in_one_line(
    installation: Installation, postgres: str, encoding: str
) -> None:
    name = f"strange_{encoding.lower()}_{os.getpid()}"
    options = f"ENCODING '{encoding}' LOCALE 'C' LOCALE_PROVIDER libc TEMPLATE template0"
    administer(postgres, f"CREATE DATABASE {name} {options}")
    try:
        strange = on(installation, url_of(make_conninfo(postgres, dbname=name)))
        doctor = strange.run_here("doctor")
        for refused in (strange.run_here("migrate"), strange.run("serve", "--port", "0")):
            assert (refused.returncode, refused.stdout) == (1, "")
            assert refused.stderr.count("\n") == 1
            assert encoding in refused.stderr
        assert f"encoding of the database is {encoding}" in doctor.stdout
    finally:
        administer(postgres, f"DROP DATABASE {name} WITH (FORCE)")
