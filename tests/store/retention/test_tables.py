"""The tables of what dropped months said."""

from alembic import command

from receiver.store.connections.engine import migration_engine
from receiver.store.events.tables import event
from receiver.store.retention.retaining import retain
from receiver.store.retention.tables import event_seed, retention, subscription_retired
from receiver.store.schema.migrating import migrate
from receiver.store.status.statuses import Statuses
from tests.support.ageing import EVENTS, age_events, ask, count, make_month
from tests.support.store.database import alembic_configuration, column
from tests.support.store.history import store

SINCE = "SELECT connectivity_since, events FROM reporting.device, reporting.subscription"


def test_a_seed_has_the_columns_of_its_event() -> None:
    for each in event_seed.columns:
        if each.name == "decides_from":
            continue
        of_event = event.columns[each.name]
        assert (str(each.type), each.nullable) == (str(of_event.type), of_event.nullable)


def test_no_seed_has_a_payload() -> None:
    assert "payload" not in event_seed.columns


def test_every_table_and_column_has_a_comment() -> None:
    for table in (event_seed, retention, subscription_retired):
        assert table.comment
        assert all(column.comment for column in table.columns)


async def test_what_outlives_months_comes_and_goes_around_stored_events(
    conninfo: str, old: str, statuses: Statuses
) -> None:
    reported = column(conninfo, SINCE)
    assert (await retain(conninfo, 1)).gone == [old]
    status = await ask(statuses)
    assert column(conninfo, SINCE) == reported
    await store(conninfo, [event._replace(number=9).arrival for event in EVENTS])
    make_month(conninfo, 3)
    age_events(conninfo, 3)
    with migration_engine(conninfo).connect() as connection:
        command.downgrade(alembic_configuration(connection), "0012")
    assert column(conninfo, SINCE) == reported
    migrate(conninfo)
    assert count(conninfo, "event") == len(EVENTS)
    assert count(conninfo, "event_seed") == 0
    assert (await ask(statuses)).last_event_at == status.last_event_at
