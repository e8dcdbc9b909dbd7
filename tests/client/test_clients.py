"""Both clients ask the real application; one story, told and asked about in both ways."""

import asyncio
import inspect
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from receiver.client import (
    AnswerError,
    AsyncClient,
    Client,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    Unauthenticated,
    UnexpectedAnswer,
)
from receiver.store.credentials.credentials import Role
from tests.support.both_clients import async_client_of, client_of, url_of
from tests.support.callers import Callers

TYPE = "org.camaraproject.device-roaming-status-subscriptions.v0.roaming-status"


def notification(phone_number: str, *, hours_ago: int = 1, roaming: bool = True) -> dict[str, Any]:
    """A CloudEvent of a phone that roams in France."""
    return {
        "id": str(uuid4()),
        "source": "https://operator.example",
        "type": TYPE,
        "specversion": "1.0",
        "time": (datetime.now(UTC) - timedelta(hours=hours_ago)).isoformat(),
        "data": {
            "device": {"phoneNumber": phone_number},
            "subscriptionId": "sub-1",
            "roaming": roaming,
            **({"countryCode": 208, "countryName": ["FR"]} if roaming else {}),
        },
    }


def phone() -> str:
    return f"+99999{uuid4().int % 10**9:09}"


def tell_and_ask(sink: Client, admin: Client, number: str) -> None:
    """Sends two notifications, and asks everything about them."""
    sent = [notification(number, hours_ago=2), notification(number, roaming=False)]
    sink.post_notification(sent[0])
    sink.post_notification([sent[1]])

    status = admin.retrieve_status(phone_number=number)
    assert (status.roaming.value, status.connectivity.unknown) == (False, True)
    assert admin.get_status(status.device_id).roaming == status.roaming
    assert admin.get_device(status.device_id) == admin.retrieve_device(phone_number=number)

    history = list(admin.iterate_history(phone_number=number, kind="roaming", limit=1))
    assert [event.event_id for event in history] == [one["id"] for one in reversed(sent)]
    assert list(admin.iterate_device_events(status.device_id, limit=1)) == history
    assert admin.list_device_events(status.device_id, order="asc").items == tuple(history[::-1])
    assert admin.retrieve_events(phone_number=number, limit=1).next_cursor is not None
    assert [one.id for one in admin.list_events(limit=2).items] == [one.id for one in history]
    assert admin.get_event(history[1].id).payload == sent[0]

    [session] = admin.iterate_roaming_sessions(status.device_id)
    assert session.countries[0].country_name == ("FR",)
    assert [one.value for one in admin.iterate_intervals(status.device_id, axis="roaming")] == [
        False,
        True,
        None,
    ]
    page, *_ = admin.iterate_availability(status.device_id)
    assert page.total.unknown_seconds > 0

    [item] = [
        one
        for one in admin.iterate_devices(roaming=False, include="identifiers")
        if one.device_id == status.device_id
    ]
    assert item.device is not None
    assert item.device.phone_number == number
    assert admin.summarize_fleet().devices >= 1
    assert [one.credential for one in admin.list_senders(by="credential").senders] == ["the-sink"]

    lines = b"".join(admin.export_events(format="csv", occurred_from=history[1].occurred_at))
    assert number.encode() in lines
    exported = list(admin.iterate_exported_events(after_id=history[1].id))
    assert [event.payload for event in exported] == [sent[1]]


def manage(admin: Client, number: str) -> None:
    """Registers a subscription, and forgets the device that it is about."""
    registered = admin.register_subscription(
        credential="the-sink",
        subscription={"id": "sub-1", "types": [TYPE], "expiresAt": "2030-01-01T00:00:00Z"},
        device={"phoneNumber": number},
    )
    assert registered.registered is not None
    [found] = admin.iterate_subscriptions(subscription_id="sub-1")
    assert found.registered == registered.registered
    erasure = admin.forget_device_by_identifier(phone_number=number)
    assert erasure.removed.events == 2
    assert admin.get_liveness().status == "alive"
    assert admin.get_readiness().status == "ready"
    assert "receiver_answers" in admin.get_metrics()


