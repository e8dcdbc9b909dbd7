"""One credential floods the quarantine: little is stored of it, and the others are still kept."""

import hashlib

import httpx
import psycopg
import pytest

from receiver.settings.settings import Settings
from receiver.store.credentials.credentials import Role, create_credential
from receiver.store.quarantine.bounds import SIZE_ON_DISK
from tests.support.asking import PHONE, notification
from tests.support.callers import Callers
from tests.support.exposition import value

LIMIT_BYTES = 8_000_000
MEMBERS = 1000
BATCH = b"[" + b",".join([b"1"] * MEMBERS) + b"]"
JSON = "application/json"
FAT = 8000
# As many headers as the limit of a head allows, and those that are kept among them.
HEADERS = {
    "content-type": "application/cloudevents-batch+json; padding=" + "x" * FAT,
    "user-agent": "x" * FAT,
    **{f"x-{number}": "x" * FAT for number in range(5)},
}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Those of the application, whose quarantine is small."""
    return settings.model_copy(update={"quarantine_limit_bytes": LIMIT_BYTES})


def size_bytes(conninfo: str) -> int:
    with psycopg.connect(conninfo) as connection:
        [(size,)] = connection.execute(SIZE_ON_DISK).fetchall()
    return int(size)


async def flood(callers: Callers) -> httpx.Response:
    return await callers.sink.post("/notifications", content=BATCH, headers=HEADERS)


async def test_a_batch_of_refused_members_takes_little_beside_its_bytes_and_reasons(
    callers: Callers, conninfo: str
) -> None:
    before = size_bytes(conninfo)
    for _ in range(5):
        assert (await flood(callers)).status_code == 400
    assert (size_bytes(conninfo) - before) / (5 * MEMBERS) < 250


async def test_one_credential_fills_its_share_and_others_are_kept_and_stored(
    callers: Callers, conninfo: str, settings: Settings
) -> None:
    digest = hashlib.sha256(b"other").digest()
    create_credential(conninfo, "other", Role.SINK, digest, None)
    answer = await flood(callers)
    while answer.status_code == 400:
        answer = await flood(callers)
    assert answer.status_code == 503
    assert answer.json()["message"] == "the credential has filled its share of the quarantine"
    assert int(answer.headers["retry-after"]) > 0
    assert size_bytes(conninfo) < 1.1 * settings.quarantine_share * LIMIT_BYTES
    other = {"authorization": "Bearer other", "content-type": JSON}
    answer = await callers.nobody.post("/notifications", content=b"{", headers=other)
    assert answer.status_code == 400
    assert (await callers.post(notification(1, PHONE))).status_code == 204
    text = (await callers.nobody.get("/metrics")).text
    labels = {"call": "notifications", "status": "503", "reason": "quarantine-full"}
    assert value(text, "receiver_answers_total", labels) == 1
    assert value(text, "receiver_answers_total", {**labels, "reason": "unavailable"}) is None
