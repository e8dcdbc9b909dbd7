"""The subject of an erasure is a device with what stands for it alone."""

from ipaddress import IPv6Address
from uuid import UUID

import pytest

from receiver.errors import NotDerivedYet, Unavailable
from receiver.events.event import Device
from receiver.store.derived import behind
from receiver.store.derived.derivation import DERIVATION
from receiver.store.erasure.subjects import Asked, Subject, find_subject
from tests.support.ageing import execute
from tests.support.arrivals import NAMESPACE
from tests.support.erasing import connected, derive, identified
from tests.support.store.history import store

NUMBER, OTHER = "+99999991000", "+99999992000"
NAI, SHARED = "one@operator.example", "shared@operator.example"
ADDRESS = IPv6Address("2001:db8::7")

# By name, what each event tells: number, identifier, subscription.
TOLD = {
    "number": (NUMBER, None, "s-1"),
    "number and identifier": (NUMBER, NAI, "s-shared"),
    "number and a shared one": (NUMBER, SHARED, None),
    "identifier": (None, NAI, "s-2"),
    "subscription of the identifier": (None, None, "s-2"),
    "other": (OTHER, SHARED, "s-shared"),
    "shared identifier": (None, SHARED, None),
    "shared subscription": (None, None, "s-shared"),
}
EVENTS = {
    name: identified(
        NAMESPACE,
        n,
        device=Device(number, nai),
        subscription_id=subscription_id,
        digest=bytes([n]) * 16,
    )
    for n, (name, (number, nai, subscription_id)) in enumerate(TOLD.items())
}
ADDRESSED = identified(NAMESPACE, 20, device=Device(ipv6_address=ADDRESS), subscription_id=None)


def id_of(name: str) -> UUID:
    return UUID(EVENTS[name].device_id)


async def find(conninfo: str, name: str, identifier: Device | None = None) -> Subject:
    async with connected(conninfo) as connection:
        return await find_subject(connection, Asked(id_of(name), identifier), NAMESPACE)


@pytest.mark.parametrize("is_derived", [True, False])
async def test_what_stands_for_a_device_and_for_nothing_else_is_found_in_every_hop(
    conninfo: str, is_derived: bool
) -> None:
    await derive(conninfo)
    await store(conninfo, list(EVENTS.values()))
    if is_derived:
        await derive(conninfo)
    subject = await find(conninfo, "number")
    only_subscription = identified(NAMESPACE, 21, device=Device(), subscription_id="s-1")
    assert set(subject.devices) == {
        id_of("number"),
        id_of("identifier"),
        id_of("subscription of the identifier"),
        # No event told it alone yet.
        UUID(only_subscription.device_id),
    }
    assert subject.devices[-1] == id_of("number")
    assert subject.phone_numbers == {NUMBER}
    assert subject.network_access_identifiers == {NAI}
    assert subject.subscriptions == {("operator", "s-1"), ("operator", "s-2")}
    assert subject.addresses == frozenset()


async def test_what_stands_for_another_device_is_itself_alone(conninfo: str) -> None:
    await derive(conninfo)
    await store(conninfo, list(EVENTS.values()))
    subject = await find(conninfo, "subscription of the identifier")
    assert subject.devices == (id_of("subscription of the identifier"),)
    assert subject[1:] == (frozenset(),) * 4


async def test_a_device_of_an_address_is_searched_for_by_it(conninfo: str) -> None:
    await derive(conninfo)
    await store(conninfo, [ADDRESSED])
    async with connected(conninfo) as connection:
        subject = await find_subject(connection, Asked(UUID(ADDRESSED.device_id)), NAMESPACE)
    assert subject.addresses == {Device(ipv6_address=ADDRESS)}


async def test_an_identifier_of_which_nothing_is_known_is_searched_for(conninfo: str) -> None:
    await derive(conninfo)
    subject = await find(conninfo, "number", Device(phone_number=NUMBER))
    assert subject.devices == (id_of("number"),)
    assert subject.phone_numbers == {NUMBER}
    # It was resolved to another device, whose own it is not.
    subject = await find(conninfo, "number", Device(network_access_identifier=SHARED))
    assert subject.network_access_identifiers == frozenset()


async def test_a_subject_is_told_however_far_the_answers_are_behind(
    conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await derive(conninfo)
    await store(conninfo, list(EVENTS.values()))
    monkeypatch.setattr(behind, "TAIL_LIMIT", 2)
    assert len((await find(conninfo, "number")).devices) == 4


async def test_a_subject_is_not_told_before_anything_is_derived_or_by_an_older_release(
    conninfo: str,
) -> None:
    with pytest.raises(NotDerivedYet):
        await find(conninfo, "number")
    await derive(conninfo)
    execute(conninfo, f"UPDATE projection SET derivation = {DERIVATION + 1}")  # noqa: S608 - of this test
    with pytest.raises(Unavailable, match="a newer release"):
        await find(conninfo, "number")
