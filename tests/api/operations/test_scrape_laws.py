"""What no scrape ever shows."""

from receiver.events.examples import LEGACY_NOTIFICATION, NOTIFICATION
from receiver.store.credentials.credentials import Role, create_credential, token_digest
from tests.support.callers import Callers
from tests.support.exposition import families


async def test_nothing_personal_or_sent_by_a_stranger_becomes_a_label(callers: Callers) -> None:
    await callers.post(NOTIFICATION)
    await callers.post(LEGACY_NOTIFICATION)
    await callers.post({**NOTIFICATION, "time": "+99999991000"})
    await callers.nobody.post("/notifications", headers={"authorization": "Bearer s3cret"})
    await callers.reader.get("/devices/+99999991000")
    await callers.reader.post("/devices/retrieve", json={"device": {"phoneNumber": "+99999991000"}})
    [*events] = await callers.history(device={"phoneNumber": "+99999991000"})
    text = (await callers.nobody.get("/metrics")).text
    for family in families(text).values():
        for sample in family.samples:
            assert set(sample.labels) <= {
                "call", "status", "reason", "state", "credential", "role", "task", "outcome", "le",
                "version",
            }  # fmt: skip
            known = {"the-sink", "the-reader", "the-registrar", "the-admin"}
            assert sample.labels.get("credential", "the-sink") in known
    for secret in ("99999991000", "s3cret", str(NOTIFICATION["source"]), events[0]["deviceId"]):
        assert secret not in text


async def test_the_trials_of_the_doctor_share_one_series_however_many_there_are(
    callers: Callers, conninfo: str
) -> None:
    for word in ("first", "second"):
        name = f"doctor.invalid-{word}-sink"
        create_credential(conninfo, name, Role.SINK, token_digest(word), None)
        headers = {"authorization": f"Bearer {word}"}
        assert (await callers.post(NOTIFICATION, headers=headers)).status_code == 204
    text = (await callers.nobody.get("/metrics")).text
    shown = families(text)["receiver_last_received_timestamp_seconds"].samples
    assert [sample.labels["credential"] for sample in shown] == ["doctor.invalid"]
    left = families(text)["receiver_credential_left_seconds"].samples
    assert not any("doctor" in sample.labels["credential"] for sample in left)
