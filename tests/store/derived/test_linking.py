"""What only a subscription or a network access identifier names stands for one device."""

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.events.event import Device
from receiver.store.connections.engine import question_engine, reading
from receiver.store.derived import behind
from receiver.store.derived.behind import Behind
from receiver.store.derived.linking import Links, find_linked
from receiver.store.events.ingest import Ingest
from receiver.store.projector.projecting import Projection
from tests.support.facts import DEVICES, NOON, STATUSES, Told
from tests.support.traced import sent, start_trace

NAI = "device@operator.example"
PHONE, OTHER_PHONE = DEVICES[0], DEVICES[1]
WITH_NAI = PHONE._replace(network_access_identifier=NAI)
OTHER_WITH_NAI = OTHER_PHONE._replace(network_access_identifier=NAI)


def told(device: Device, subscription: str | None = "s-1", number: int = 0) -> Told:
    name = "connectivity-data"
    return Told(device, subscription, name, STATUSES[name][0], 0, 0, number)


NAMELESS = told(Device())
BY_NAI = told(Device(network_access_identifier=NAI), None)


@pytest.mark.parametrize(
    ("events", "asked", "linked"),
    [
        ([told(PHONE), NAMELESS], told(PHONE), [NAMELESS]),
        ([told(PHONE, "s-2"), NAMELESS], told(PHONE), []),
        ([told(PHONE), told(OTHER_PHONE), NAMELESS], told(PHONE), []),
        ([told(WITH_NAI, None), BY_NAI], told(WITH_NAI), [BY_NAI]),
        (
            [
                told(WITH_NAI, None),
                told(OTHER_PHONE._replace(network_access_identifier=NAI)),
                BY_NAI,
            ],
            told(WITH_NAI),
            [],
        ),
        ([told(WITH_NAI), NAMELESS, BY_NAI], told(WITH_NAI), [NAMELESS, BY_NAI]),
        ([told(PHONE), NAMELESS], NAMELESS, []),
    ],
)
async def test_a_link_holds_while_one_device_alone_was_reported_with_it(
    ingest: Ingest,
    projection: Projection,
    engine: AsyncEngine,
    events: Sequence[Told],
    asked: Told,
    linked: Sequence[Told],
) -> None:
    await ingest.commit([event.arrival for event in events])
    await projection.derive_all()
    async with reading(engine) as connection:
        found = await find_linked(connection, asked.device_id, Behind((), {}, NOON, NOON))
    assert set(found) == {UUID(event.arrival.device_id) for event in linked}


async def test_links_and_identifiers_take_one_round_trip_after_another_question(
    ingest: Ingest,
    projection: Projection,
    conninfo: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(behind, "MEMORY_SECONDS", 3600.0)
    await projection.derive_all()
    engine = question_engine(
        conninfo, pool_size=1, statement_timeout_seconds=10, prepare_threshold=None
    )
    links, trace = Links(engine), tmp_path / "trace"
    phone, nameless = told(WITH_NAI), NAMELESS

    async def ask(*, most: int) -> tuple[int, int]:
        """Returns links and identifiers, by two questions of so many round trips at most."""
        before = sent(trace).count("Sync")
        found = await links.find(phone.device_id)
        reported = await links.identifiers.list_reported([phone.device_id])
        assert sent(trace).count("Sync") - before <= most
        return len(found), len(reported)

    with trace.open("w") as written:
        async with reading(engine) as connection:
            start_trace(connection, written.fileno())
        assert await ask(most=4) == (0, 0)
        assert await ask(most=2) == (0, 0)
        await ingest.commit([phone.arrival, nameless.arrival])
        # Something is behind for the first time.
        assert await ask(most=4) == (1, 2)
        await projection.derive_all()
        assert await ask(most=2) == (1, 2)
        async with reading(engine) as connection:
            connection.pgconn.untrace()
    await engine.dispose()
