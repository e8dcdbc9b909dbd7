"""Subscriptions: events that name them, what a provider answers, and the ledger as it is read."""

from copy import deepcopy
from typing import Any

from receiver.api.subscriptions.examples import REGISTER_SUBSCRIPTION
from tests.support.asking import PHONE, notification
from tests.support.callers import Callers

REACHABILITY = "org.camaraproject.device-reachability-status-subscriptions.v0."
ROAMING = "org.camaraproject.device-roaming-status-subscriptions.v0."


def told(
    number: int,
    type_: str,
    subscription: str = "s-1",
    device: dict[str, Any] | None = PHONE,
    **data: Any,
) -> dict[str, Any]:
    """Makes an event of a subscription; a higher number happened later."""
    made = notification(number, PHONE, type=type_)
    made["data"] = {"subscriptionId": subscription, **data}
    if device is not None:
        made["data"]["device"] = device
    return made


def answered(subscription_id: str = "s-1", **members: Any) -> dict[str, Any]:
    """Makes what a registrar tells: the answer of a provider, of the sink of the tests."""
    made: dict[str, Any] = deepcopy(REGISTER_SUBSCRIPTION)
    made["credential"] = "the-sink"
    made["subscription"] |= {"id": subscription_id, **members}
    return made


async def post(callers: Callers, *events: dict[str, Any]) -> None:
    for event in events:
        assert (await callers.post(event)).status_code == 204


async def register(callers: Callers, told: dict[str, Any]) -> dict[str, Any]:
    answer = await callers.registrar.post("/subscriptions", json=told)
    assert answer.status_code in (200, 201), answer.text
    found: dict[str, Any] = answer.json()
    return found


async def list_subscriptions(callers: Callers, **filters: Any) -> list[dict[str, Any]]:
    answer = await callers.reader.get("/subscriptions", params=filters)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items
