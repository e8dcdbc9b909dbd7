"""Every answer is the same where events are on several servers, in the form that these need."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta

import psycopg
import pytest

from receiver.store.schema.migrating import migrate
from tests.support.apart import choose_apart
from tests.support.callers import Callers, calling, make_credentials, make_settings
from tests.support.cluster import Cluster, distributed
from tests.support.every_question import (
    STORIES,
    list_questions,
    list_subscriptions,
    register,
    tell_stories,
)
from tests.support.processes import until

TWIN = "receiver_twin"

# What is told to a service; all else is derived from it, or is a setting.
TOLD = (
    *("credential", "credential_token", "quarantine", "event_identity", "event"),
    "subscription_registration",
)
COLUMNS = """
SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
"""

VIEWS = (
    *("device", "device_identifier", "device_link", "event", "sender"),
    *("connectivity_interval", "network_type_interval", "roaming_session", "roaming_stay"),
    "subscription",
    f"intervals('roaming', '{STORIES.until - timedelta(days=5)}', '{STORIES.until}')",
    f"availability('{STORIES.until - timedelta(days=5)}', '{STORIES.until}')",
)


@dataclass(frozen=True, slots=True)
class Twins:
    """Two services that were told the same.

    Attributes:
        plain, other: what they answer, and their databases.
    """

    plain: Callers
    other: Callers
    plain_url: str
    other_url: str

    async def compare(self) -> int:
        """Asks both every question; returns how many there were."""
        assert until(lambda: derived(self.plain_url) == derived(self.other_url) != [])
        number = 0
        for question in list_questions(self.plain_url):
            expected = await question.ask(self.plain)
            assert expected[0] == 200 or expected[0] in {404, 422, 503}, question
            assert expected == await question.ask(self.other), question
            number += 1
        return number


async def open_twins(
    stack: AsyncExitStack, plain_url: str, other_url: str, monkeypatch: pytest.MonkeyPatch
) -> Twins:
    overlap = {"feed": "overlap", "commit_timeout_seconds": 5.0}
    plain = make_settings(plain_url).model_copy(update=overlap)
    other = make_settings(other_url).model_copy(update=overlap)
    told = await stack.enter_async_context(calling(plain))
    await tell_stories(told)
    [(credential, subscription_id), *_] = list_subscriptions(plain_url)
    await register(told, credential, subscription_id)
    if other_url != plain_url:
        copy_told(plain_url, other_url)
    choose_apart(monkeypatch)
    asked = await stack.enter_async_context(calling(other))
    return Twins(told, asked, plain_url, other_url)


def copy_told(source: str, target: str) -> None:
    """Copies what a service was told, and who it is, to another database."""
    with psycopg.connect(source) as plain, psycopg.connect(target, autocommit=True) as other:
        for table in reversed(TOLD):
            other.execute(f"DELETE FROM {table}")  # noqa: S608 - of constants
        [(namespace,)] = plain.execute("SELECT namespace FROM installation").fetchall()
        other.execute("UPDATE installation SET namespace = %s", [namespace])
        for table in TOLD:
            [(columns,)] = plain.execute(COLUMNS, [table]).fetchall()
            read = f"COPY (SELECT {columns} FROM {table}) TO STDOUT"  # noqa: S608 - of constants
            write = f"COPY {table} ({columns}) FROM STDIN"
            with plain.cursor().copy(read) as rows, other.cursor().copy(write) as copied:
                for block in rows:
                    copied.write(block)


@pytest.mark.undistributed("it compares the forms on one server")
async def test_the_form_for_several_servers_answers_alike_on_one(
    callers_conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with AsyncExitStack() as stack:
        twins = await open_twins(stack, callers_conninfo, callers_conninfo, monkeypatch)
        assert await twins.compare() > 100


@pytest.fixture
async def twins(
    cluster: Cluster, conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Twins]:
    url = cluster.alone.make(TWIN)
    migrate(url)
    make_credentials(url)
    try:
        async with AsyncExitStack() as stack:
            yield await open_twins(stack, url, conninfo, monkeypatch)
    finally:
        cluster.alone.drop(TWIN)


@distributed
async def test_a_distributed_database_answers_as_its_twin(twins: Twins) -> None:
    assert await twins.compare() > 100


@distributed
async def test_reports_of_a_distributed_database_are_those_of_its_twin(twins: Twins) -> None:
    assert until(lambda: derived(twins.plain_url) == derived(twins.other_url) != [])
    for view in VIEWS:
        question = f"SELECT shown::text FROM reporting.{view} AS shown ORDER BY 1".encode()  # noqa: S608
        with (
            psycopg.connect(twins.plain_url) as plain,
            psycopg.connect(twins.other_url) as other,
        ):
            expected = plain.execute(question).fetchall()
            assert expected == other.execute(question).fetchall(), view


def derived(url: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT * FROM device_status ORDER BY 1, 2").fetchall()
