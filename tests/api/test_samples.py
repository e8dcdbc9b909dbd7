"""Vendors' notifications, modelled in `tests/samples`, through the whole service and back."""

import json
from pathlib import Path

import pytest

from tests.api.conftest import Callers

SAMPLES = Path(__file__).parents[1] / "samples"
EXPECTED = sorted((SAMPLES / "expected").glob("*.json"))

# What the service adds; the rest is what the notification means.
OURS = {"id", "deviceId", "receivedAt", "credential", "deliveries"}


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda path: path.stem)
async def test_a_vendors_notification_comes_back_with_its_meaning(
    callers: Callers, expected: Path
) -> None:
    meaning = json.loads(expected.read_text())
    answer = await callers.sink.post(
        "/notifications",
        content=(SAMPLES / expected.name).read_bytes(),
        headers={"content-type": "application/json"},
    )
    assert answer.status_code == 204
    [event] = await callers.history(device={"phoneNumber": meaning["device"]["phoneNumber"]})
    assert {name: event[name] for name in event.keys() - OURS} == meaning


async def test_a_missing_comma_is_400_where_it_is_missing_and_204_once_mended(
    callers: Callers,
) -> None:
    broken = (SAMPLES / "cloudevent-roaming-status-without-comma.json").read_bytes()
    headers = {"content-type": "application/json"}
    refused = await callers.sink.post("/notifications", content=broken, headers=headers)
    assert refused.status_code == 400
    assert refused.json()["message"] == "line 10 column 9: not valid JSON"
    mended = broken.replace(b"901\n", b"901,\n")
    stored = await callers.sink.post("/notifications", content=mended, headers=headers)
    assert stored.status_code == 204
