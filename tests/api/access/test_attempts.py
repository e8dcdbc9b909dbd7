"""Failed authentications are bounded by address, and a valid token never pays for them."""

import asyncio
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from receiver.api.access.attempts import MINUTE_SECONDS, Attempts
from receiver.api.access.guard import SINK, Guard
from receiver.api.access.rates import question_turns
from receiver.errors import AttemptsExceeded, TokenUnknown
from receiver.events.examples import NOTIFICATION
from receiver.settings.settings import Settings
from receiver.store.credentials.clock import DatabaseClock
from receiver.store.credentials.credentials import Credential, Role, create_credential, token_digest
from tests.support.callers import Callers
from tests.support.exposition import value
from tests.support.tables import away

LIMIT = 3
VALID = "a token that is known"
NOW = datetime(2026, 4, 17, tzinfo=UTC)
CREDENTIAL = Credential("operator", Role.SINK, token_digest(VALID), NOW, None, None)
ELSEWHERE = {"x-forwarded-for": "198.51.100.8"}


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def scope(address: str) -> dict[str, Any]:
    return {"type": "http", "client": (address, 4711), "headers": []}


def refused(attempts: Attempts, address: str) -> bool:
    try:
        attempts.note_failure(scope(address))
    except AttemptsExceeded:
        return True
    return False


def test_an_address_fails_so_often_a_minute_and_is_told_to_wait_then() -> None:
    time = Time()
    attempts = Attempts(LIMIT, (), time)
    assert [refused(attempts, "198.51.100.7") for _ in range(5)] == [False] * 3 + [True] * 2
    assert not refused(attempts, "198.51.100.8")
    time.now += MINUTE_SECONDS
    assert [refused(attempts, "198.51.100.7") for _ in range(5)] == [False] * 3 + [True] * 2


def test_the_neighbours_in_a_64_share_one_count() -> None:
    attempts = Attempts(LIMIT, (), Time())
    addresses = [f"2001:db8:1:2::{number}" for number in range(1, 6)]
    assert [refused(attempts, address) for address in addresses] == [False] * 3 + [True] * 2
    assert not refused(attempts, "2001:db8:1:3::1")


def test_so_many_addresses_are_remembered_and_no_more() -> None:
    attempts = Attempts(1, (), Time(), addresses_limit=2)
    for number in range(100):
        attempts.note_failure(scope(f"198.51.100.{number}"))
    with structlog.testing.capture_logs() as logs:
        attempts.log_failures()
    assert [(line["attempts"], line["addresses"]) for line in logs] == [(100, 2)]


def test_a_minute_of_failures_is_one_line_without_an_address() -> None:
    attempts = Attempts(LIMIT, [ip_network("10.0.0.0/8")], Time())
    for address in ("198.51.100.7",) * 5 + ("203.0.113.9",):
        refused(attempts, address)
    with structlog.testing.capture_logs() as logs:
        attempts.log_failures()
        attempts.log_failures()
    assert logs == [
        {
            "event": "authentications failed",
            "log_level": "warning",
            "attempts": 6,
            "refused": 2,
            "addresses": 2,
            "most_from": "198.51.100.0/24",
            "most": 5,
        }
    ]


class OneCredential:
    """A book of one credential."""

    clock = DatabaseClock()

    def remembered(self, token_digest: bytes, /) -> Credential | None:
        return CREDENTIAL if token_digest == CREDENTIAL.token_digest else None

    async def find(self, token_digest: bytes, /) -> Credential | None:
        return self.remembered(token_digest)

    def note_use(self, name: str, now: datetime, /) -> None:
        pass


@given(
    story=st.lists(
        st.tuples(st.floats(0, 30), st.sampled_from(["198.51.100.7", "::1"]), st.booleans())
    )
)
def test_a_valid_token_is_never_refused_and_failures_pass_only_so_often(
    story: list[tuple[float, str, bool]],
) -> None:
    time = Time()
    passed: dict[str, list[float]] = {}
    guard = Guard(
        OneCredential(),
        lambda: NOW,
        grace=timedelta(),
        turns=question_turns(1, patience_seconds=1),
        body_limit_bytes=1024,
        note_failure=Attempts(LIMIT, (), time).note_failure,
    )

    async def told() -> None:
        for step, address, is_valid in story:
            time.now += step
            token = VALID if is_valid else "a guess"
            try:
                admitted = await guard.authenticate(f"Bearer {token}", SINK, scope(address), NOW)
            except (TokenUnknown, AttemptsExceeded) as error:
                assert not is_valid
                if isinstance(error, TokenUnknown):
                    passed.setdefault(address, []).append(time.now)
            else:
                assert admitted is CREDENTIAL

    asyncio.run(told())
    for times in passed.values():
        for at in times:
            within = [other for other in times if at <= other < at + MINUTE_SECONDS]
            assert len(within) <= 2 * LIMIT


@pytest.fixture
def settings(conninfo: str) -> Settings:
    return Settings.model_validate(
        {"DATABASE_URL": conninfo, "attempts_limit": 1, "trusted_proxies": "127.0.0.0/8"}
    )


async def statuses(callers: Callers, token: str, number: int, **headers: str) -> list[int]:
    answers = [
        await callers.nobody.post(
            "/notifications",
            json=NOTIFICATION,
            headers={"authorization": f"Bearer {token}", **headers},
        )
        for _ in range(number)
    ]
    return [answer.status_code for answer in answers]


async def test_a_throttled_address_is_429_for_failures_and_open_to_every_valid_token(
    callers: Callers, conninfo: str
) -> None:
    assert await statuses(callers, "a-guess", 3) == [401, 429, 429]
    assert await statuses(callers, "a-guess", 1, **ELSEWHERE) == [401]
    assert await statuses(callers, "token-of-sink", 2) == [204] * 2
    # Nobody knows this one yet: it is looked for all the same.
    create_credential(conninfo, "new", Role.SINK, token_digest("just-made"), None)
    assert await statuses(callers, "just-made", 1) == [204]
    assert await statuses(callers, "a-guess", 1) == [429]


async def test_a_429_says_when_to_come_again_and_shows_in_the_metrics(callers: Callers) -> None:
    await statuses(callers, "a-guess", 1)
    for path, call in (("/notifications", "notifications"), ("/devices/retrieve", "questions")):
        answer = await callers.nobody.post(path, json={"device": {"phoneNumber": "+99999991000"}})
        assert (answer.status_code, answer.json()["code"]) == (429, "TOO_MANY_REQUESTS")
        assert 1 <= int(answer.headers["retry-after"]) <= MINUTE_SECONDS
        assert "www-authenticate" not in answer.headers
        labels = {"call": call, "status": "429", "reason": "attempts-exceeded"}
        text = (await callers.nobody.get("/metrics")).text
        assert value(text, "receiver_answers_total", labels) == 1


async def test_a_throttled_address_is_not_throttled_while_the_database_is_away(
    callers: Callers, conninfo: str
) -> None:
    assert await statuses(callers, "a-guess", 2) == [401, 429]
    async with away(conninfo, "credential"):
        assert await statuses(callers, "a-guess", 1) == [503]
        assert await statuses(callers, "token-of-sink", 1) == [204]
