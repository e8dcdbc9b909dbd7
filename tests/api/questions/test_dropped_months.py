"""Over REST no answer changes when months are dropped, but for what tells of their time."""

from typing import Any

import psycopg

from receiver.store.schema.partitions import later, read_coverage
from tests.support.ageing import age_events, drop_months, make_month
from tests.support.asking import PHONE, device_id, notification
from tests.support.callers import Callers

API = "org.camaraproject.device-reachability-status-subscriptions.v0."
ROAMING = "org.camaraproject.device-roaming-status-subscriptions.v0."
NAI = {"networkAccessIdentifier": "device@operator.example"}


def told(number: int, type_: str, **data: Any) -> dict[str, Any]:
    subscription = "s-2" if type_.startswith(ROAMING) else "s-1"
    members = {"device": {**PHONE, **NAI}, "subscriptionId": subscription, **data}
    return notification(number, PHONE, type=type_, data=members)


EVENTS = (
    told(1, f"{API}reachability-data"),
    told(2, f"{API}reachability-disconnected"),
    told(3, f"{API}reachability-data"),
    told(4, f"{ROAMING}roaming-change-country", countryCode=208, countryName=["FR"]),
    told(5, f"{ROAMING}subscription-ended", terminationReason="SUBSCRIPTION_EXPIRED"),
)


async def ask(callers: Callers, path: str, **question: str) -> dict[str, Any]:
    answer = await callers.reader.get(path, params=question)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = timeless(answer.json())
    return found


def timeless(found: Any) -> Any:
    """Returns a document without when it was asked for, and without what goes on until then."""
    if isinstance(found, dict):
        gone = {"asOf", "daysLeft", "ratePerDay"}
        return {name: timeless(each) for name, each in found.items() if name not in gone}
    return [timeless(each) for each in found] if isinstance(found, list) else found


def kept_range(conninfo: str) -> dict[str, str]:
    """Returns the first week of the month before this one, which is the first that is kept."""
    with psycopg.connect(conninfo) as connection:
        month = f"{later(read_coverage(connection).month, -1):%Y-%m}"
    return {"from": f"{month}-01T00:00:00Z", "to": f"{month}-08T00:00:00Z"}


async def ask_all(callers: Callers, device: str, kept: dict[str, str]) -> list[dict[str, Any]]:
    by_identifier = await callers.reader.post("/status/retrieve", json={"device": NAI})
    return [
        timeless(by_identifier.json()),
        await ask(callers, f"/devices/{device}/status"),
        await ask(callers, "/devices"),
        await ask(callers, "/devices", country="FR", unknown="roaming"),
        await ask(callers, "/subscriptions"),
        await ask(callers, f"/devices/{device}/intervals", axis="connectivity", **kept),
        await ask(callers, f"/devices/{device}/intervals", axis="roaming", **kept),
        await ask(callers, f"/devices/{device}/roaming-sessions", **kept),
        await ask(callers, f"/devices/{device}/availability", **kept),
    ]


async def test_answers_stay_and_history_goes(callers: Callers, conninfo: str) -> None:
    make_month(conninfo, 3)
    for event in EVENTS:
        assert (await callers.post(event)).status_code == 204
    device = await device_id(callers, PHONE)
    kept = kept_range(conninfo)
    before = await ask_all(callers, device, kept)
    described = await ask(callers, f"/devices/{device}")
    age_events(conninfo, 3)
    await drop_months(conninfo, 1)
    assert await ask_all(callers, device, kept) == before
    history = await ask(callers, f"/devices/{device}/events")
    assert history == {"items": []}
    assert await ask(callers, f"/devices/{device}") == {
        "deviceId": device,
        "identifiers": described["identifiers"],
    }
    since = {**kept, "from": "2026-04-17T00:00:00Z", "order": "asc"}
    whole = await ask(callers, f"/devices/{device}/intervals", axis="connectivity", **since)
    assert [(item.get("because"), item.get("value")) for item in whole["items"]] == [
        ("never-reported", None),
        ("not-kept", None),
        (None, "CONNECTED_DATA"),
    ]
    assert whole["items"][2]["from"] == kept["from"].replace("Z", ".000000Z")
    assert whole["items"][2]["beganEarlier"]
