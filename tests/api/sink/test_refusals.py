"""What is kept of a refused request."""

import psycopg
import pytest
from structlog.testing import capture_logs

from receiver.api.sink.refusals import without_secrets
from receiver.events.examples import NOTIFICATION
from receiver.store.credentials.credentials import Role, create_credential, token_digest
from tests.support.callers import Callers

KEPT = "SELECT body, headers, credential, reason FROM quarantine"


def test_headers_that_carry_a_secret_are_not_kept() -> None:
    sent = {"authorization": "a", "proxy-authorization": "b", "cookie": "c", "user-agent": "d"}
    assert without_secrets(sent) == {"user-agent": "d"}


@pytest.mark.parametrize("sent", [b"{", b'{"time": "noon"}'])
async def test_the_bytes_are_kept_before_the_sender_is_told(
    callers: Callers, conninfo: str, sent: bytes
) -> None:
    headers = {"content-type": "application/json", "x-correlator": "mine"}
    with capture_logs() as lines:
        answer = await callers.sink.post("/notifications", content=sent, headers=headers)
    with psycopg.connect(conninfo) as connection:
        [(body, kept, credential, reason)] = connection.execute(KEPT).fetchall()
    assert (bytes(body), credential, reason) == (sent, "the-sink", answer.json()["message"])
    assert kept["x-correlator"] == "mine"
    assert "authorization" not in kept
    [line] = [line for line in lines if line["event"] == "notification refused"]
    assert (line["credential"], line["reason"]) == ("the-sink", reason)


async def test_a_notification_that_is_not_its_senders_to_send_is_not_kept(
    callers: Callers, conninfo: str
) -> None:
    create_credential(conninfo, "limited", Role.SINK, token_digest("limited"), None, types=["x.*"])
    headers = {"authorization": "Bearer limited"}
    answer = await callers.nobody.post("/notifications", json=NOTIFICATION, headers=headers)
    assert answer.status_code == 403
    with psycopg.connect(conninfo) as connection:
        assert connection.execute(KEPT).fetchall() == []
