"""The check of subscriptions says how many need a look, and names none."""

import asyncio

import psycopg
import pytest

from receiver.app.database import Database
from receiver.doctor.diagnosis import CheckState
from receiver.doctor.subscriptions import check_subscriptions
from receiver.store.projector.projecting import Projection

REGISTER = """
INSERT INTO subscription_registration
    (credential, subscription_id, registered_at, starts_at, expires_at, types)
SELECT 'operator', 's-' || days, now(), now() - interval '1 day', now() + days * interval '1 day',
    '{x.roaming-on}'
FROM unnest(%s::int[]) AS days
"""


@pytest.fixture
def database(conninfo: str) -> Database:
    async def derive() -> None:
        projection = Projection(conninfo, statement_timeout_seconds=10, prepare_threshold=None)
        await projection.derive_all()
        await projection.close()

    asyncio.run(derive())
    return Database(conninfo, conninfo)


def test_before_the_first_derivation_it_is_skipped(conninfo: str) -> None:
    assert check_subscriptions(Database(conninfo, conninfo)).state is CheckState.SKIPPED


def test_it_is_well_where_nothing_needs_a_look(database: Database) -> None:
    assert check_subscriptions(database).state is CheckState.OK
    with psycopg.connect(database.conninfo, autocommit=True) as connection:
        connection.execute(REGISTER, [[90]])
    assert check_subscriptions(database).state is CheckState.OK


def test_it_warns_with_numbers(database: Database) -> None:
    with psycopg.connect(database.conninfo, autocommit=True) as connection:
        connection.execute(REGISTER, [[1, 2, -1]])
    found = check_subscriptions(database)
    assert found.state is CheckState.WARNING
    assert found.message == (
        "2 end within 14 days and are not replaced, 1 are past their expiry without an end;"
        " `receiver subscription list` names them"
    )
