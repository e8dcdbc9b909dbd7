"""Refused bodies are kept whole, and parsed again one by one under a lock."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import DataError
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.errors import DatabaseAway, RefusalNotFound, Unavailable
from receiver.store.connections.engine import question_engine
from receiver.store.credentials.credentials import MaySend, Role, create_credential
from receiver.store.quarantine.bounds import QuarantineBounds
from receiver.store.quarantine.entries import QuarantineSelection, RefusalState, RefusedBody
from receiver.store.quarantine.quarantine import Quarantine
from receiver.store.quarantine.rows import REASON_LENGTH, NewRow, Refusal
from tests.support.store.database import column
from tests.support.store.durability import COMMITS, TURNED_OFF, count_flushed
from tests.support.store.quarantine import count_quarantine, fill_quarantine

NOW = datetime.now(UTC)
HEADERS = {"content-type": "application/json", "user-agent": 'a "b" \\ é'}
BODY = b"{\0\xff}"


@pytest.fixture
def quarantine(engine: AsyncEngine) -> Quarantine:
    bounds = QuarantineBounds(engine, limit_bytes=10**9, share=1.0, age_limit_days=30)
    return Quarantine(engine, bounds, questions_engine=engine)


async def keep(quarantine: Quarantine, *refusals: Refusal, credential: str = "operator") -> None:
    await quarantine.keep(refusals, credential=credential, received_at=NOW, headers=HEADERS)


async def only_key(quarantine: Quarantine) -> int:
    [key] = await quarantine.refused_keys(after=0, limit=10)
    return key


async def understand(_body: RefusedBody, _may_send: MaySend) -> str | None:
    return None


async def refuse_again(_body: RefusedBody, _may_send: MaySend) -> str | None:
    return "data.roaming: missing"


async def test_a_body_is_kept_with_all_that_is_needed_to_parse_it(
    quarantine: Quarantine,
) -> None:
    await keep(quarantine, Refusal("not JSON", BODY), Refusal("no id", b"{}", is_member=True))
    first, second = [
        await quarantine.find(key) for key in await quarantine.refused_keys(after=0, limit=10)
    ]
    entry, body = first
    assert (entry.received_at, entry.credential, entry.reason) == (NOW, "operator", "not JSON")
    assert (entry.media_type, entry.size_bytes) == ("application/json", len(BODY))
    assert (entry.state, entry.reprocessed_at) == (RefusalState.REFUSED, None)
    assert (body.body, body.headers, body.is_member) == (BODY, HEADERS, False)
    assert (body.received_at, body.credential) == (NOW, "operator")
    assert (second[1].body, second[1].is_member) == (b"{}", True)
    assert body.arrival_id != second[1].arrival_id


async def test_refusals_of_one_request_are_kept_together_or_not_at_all(
    quarantine: Quarantine, conninfo: str
) -> None:
    with pytest.raises(DataError):
        await keep(quarantine, Refusal("fine", b"{}"), Refusal("not \0 a text", b"{}"))
    assert count_quarantine(conninfo) == []


@pytest.mark.parametrize("turn_off", TURNED_OFF)
async def test_a_refusal_is_on_disk_when_it_is_kept_also_where_that_was_turned_off(
    conninfo: str, turn_off: Callable[[str], str]
) -> None:
    engine = question_engine(
        turn_off(conninfo), pool_size=1, statement_timeout_seconds=10, prepare_threshold=2
    )
    bounds = QuarantineBounds(engine, limit_bytes=10**9, share=1.0, age_limit_days=30)
    quarantine = Quarantine(engine, bounds, questions_engine=engine)
    flushed = await count_flushed(
        conninfo, lambda _: keep(quarantine, Refusal("not JSON", BODY), Refusal("no id", b"{}"))
    )
    await engine.dispose()
    assert flushed == COMMITS
    assert count_quarantine(conninfo) == [(RefusalState.REFUSED, 2 * COMMITS)]


async def test_a_credential_that_floods_the_quarantine_leaves_a_connection_to_others(
    conninfo: str,
) -> None:
    engine = question_engine(
        conninfo,
        pool_size=2,
        statement_timeout_seconds=60,
        prepare_threshold=None,
        pool_timeout_seconds=0.5,
    )
    bounds = QuarantineBounds(engine, limit_bytes=10**9, share=1.0, age_limit_days=30)
    quarantine = Quarantine(engine, bounds, questions_engine=engine, patience_seconds=0.5)
    # The room is measured ahead of the lock.
    await bounds.take_room("operator", 1)
    async with await psycopg.AsyncConnection.connect(conninfo) as locking:
        await locking.execute("LOCK TABLE quarantine IN EXCLUSIVE MODE")
        flood = [
            asyncio.create_task(keep(quarantine, Refusal("not JSON", BODY), credential="flood"))
            for _ in range(10)
        ]
        other = asyncio.create_task(keep(quarantine, Refusal("not JSON", BODY)))
        while sum(task.done() for task in flood) < 8:
            await asyncio.sleep(0.01)
        await locking.rollback()
    await other
    outcomes = await asyncio.gather(*flood, return_exceptions=True)
    await engine.dispose()
    assert outcomes.count(None) == 1
    assert {type(outcome) for outcome in outcomes if outcome is not None} == {DatabaseAway}
    assert count_quarantine(conninfo) == [(RefusalState.REFUSED, 2)]


async def test_a_page_tells_whether_there_is_more_behind_it(
    quarantine: Quarantine, conninfo: str
) -> None:
    for days in (1, 2, 3):
        fill_quarantine(conninfo, days, RefusalState.REFUSED)
    all_of_it = QuarantineSelection()
    first, end = await quarantine.page(
        all_of_it, order="desc", after=None, limit=2, limit_bytes=10**6
    )
    assert end == first[-1].position
    rest, end = await quarantine.page(
        all_of_it, order="desc", after=end, limit=2, limit_bytes=10**6
    )
    assert end is None
    assert [entry.key for entry in (*first, *rest)] == [1, 2, 3]


async def test_of_entries_with_long_texts_no_more_are_fetched_than_the_bytes_allow(
    quarantine: Quarantine,
) -> None:
    for number in range(6):
        await keep(quarantine, Refusal("😀" * 400, bytes(10**5)), credential=f"c{number}")
    for limit_bytes, expected in ((1, 1), (3400, 3), (10**6, 6)):
        entries, end = await quarantine.page(
            QuarantineSelection(), order="asc", after=None, limit=6, limit_bytes=limit_bytes
        )
        assert [entry.key for entry in entries] == list(range(1, expected + 1))
        assert (end is not None) == (expected < 6)


async def test_keys_of_stored_entries_are_not_listed_as_refused(
    quarantine: Quarantine, conninfo: str
) -> None:
    for state in (
        RefusalState.REFUSED,
        RefusalState.STORED,
        RefusalState.REFUSED,
        RefusalState.REFUSED,
    ):
        fill_quarantine(conninfo, 1, state)
    assert await quarantine.refused_keys(after=0, limit=2) == [1, 3]
    assert await quarantine.refused_keys(after=3, limit=2) == [4]


async def test_a_body_that_is_understood_now_is_stored_once(quarantine: Quarantine) -> None:
    await keep(quarantine, Refusal("not JSON", BODY))
    key = await only_key(quarantine)
    stored = await quarantine.reprocess(key, understand)
    assert (stored.state, stored.reason) == (RefusalState.STORED, "not JSON")
    assert stored.reprocessed_at is not None
    # A stored entry is not parsed again.
    assert await quarantine.reprocess(key, refuse_again) == stored


async def test_a_body_that_is_refused_again_has_the_new_reason(quarantine: Quarantine) -> None:
    await keep(quarantine, Refusal("not JSON", BODY))
    refused = await quarantine.reprocess(await only_key(quarantine), refuse_again)
    assert (refused.state, refused.reason) == (RefusalState.REFUSED, "data.roaming: missing")
    assert refused.reprocessed_at is not None


async def test_a_reason_is_cut_whenever_it_is_stored(quarantine: Quarantine) -> None:
    async def refuse_at_length(_body: RefusedBody, _may_send: MaySend) -> str | None:
        return "b" * (REASON_LENGTH + 1)

    await keep(quarantine, Refusal("a" * (REASON_LENGTH + 1), BODY))
    key = await only_key(quarantine)
    entry, _ = await quarantine.find(key)
    assert entry.reason == "a" * REASON_LENGTH
    assert (await quarantine.reprocess(key, refuse_at_length)).reason == "b" * REASON_LENGTH


@pytest.mark.parametrize(("credential", "may_send"), [("operator", False), ("nobody", True)])
async def test_the_limits_of_a_credential_hold_as_they_are_now(
    quarantine: Quarantine, conninfo: str, credential: str, may_send: bool
) -> None:
    create_credential(conninfo, "operator", Role.SINK, b"1", None, types=["*.roaming-*"])
    await keep(quarantine, Refusal("not JSON", BODY), credential=credential)
    found: list[bool] = []

    async def ask(_body: RefusedBody, may_send: MaySend) -> None:
        found.append(may_send("a.b.connectivity-data", None))

    await quarantine.reprocess(await only_key(quarantine), ask)
    assert found == [may_send]


async def test_two_that_parse_one_body_again_do_so_one_after_the_other(
    quarantine: Quarantine,
) -> None:
    await keep(quarantine, Refusal("not JSON", BODY))
    key = await only_key(quarantine)
    has_begun, may_end = asyncio.Event(), asyncio.Event()

    async def take_long(_body: RefusedBody, _may_send: MaySend) -> None:
        has_begun.set()
        await may_end.wait()

    first = asyncio.create_task(quarantine.reprocess(key, take_long))
    await has_begun.wait()
    second = asyncio.create_task(quarantine.reprocess(key, refuse_again))
    await asyncio.sleep(0.1)
    assert not second.done()
    may_end.set()
    assert await first == await second


async def test_a_failure_meanwhile_leaves_the_entry_as_it_was(
    quarantine: Quarantine, conninfo: str
) -> None:
    await keep(quarantine, Refusal("not JSON", BODY))
    key = await only_key(quarantine)
    before = await quarantine.find(key)

    async def fail(_body: RefusedBody, _may_send: MaySend) -> None:
        raise Unavailable("the queue is full")

    with pytest.raises(Unavailable, match="queue"):
        await quarantine.reprocess(key, fail)
    assert await quarantine.find(key) == before
    assert column(conninfo, "SELECT reprocessed_at FROM quarantine") == ["None"]


async def test_a_key_without_an_entry_is_not_found(quarantine: Quarantine) -> None:
    for ask in (quarantine.find(1), quarantine.reprocess(1, understand)):
        with pytest.raises(RefusalNotFound):
            await ask


async def test_a_commit_that_hangs_is_answered_in_time_and_keeps_one_connection_of_its_credential(
    conninfo: str,
) -> None:
    engine = question_engine(
        conninfo, pool_size=2, statement_timeout_seconds=60, prepare_threshold=None
    )
    bounds = QuarantineBounds(engine, limit_bytes=10**9, share=1.0, age_limit_days=30)
    quarantine = Quarantine(
        engine, bounds, questions_engine=engine, patience_seconds=0.1, deadline_seconds=0.3
    )
    async with await psycopg.AsyncConnection.connect(conninfo) as locking:
        await locking.execute("LOCK TABLE quarantine IN EXCLUSIVE MODE")
        for _ in range(3):
            with pytest.raises(DatabaseAway):
                await keep(quarantine, Refusal("not JSON", BODY))
        other = asyncio.create_task(keep(quarantine, Refusal("not JSON", BODY), credential="other"))
        await asyncio.sleep(0)
        await locking.rollback()
    await other
    await quarantine.aclose()
    await engine.dispose()
    # The commit of which the sender knows nothing went on, and those behind it never began.
    assert count_quarantine(conninfo) == [(RefusalState.REFUSED, 2)]


class Spool:
    """Keeps what it is given, and may be open already."""

    def __init__(self, *, is_open: bool) -> None:
        self.is_open = is_open
        self.kept: list[NewRow] = []

    async def keep(self, rows: Sequence[NewRow]) -> None:
        self.kept += rows


@pytest.mark.parametrize("is_open", [False, True])
async def test_what_cannot_be_kept_goes_into_the_spool_and_comes_back_once(
    conninfo: str, tmp_path: Path, is_open: bool
) -> None:
    engines = [
        question_engine(url, pool_size=1, statement_timeout_seconds=10, prepare_threshold=None)
        for url in (f"postgresql://receiver@/receiver?host={tmp_path}", conninfo)
    ]
    away, present = (
        QuarantineBounds(engine, limit_bytes=10**9, share=1.0, age_limit_days=30)
        for engine in engines
    )
    spool = Spool(is_open=is_open)
    # While it is open, the database is not asked, though it would answer.
    engine, bounds = (engines[1], present) if is_open else (engines[0], away)
    refusing = Quarantine(engine, bounds, questions_engine=engine, spool=spool)
    await keep(refusing, Refusal("not JSON", BODY), Refusal("no id", b"{}", is_member=True))
    assert [row.body for row in spool.kept] == [BODY, b"{}"]
    assert count_quarantine(conninfo) == []
    quarantine = Quarantine(engines[1], present, questions_engine=engines[1])
    for row in [*spool.kept, *spool.kept]:
        await quarantine.keep_once(row)
    assert count_quarantine(conninfo) == [(RefusalState.REFUSED, 2)]
    entry, body = await quarantine.find(1)
    assert (entry.received_at, entry.reason, body.headers) == (NOW, "not JSON", HEADERS)
    assert body.arrival_id.hex == spool.kept[0].arrival_id
    for engine in engines:
        await engine.dispose()


async def test_without_a_spool_what_cannot_be_kept_is_an_error(tmp_path: Path) -> None:
    url = f"postgresql://receiver@/receiver?host={tmp_path}"
    engine = question_engine(url, pool_size=1, statement_timeout_seconds=10, prepare_threshold=None)
    bounds = QuarantineBounds(engine, limit_bytes=10**9, share=1.0, age_limit_days=30)
    with pytest.raises(DatabaseAway):
        await keep(Quarantine(engine, bounds, questions_engine=engine), Refusal("no", b"{"))
    await engine.dispose()
