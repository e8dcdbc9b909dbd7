"""Devices of every kind, told once, and the calls that ask for their status."""

import hashlib
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from receiver.app.application import create_app
from receiver.settings.settings import Settings
from receiver.store.credentials.credentials import Role, create_credential

Json = dict[str, Any]

REACHABILITY = "org.camaraproject.device-reachability-status-subscriptions.v0."
ROAMING = "org.camaraproject.device-roaming-status-subscriptions.v0."
NETWORK_TYPE = "org.camaraproject.connected-network-type-subscriptions.v0."

# What each device is an example of.
KINDS = (
    *("abroad", "home", "sms", "ended", "inactive"),
    *("legacy", "silent", "linked", "nokia", "nowhere", "sea"),
)
PHONES = {kind: f"+999999920{number:02}" for number, kind in enumerate(KINDS)}
# Those of `abroad` until a subscription ended, but for the type of their network.
ENDED = {"ended": "3G", "inactive": "2G"}
# Never reported.
UNKNOWN = "+99999992999"
# The device `abroad`, by its other identifiers.
NAI = "device@operator.example"
IPV4 = {"publicAddress": "203.0.113.9", "publicPort": 4711}
IPV6 = "2001:db8::9"
# Reported with two devices.
SHARED_NAI = "family@operator.example"

# When the events of the stories occurred.
TOLD_AT = "2026-04-17T07:00:00Z"
TOLD = "2026-04-17T07:00:00.000000Z"
TOLD_LATER_AT = "2026-04-17T07:30:00Z"
TOLD_LATER = "2026-04-17T07:30:00.000000Z"
ENDED_AT = "2026-04-17T08:00:00Z"


def event(
    kind: str, type_: str, *, time: str = TOLD_AT, device: Json | None = None, **data: Any
) -> Json:
    """Makes a CloudEvent of a device; its subscription is one for the device and the API."""
    api = type_.split(".")[2]
    named = {"phoneNumber": PHONES[kind]} if device is None else device
    made: Json = {"subscriptionId": f"{kind}-{api}", **data}
    if named:
        made["device"] = named
    return {
        "id": f"{kind}-{type_}-{time}",
        "source": f"https://operator.example/{api}",
        "type": type_,
        "specversion": "1.0",
        "datacontenttype": "application/json",
        "time": time,
        "data": made,
    }


def tell(kind: str, connectivity: str, network_type: str, **roaming: Any) -> Iterator[Json]:
    """Yields events that say all of a device."""
    yield event(kind, f"{REACHABILITY}reachability-{connectivity}")
    yield event(kind, f"{NETWORK_TYPE}network-type-changed", connectedNetworkType=network_type)
    yield event(kind, f"{ROAMING}roaming-status", **roaming)


