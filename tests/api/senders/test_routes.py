"""`GET /senders`, over HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from receiver.events.examples import NOTIFICATION
from tests.support.callers import Callers


async def ask(callers: Callers, role: str = "reader", **parameters: str) -> dict[str, Any]:
    answer = await getattr(callers, role).get("/senders", params=parameters)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_the_answer_tells_what_came_from_whom_and_what_was_refused(
    callers: Callers,
) -> None:
    late = (datetime.now(UTC) - timedelta(seconds=90)).isoformat()
    # Without a zone.
    spoilt = {**NOTIFICATION, "time": late.removesuffix("+00:00")}
    for _ in range(2):
        await callers.post(spoilt)
    refused = await callers.post({"specversion": "1.0"})
    found = await ask(callers)
    [sender] = found["senders"]
    assert (sender["credential"], sender["source"]) == ("the-sink", NOTIFICATION["source"])
    assert (sender["events"], sender["duplicates"]) == (1, 1)
    assert 90 <= sender["lateness"]["p99Seconds"] < 120
    finding = next(one for one in sender["findings"] if one["finding"] == "time-without-zone")
    event = await callers.reader.get(f"/events/{finding['latestEventId']}")
    assert "time-without-zone" in event.json()["findings"]
    [credential] = found["credentials"]
    [reason] = credential["refused"]
    assert reason["reason"] == refused.json()["message"]
    assert (reason["notifications"], reason["waiting"], found["waiting"]) == (1, 1, 1)
    assert "latestId" not in reason
    [credential] = (await ask(callers, "admin"))["credentials"]
    item = await callers.admin.get(f"/quarantine/{credential['refused'][0]['latestId']}")
    assert item.status_code == 200


@pytest.mark.parametrize(
    "parameters",
    [
        {"from": "2026-04-01T00:00:00Z", "to": "2026-03-01T00:00:00Z"},
        {"from": "2020-01-01T00:00:00Z"},
        {"since": "2026-04-01T00:00:00Z"},
        {"from": "yesterday"},
    ],
)
async def test_a_window_that_makes_no_sense_is_refused(
    shared_callers: Callers, parameters: dict[str, str]
) -> None:
    answer = await shared_callers.reader.get("/senders", params=parameters)
    assert answer.status_code == 400
