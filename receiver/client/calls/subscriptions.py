"""Calls about subscriptions and about those who send."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

from receiver.client.answers.senders import Senders
from receiver.client.answers.subscriptions import Subscription, SubscriptionPage
from receiver.client.calls.arguments import Order, Words, write_id, write_query
from receiver.client.exchange import Call, read_as


def list_subscriptions(
    *,
    state: Words = (),
    credential: Words = (),
    subscription_id: Words = (),
    device_id: UUID | str | None = None,
    ends_before: datetime | None = None,
    uncovered: bool | None = None,
    order: Order | None = None,
    limit: int | None = None,
    cursor: str | None = None,
) -> Call[SubscriptionPage]:
    """Returns each subscription of which an event came, or which was registered."""
    query = write_query(
        state=state,
        credential=credential,
        subscription_id=subscription_id,
        device_id=None if device_id is None else write_id(device_id),
        ends_before=ends_before,
        uncovered=uncovered,
        order=order,
        limit=limit,
        cursor=cursor,
    )
    return Call("GET", "/subscriptions", read_as(SubscriptionPage), query)


def register_subscription(
    *,
    credential: str,
    subscription: Mapping[str, object],
    device: Mapping[str, object] | None = None,
) -> Call[Subscription]:
    """Registers a subscription, and returns what is known of it.

    Args:
        credential: the name of the credential that its notifications come with.
        subscription: what the provider answered when it was made, as it stands.
        device: CAMARA's device object, where the notifications name no device.
    """
    body: dict[str, object] = {"credential": credential, "subscription": dict(subscription)}
    if device is not None:
        body["device"] = dict(device)
    return Call("POST", "/subscriptions", read_as(Subscription), body=body)


def list_senders(
    *,
    from_: datetime | None = None,
    to: datetime | None = None,
    by: Literal["source", "credential"] | None = None,
    credential: Words = (),
) -> Call[Senders]:
    """Returns everybody who sent in a window of time: how much, how late, with which findings.

    Args:
        from_: inclusive; 24 hours before the end where it is missing, and 31 days at most.
        to: exclusive; the present where it is missing.
        by: whether each source of a credential counts by itself, or all together.
    """
    query = write_query(from_=from_, to=to, by=by, credential=credential)
    return Call("GET", "/senders", read_as(Senders), query)