async def test_a_program_that_waits_tells_and_asks(emptied_callers: Callers) -> None:
    def run() -> None:
        number = phone()
        with client_of(emptied_callers, Role.SINK) as sink, client_of(emptied_callers) as admin:
            tell_and_ask(sink, admin, number)
            manage(admin, number)

    await asyncio.to_thread(run)


async def test_a_program_of_asyncio_tells_and_asks(emptied_callers: Callers) -> None:
    number = phone()
    sent = notification(number)
    async with (
        async_client_of(emptied_callers, Role.SINK) as sink,
        async_client_of(emptied_callers) as admin,
    ):
        await sink.post_notification(sent)
        status = await admin.retrieve_status(phone_number=number)
        assert status.roaming.country_name == ("FR",)
        [event] = [one async for one in admin.iterate_device_events(status.device_id)]
        assert (await admin.get_event(event.id)).payload == sent
        assert [
            one.value async for one in admin.iterate_intervals(status.device_id, axis="roaming")
        ] == [True, None]
        page, *_ = [one async for one in admin.iterate_availability(status.device_id)]
        assert page.device_id == status.device_id
        exported = [one async for one in admin.iterate_exported_events()]
        assert [one.id for one in exported] == [event.id]
        assert (await admin.forget_device(status.device_id)).removed.events == 1


async def test_the_stream_tells_what_is_stored_from_now_on(emptied_callers: Callers) -> None:
    first, second = notification(phone()), notification(phone())
    async with (
        async_client_of(emptied_callers, Role.SINK) as sink,
        async_client_of(emptied_callers, Role.READER) as reader,
    ):
        await sink.post_notification(first)
        [stored] = (await reader.list_events()).items
        events = reader.follow(last_event_id=stored.id)
        # It is told again, because it was stored just now.
        assert (await anext(events)).event_id == first["id"]
        await sink.post_notification(second)
        assert (await anext(events)).event_id == second["id"]
        await events.aclose()


async def test_a_refused_notification_is_found_and_parsed_again(callers: Callers) -> None:
    async with (
        async_client_of(callers, Role.SINK) as sink,
        async_client_of(callers) as admin,
    ):
        with pytest.raises(InvalidArgument) as raised:
            await sink.post_notification({"no": "notification"})
        assert raised.value.code == "INVALID_ARGUMENT"
        [refused] = [one async for one in admin.iterate_refused_notifications(state="refused")]
        found = await admin.get_refused_notification(refused.id)
        assert found.body == '{"no": "notification"}'
        outcome = await admin.reprocess_refused_notification(refused.id)
        assert (outcome.state, outcome.reason) == ("refused", refused.reason)


async def test_a_refusal_is_an_error_with_its_correlator(shared_callers: Callers) -> None:
    number = phone()
    async with async_client_of(shared_callers, Role.READER) as reader:
        asking = reader.with_options(correlator="c-1")
        with pytest.raises(NotFound) as missing:
            await asking.retrieve_status(phone_number=number)
        assert (missing.value.code, missing.value.correlator) == ("IDENTIFIER_NOT_FOUND", "c-1")
        assert number not in str(missing.value)
        with pytest.raises(PermissionDenied):
            await reader.list_refused_notifications()
        with pytest.raises(PermissionDenied):
            await reader.post_notification(notification(number))
        with pytest.raises(Unauthenticated):
            await reader.with_options(token="unknown").list_events()  # noqa: S106 - of nobody
        with pytest.raises(AnswerError, match="405 METHOD_NOT_ALLOWED"):
            await reader.request_consent("operator.example")


async def test_what_is_not_the_service_is_told_from_it(shared_callers: Callers) -> None:
    async with AsyncClient(f"{url_of(shared_callers)}/docs", retries=0) as client:
        with pytest.raises((UnexpectedAnswer, NotFound)):
            await client.get_liveness()


def test_both_clients_have_the_same_methods_with_the_same_parameters() -> None:
    names = [name for name in vars(Client) if not name.startswith("_")]
    assert names == [name for name in vars(AsyncClient) if not name.startswith("_")]
    for name in names:
        method, other = getattr(Client, name), getattr(AsyncClient, name)
        assert inspect.signature(method).parameters == inspect.signature(other).parameters
        assert inspect.getdoc(method) == inspect.getdoc(other)
