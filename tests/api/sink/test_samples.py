"""Vendors' notifications, modelled in `tests/samples`, through the whole service and back."""

import json
from typing import Any

import psycopg

from tests.support.callers import Callers
from tests.support.paths import SAMPLES

# What the service adds; the rest is what the notification means.
OURS = {"id", "deviceId", "receivedAt", "credential", "deliveries"}
MEDIA_TYPES = {"cloudevents": "application/cloudevents+json", "legacy": "application/json"}


async def test_every_vendors_notification_comes_back_with_its_meaning(
    emptied_callers: Callers, callers_conninfo: str
) -> None:
    expectations = sorted(SAMPLES.glob("*/*.expected.json"))
    assert expectations
    for path in expectations:
        expected = json.loads(path.read_text())
        body = path.with_name(path.name.replace(".expected", "")).read_bytes()
        media_type = MEDIA_TYPES[expected.get("form", "cloudevents")]
        answer = await emptied_callers.sink.post(
            "/notifications", content=body, headers={"content-type": media_type}
        )
        if "kind" not in expected:
            assert (400, expected) == (answer.status_code, answer.json()), path
            continue
        assert answer.status_code == 204, path
        [event] = await _history(
            emptied_callers, callers_conninfo, expected["device"], body.decode()
        )
        assert expected == {name: event[name] for name in event.keys() - OURS}, path


async def _history(
    callers: Callers, conninfo: str, device: dict[str, Any], payload: str
) -> list[dict[str, Any]]:
    if "phoneNumber" in device:
        return await callers.history(device={"phoneNumber": device["phoneNumber"]})
    with psycopg.connect(conninfo) as connection:
        stored = connection.execute(
            "SELECT device_id FROM event WHERE payload::text = %s", [payload]
        ).fetchone()
    assert stored is not None
    answer = await callers.reader.get(f"/devices/{stored[0]}/events")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_a_missing_comma_is_400_where_it_is_missing_and_204_once_mended(
    emptied_callers: Callers,
) -> None:
    folder = SAMPLES / "nokia.device-roaming-status-v0.7"
    broken = (folder / "roaming-status-without-comma.json").read_bytes()
    headers = {"content-type": "application/json"}
    refused = await emptied_callers.sink.post("/notifications", content=broken, headers=headers)
    assert refused.status_code == 400
    assert refused.json()["message"] == "line 10 column 9: not valid JSON"
    mended = broken.replace(b"901\n", b"901,\n")
    stored = await emptied_callers.sink.post("/notifications", content=mended, headers=headers)
    assert stored.status_code == 204
