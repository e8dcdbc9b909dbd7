"""What is kept of a refused request."""

import psycopg
import pytest
from structlog.testing import capture_logs

from receiver.events.examples import NOTIFICATION
from receiver.intake.modes import Mode, choose_headers
from receiver.store.credentials.credentials import Role, create_credential, token_digest
from tests.support.callers import Callers

KEPT = "SELECT body, headers, credential, reason FROM quarantine"


def test_only_listed_headers_are_kept_each_of_bounded_length() -> None:
    sent = {
        "authorization": "a",
        "cookie": "b",
        "x-api-key": "c",
        "x-auth-token": "d",
        "content-type": "application/json",
        "user-agent": 9000 * "e",
    }
    kept = choose_headers(sent, Mode.STRUCTURED)
    assert kept == {"content-type": "application/json", "user-agent": 256 * "e"}


@pytest.mark.parametrize(
    ("mode", "is_kept"), [(Mode.BINARY, True), (None, True), (Mode.BATCH, False)]
)
def test_the_attributes_of_binary_mode_are_kept_whole_but_not_with_each_member(
    mode: Mode | None, is_kept: bool
) -> None:
    kept = choose_headers({"ce-id": 9000 * "x"}, mode)
    assert kept == ({"ce-id": 9000 * "x"} if is_kept else {})


async def test_a_batch_of_refused_members_keeps_little_more_than_its_bytes(
    emptied_callers: Callers, callers_conninfo: str
) -> None:
    headers = {
        "content-type": "application/cloudevents-batch+json",
        **{f"x-{number}": 7000 * "y" for number in range(7)},
    }
    answer = await emptied_callers.sink.post("/notifications", json=1000 * [1], headers=headers)
    assert answer.status_code == 400
    with psycopg.connect(callers_conninfo) as connection:
        [(rows, size)] = connection.execute(
            "SELECT count(*), sum(pg_column_size(body) + pg_column_size(headers)) FROM quarantine"
        ).fetchall()
    assert rows == 1000
    assert size < 1_000_000


@pytest.mark.parametrize("sent", [b"{", b'{"time": "noon"}'])
async def test_the_bytes_are_kept_before_the_sender_is_told(
    emptied_callers: Callers, callers_conninfo: str, sent: bytes
) -> None:
    headers = {"content-type": "application/json", "x-correlator": "mine"}
    with capture_logs() as lines:
        answer = await emptied_callers.sink.post("/notifications", content=sent, headers=headers)
    with psycopg.connect(callers_conninfo) as connection:
        [(body, kept, credential, reason)] = connection.execute(KEPT).fetchall()
    assert (bytes(body), credential, reason) == (sent, "the-sink", answer.json()["message"])
    assert kept["x-correlator"] == "mine"
    assert "authorization" not in kept
    [line] = [line for line in lines if line["event"] == "notification refused"]
    assert (line["credential"], line["reason"]) == ("the-sink", reason)


async def test_a_notification_that_is_not_its_senders_to_send_is_not_kept(
    emptied_callers: Callers, callers_conninfo: str
) -> None:
    create_credential(
        callers_conninfo, "limited", Role.SINK, token_digest("limited"), None, types=["x.*"]
    )
    headers = {"authorization": "Bearer limited"}
    answer = await emptied_callers.nobody.post("/notifications", json=NOTIFICATION, headers=headers)
    assert answer.status_code == 403
    with psycopg.connect(callers_conninfo) as connection:
        assert connection.execute(KEPT).fetchall() == []
