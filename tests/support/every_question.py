"""Every question that a client asks, of a service that was told stories, and its answers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import psycopg

from receiver.simulator.plan import Forms, Plan
from tests.support.callers import Callers

# Of the moment of the answer: what was heard in the last hour, and when a token was used, too.
OF_THE_MOMENT = {"asOf", "heard", "lastUsedAt"}

STORIES = Plan(
    until=datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1),
    count=120,
    forms=Forms.ALL,
    batch=5,
    faults=True,
)

DEVICES = "SELECT device_id FROM event GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 6"
SUBSCRIPTIONS = """
SELECT credential, subscription_id FROM event
WHERE subscription_id IS NOT NULL GROUP BY 1, 2 ORDER BY count(*) DESC, 1, 2 LIMIT 4
"""
IDENTIFIERS = """
(SELECT 'phoneNumber', phone_number FROM event
    WHERE phone_number IS NOT NULL GROUP BY 2 ORDER BY 2 LIMIT 2)
UNION ALL
(SELECT 'networkAccessIdentifier', network_access_identifier FROM event
    WHERE network_access_identifier IS NOT NULL GROUP BY 2 ORDER BY 2 LIMIT 2)
"""
RETRIEVE_CALLS = (
    "/devices/retrieve",
    "/status/retrieve",
    "/events/retrieve",
    "/device-reachability-status/v1/retrieve",
    "/device-roaming-status/v1/retrieve",
    "/connected-network-type/v0.2/retrieve",
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question; a list is walked to its end."""

    path: str
    parameters: dict[str, Any]
    body: dict[str, Any] | None = None

    async def ask(self, callers: Callers) -> tuple[int, Any]:
        """Returns the status and what was answered, but for the moment."""
        client = callers.admin if self.path == "/quarantine" else callers.reader
        if self.body is not None:
            return _read(await client.post(self.path, json=self.body))
        answer = await client.get(self.path, params=self.parameters)
        status, document = _read(answer)
        if not isinstance(document, dict) or "nextCursor" not in document:
            return status, document
        items = document["items"]
        while "nextCursor" in document:
            following = {**self.parameters, "cursor": document["nextCursor"]}
            status, document = _read(await client.get(self.path, params=following))
            items += document["items"]
        return status, {"items": items}


async def tell_stories(callers: Callers) -> None:
    """Tells a service of phones, and registers a subscription."""
    for notification in STORIES.make_notifications():
        await callers.sink.post(
            "/notifications", content=notification.body, headers=notification.headers
        )


async def register(callers: Callers, credential: str, subscription_id: str) -> None:
    """Tells a service what a provider answered to the creation of a subscription."""
    told = {
        "id": subscription_id,
        "types": ["org.camaraproject.device-roaming-status-subscriptions.v0.roaming-status"],
        "config": {"subscriptionExpireTime": "2999-01-01T00:00:00Z"},
    }
    answer = await callers.registrar.post(
        "/subscriptions", json={"credential": credential, "subscription": told}
    )
    assert answer.status_code == 201, answer.text


def list_subscriptions(conninfo: str) -> list[tuple[str, str]]:
    """Returns the subscriptions that are named in questions."""
    with psycopg.connect(conninfo) as connection:
        return [(row[0], row[1]) for row in connection.execute(SUBSCRIPTIONS).fetchall()]


def list_questions(conninfo: str) -> Iterator[Question]:
    """Yields the questions for what is stored in a database."""
    with psycopg.connect(conninfo) as connection:
        devices: list[UUID] = [row[0] for row in connection.execute(DEVICES).fetchall()]
        identifiers = connection.execute(IDENTIFIERS).fetchall()
    yield from _about_devices(devices)
    for name, value in identifiers:
        for path in RETRIEVE_CALLS:
            yield Question(path, {}, {"device": {name: value}})
    yield from _about_the_fleet()
    yield from _about_events(list_subscriptions(conninfo))
    yield from _about_subscriptions(devices, list_subscriptions(conninfo))


def _about_devices(devices: list[UUID]) -> Iterator[Question]:
    end = STORIES.until
    span = {"from": (end - timedelta(days=20)).isoformat(), "to": end.isoformat()}
    for device_id in devices:
        own = f"/devices/{device_id}"
        yield Question(own, {})
        yield Question(f"{own}/status", {})
        yield Question(f"{own}/events", {"limit": 5})
        yield Question(f"{own}/events", {"limit": 5, "order": "asc", "kind": "roaming"})
        yield Question(f"{own}/events", {"receivedFrom": span["from"]})
        yield Question(f"{own}/roaming-sessions", span)
        yield Question(f"{own}/availability", span)
        for axis in ("connectivity", "roaming", "network-type"):
            yield Question(f"{own}/intervals", {"axis": axis, "limit": 3, "order": "asc", **span})


def _about_the_fleet() -> Iterator[Question]:
    hour_ago = (STORIES.until - timedelta(hours=3)).isoformat()
    for selection in (
        {"limit": "7"},
        {"roaming": "true"},
        {"roaming": "false"},
        {"country": ["FR", "DE"]},
        {"country": "208"},
        {"connectivity": "CONNECTED_DATA"},
        {"networkType": "5G"},
        {"unknown": "roaming"},
        {"lastEventFrom": hour_ago},
        {"lastEventTo": hour_ago},
    ):
        yield Question("/devices", selection)
    yield Question("/devices/summary", {})


def _about_events(subscriptions: list[tuple[str, str]]) -> Iterator[Question]:
    begin, end = STORIES.until - timedelta(days=2), datetime.now(UTC)
    for selection in (
        {"limit": "50"},
        {"limit": "50", "order": "asc", "receivedTo": end.isoformat()},
        {"kind": "subscription"},
        {"finding": "phone-number-without-plus"},
        {"occurredFrom": begin.isoformat()},
        {"receivedFrom": begin.isoformat()},
        *({"subscriptionId": subscription_id} for _, subscription_id in subscriptions),
    ):
        yield Question("/events", selection)
    for form in ("ndjson", "csv"):
        yield Question("/events/export", {"format": form, "receivedTo": end.isoformat()})
        yield Question("/events/export", {"format": form, "kind": "roaming"})
    yield Question("/senders", {"from": begin.isoformat(), "to": end.isoformat()})
    yield Question("/quarantine", {"limit": 5})


def _about_subscriptions(
    devices: list[UUID], subscriptions: list[tuple[str, str]]
) -> Iterator[Question]:
    yield Question("/subscriptions", {"limit": 20})
    for state in ("active", "ended", "silent"):
        yield Question("/subscriptions", {"state": state})
    yield Question("/subscriptions", {"uncovered": "true"})
    for credential, subscription_id in subscriptions:
        named = {"credential": credential, "subscriptionId": subscription_id}
        yield Question("/subscriptions", named)
    for device_id in devices[:3]:
        yield Question("/subscriptions", {"deviceId": str(device_id)})


def _read(answer: httpx.Response) -> tuple[int, Any]:
    if "json" not in answer.headers["content-type"] or "ndjson" in answer.headers["content-type"]:
        return answer.status_code, answer.text
    return answer.status_code, _leave_out(answer.json())


def _leave_out(document: Any) -> Any:
    if isinstance(document, dict):
        return {
            name: _leave_out(value) for name, value in document.items() if name not in OF_THE_MOMENT
        }
    return [_leave_out(each) for each in document] if isinstance(document, list) else document