def stories() -> Iterator[Json]:
    """Yields what happened to the devices."""
    france = {"roaming": True, "countryCode": 208, "countryName": ["FR"]}
    yield from tell("abroad", "data", "5G-SA", **france)
    also = {"phoneNumber": PHONES["abroad"], "ipv4Address": IPV4, "ipv6Address": IPV6}
    also["networkAccessIdentifier"] = NAI
    yield event("abroad", f"{REACHABILITY}reachability-data", device=also)
    yield from tell(
        "home", "disconnected", "4g", roaming=False, countryCode=262, countryName=["DE"]
    )
    yield from tell("sms", "sms", "LTE", roaming=True)
    yield from tell("ended", "data", "3G", **france)
    yield from tell("inactive", "data", "2G", **france)
    for api in (REACHABILITY, ROAMING, NETWORK_TYPE):
        yield event(
            "ended",
            f"{api}subscription-ended",
            time=ENDED_AT,
            terminationReason="SUBSCRIPTION_EXPIRED",
        )
        yield event(
            "inactive",
            f"{api}subscription-updated",
            time=ENDED_AT,
            updateReason="SUBSCRIPTION_INACTIVE",
        )
        # A device of which nothing but a subscription is known.
        yield event("silent", f"{api}subscription-started", initiationReason="SUBSCRIPTION_CREATED")
    yield {
        "eventSubscriptionId": "legacy-s",
        "event": {
            "eventType": "CONNECTIVITY",
            "eventTime": TOLD_AT,
            "eventDetail": {
                "device": {"phoneNumber": PHONES["legacy"]},
                "deviceStatus": "REACHABLE",
            },
        },
    }
    # The device is named once; what its subscriptions say afterwards names none.
    yield from tell("linked", "disconnected", "2G", roaming=False)
    later: Json = {"time": TOLD_LATER_AT, "device": {}}
    yield event("linked", f"{REACHABILITY}reachability-sms", **later)
    yield event("linked", f"{ROAMING}roaming-status", roaming=True, countryName=["IT"], **later)
    yield event("linked", f"{NETWORK_TYPE}network-type-changed", connectedNetworkType="5G", **later)
    for kind in ("home", "sms"):
        shared = {"phoneNumber": PHONES[kind], "networkAccessIdentifier": SHARED_NAI}
        yield event(kind, f"{REACHABILITY}subscription-started", device=shared)
    # Nokia sends names and calling codes.
    yield from tell(
        "nokia", "data", "UNKNOWN", roaming=True, countryCode=36, countryName=["Hungary"]
    )
    # A code that belongs to no country has no name.
    yield event("sea", f"{ROAMING}roaming-status", roaming=True, countryCode=901, countryName=[])
    # `roaming-on` does not say where.
    yield event("nowhere", f"{ROAMING}roaming-on")


@dataclass(frozen=True, slots=True)
class Retrieving:
    """Clients of one application that differ in their token only."""

    reader: httpx.AsyncClient
    sink: httpx.AsyncClient
    nobody: httpx.AsyncClient

    async def ask(self, path: str, kind: str) -> httpx.Response:
        """Asks for one of the devices."""
        body = {"device": {"phoneNumber": PHONES.get(kind, UNKNOWN)}}
        return await self.reader.post(path, json=body)


@asynccontextmanager
async def serving(conninfo: str, **settings: Any) -> AsyncIterator[Retrieving]:
    """Runs the application in this process over a database."""
    given = {"DATABASE_URL": SecretStr(conninfo), **settings}
    app = create_app(Settings.model_validate(given))
    async with app.router.lifespan_context(app), AsyncExitStack() as stack:

        async def client(headers: Mapping[str, str]) -> httpx.AsyncClient:
            return await stack.enter_async_context(
                httpx.AsyncClient(
                    transport=httpx.ASGITransport(app),
                    base_url="http://receiver.invalid",
                    headers=headers,
                )
            )

        yield Retrieving(
            await client({"authorization": "Bearer token-of-reader"}),
            await client({"authorization": "Bearer token-of-sink"}),
            await client({}),
        )


@pytest.fixture(scope="module")
def told(module_conninfo: str) -> str:
    """The database to which the stories were told, by any number of settings the same."""
    for role in (Role.SINK, Role.READER):
        digest = hashlib.sha256(f"token-of-{role}".encode()).digest()
        create_credential(module_conninfo, f"the-{role}", role, digest, None)
    digest = hashlib.sha256(b"token-of-yesterday").digest()
    yesterday = datetime.now(UTC) - timedelta(days=1)
    create_credential(module_conninfo, "yesterday", Role.READER, digest, yesterday)
    return module_conninfo


@pytest.fixture(scope="module")
async def retrieving(told: str) -> AsyncIterator[Retrieving]:
    """The application with the settings by default, after the stories."""
    async with serving(told) as clients:
        answer = await clients.sink.post(
            "/notifications",
            json=list(stories()),
            headers={"content-type": "application/cloudevents-batch+json"},
        )
        assert answer.status_code == 204, answer.text
        yield clients
