"""The way from members to durable events, without the service around it."""

from collections.abc import Sequence
from datetime import UTC, datetime

import psycopg
import pytest
from pydantic import SecretStr

from receiver.app.storing import Commit, Storing
from receiver.errors import ConfigurationError, Unavailable
from receiver.events.event import Arrival
from receiver.intake.intake import Sender
from receiver.intake.modes import structured
from receiver.settings.settings import Settings
from tests.support.bodies import cloudevent

NOW = datetime(2026, 3, 4, tzinfo=UTC)
STORED = "SELECT event_id FROM event ORDER BY event_id"


def settings_for(conninfo: str) -> Settings:
    return Settings.model_validate({"DATABASE_URL": SecretStr(conninfo)})


async def test_what_is_taken_in_is_durable_at_the_end_of_the_block(conninfo: str) -> None:
    batches: list[int] = []
    lengths: list[int] = []

    def watched(commit: Commit) -> Commit:
        async def watched_commit(batch: Sequence[Arrival]) -> None:
            batches.append(len(batch))
            await commit(batch)

        return watched_commit

    storing = Storing(
        settings_for(conninfo), around_commit=watched, set_queue_length=lengths.append
    )
    members = [structured(cloudevent("roaming-on", id=name)) for name in ("a", "b")]
    async with storing.storing():
        assert await storing.intake.store(members, Sender("operator"), NOW) == [None, None]
    with psycopg.connect(conninfo) as connection:
        assert connection.execute(STORED).fetchall() == [("a",), ("b",)]
    assert sum(batches) == 2
    assert lengths[-1] == 0


async def test_the_device_ids_are_the_installations(conninfo: str) -> None:
    storing = Storing(settings_for(conninfo))
    with pytest.raises(RuntimeError):
        storing.namespace()
    async with storing.storing():
        known = storing.namespace()
    with psycopg.connect(conninfo) as connection:
        assert connection.execute("SELECT namespace FROM installation").fetchone() == (known,)


async def test_a_database_that_is_not_migrated_does_not_begin(empty_conninfo: str) -> None:
    with pytest.raises(Unavailable):
        async with Storing(settings_for(empty_conninfo)).storing():
            pass


def test_without_a_database_there_is_nothing_to_store_in() -> None:
    with pytest.raises(ConfigurationError, match="DATABASE_URL"):
        Storing(Settings.model_validate({}))
