"""An event is late where one of its device and kind that occurred later was stored before."""

from datetime import UTC, datetime, timedelta

from receiver.store.connections.engine import question_engine
from receiver.store.events.history import History
from receiver.store.events.selection import Selection
from receiver.store.following.lateness import mark_late
from tests.support.asking import PHONE, notification
from tests.support.callers import Callers

OTHER = {"phoneNumber": "+99999991001"}
KIND = "org.camaraproject.connected-network-type-subscriptions.v0.network-type-changed"
BEFORE_ALL = datetime(2000, 1, 1, tzinfo=UTC)


async def late(callers: Callers, conninfo: str, told_until: datetime = BEFORE_ALL) -> list[str]:
    """Returns the ids of late events, of all that are stored."""
    engine = question_engine(
        conninfo, pool_size=1, statement_timeout_seconds=10, prepare_threshold=None
    )
    events, _ = await History(engine).page(
        Selection(), order="asc", after=None, limit=100, limit_bytes=10**9
    )
    async with engine.connect() as connection:
        marked = await mark_late(connection, events, told_until)
    await engine.dispose()
    assert [told.event for told in marked] == events
    return [str(told.event.event_id) for told in marked if told.is_late]


async def test_the_order_of_storing_and_of_occurrence_decide_within_a_device_and_kind(
    callers: Callers, conninfo: str
) -> None:
    for number, device, members in (
        (5, PHONE, {}),
        (4, OTHER, {}),
        (3, PHONE, {}),
        (2, PHONE, {"type": KIND}),
        (6, PHONE, {}),
        (5, OTHER, {}),
        (5, PHONE, {"source": "another, at the same time"}),
    ):
        name = f"{number}-{device['phoneNumber'][-1]}-{len(members)}"
        answer = await callers.post(notification(number, device, id=name, **members))
        assert answer.status_code == 204
    assert await late(callers, conninfo) == ["3-0-0", "5-0-1"]


async def test_a_clock_that_was_ahead_makes_nothing_late_for_longer_than_it_was(
    callers: Callers, conninfo: str
) -> None:
    ahead = datetime.now(UTC) + timedelta(hours=1)
    now = datetime.now(UTC) + timedelta(seconds=30)
    for name, time in (("ahead", ahead), ("after", now)):
        await callers.post(notification(1, PHONE, id=name, time=time.isoformat()))
    assert await late(callers, conninfo) == []


async def test_what_was_told_before_counts_whatever_its_place(
    callers: Callers, conninfo: str
) -> None:
    for number in (3, 5):
        await callers.post(notification(number, PHONE))
    assert await late(callers, conninfo) == []
    assert await late(callers, conninfo, datetime.now(UTC)) == ["n-3"]
