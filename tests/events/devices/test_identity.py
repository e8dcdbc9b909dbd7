"""The id of a device: what decides it, its fixed vectors, and that notation does not matter."""

import re
import unicodedata
from ipaddress import IPv4Address, IPv6Address
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.events.devices.identity import identify, identify_reported
from receiver.events.devices.reading import read_device
from receiver.events.event import Device, Event
from tests.support import bodies

NAMESPACE = UUID("6c1f3a50-0000-4000-8000-00000000d01e")

EVERYTHING = Device(
    phone_number="+99999991000",
    network_access_identifier="meter-1@fleet.invalid",
    ipv4_public_address=IPv4Address("203.0.113.1"),
    ipv4_private_address=IPv4Address("192.0.2.1"),
    ipv4_public_port=80,
    ipv6_address=IPv6Address("2001:db8::1"),
)


def _id(
    device: Device, subscription_id: str | None = "sub-1", source: str | None = "//op.invalid"
) -> str:
    return str(
        UUID(
            identify(
                NAMESPACE, device, credential="op", subscription_id=subscription_id, source=source
            )
        )
    )


def _id_of(event: Event) -> str:
    return _id(event.device, event.subscription_id, event.source)


# Stored events are found by these ids: a change here loses the history of every device.
@pytest.mark.parametrize(
    ("device", "subscription_id", "source", "device_id"),
    [
        (EVERYTHING, "sub-1", "//op.invalid", "eb141604-82cb-5df9-8915-f96253ae33cd"),
        (
            Device(network_access_identifier="jürgen@fleet.invalid", ipv6_address=IPv6Address(1)),
            "sub-1",
            "//op.invalid",
            "c75f9bff-5143-5540-a768-34319e1fed54",
        ),
        (
            Device(ipv6_address=IPv6Address("2001:db8::1")),
            "sub-1",
            "//op.invalid",
            "b2920518-8fda-5e95-a0a7-77984c7f0673",
        ),
        (
            Device(ipv6_address=IPv6Address("2001:db8::1")),
            None,
            "//op.invalid",
            "485e365e-5ffd-5f38-99b0-2433c0f1b0ca",
        ),
        (
            Device(ipv4_public_address=IPv4Address("203.0.113.1"), ipv4_public_port=80),
            None,
            "//op.invalid",
            "4d94664b-3f0a-58ee-9a6d-43e94abdc4d2",
        ),
        (
            Device(
                ipv4_public_address=IPv4Address("203.0.113.1"),
                ipv4_private_address=IPv4Address("192.0.2.1"),
            ),
            None,
            "//op.invalid",
            "2f7a222f-5de4-5fbf-9be5-a7449183a575",
        ),
        (Device(), None, "//op.invalid", "74795436-7035-5599-86c2-a2928ef442cf"),
        (Device(), None, None, "42894703-6371-5d31-9d1f-360fcd42f510"),
    ],
)
def test_the_strongest_identifier_decides_and_its_id_is_fixed(
    device: Device, subscription_id: str | None, source: str | None, device_id: str
) -> None:
    assert device_id == _id(device, subscription_id, source)


@given(st.integers(10_000, 10**15 - 1).map("+{}".format), st.uuids())
def test_an_id_is_what_the_standard_library_makes_of_it(number: str, namespace: UUID) -> None:
    made = identify(
        namespace, Device(phone_number=number), credential="op", subscription_id=None, source=None
    )
    assert made == uuid5(namespace, f'["phoneNumber","{number}"]').hex


def test_a_malformed_network_access_identifier_identifies_nothing() -> None:
    hidden = Device(network_access_identifier="[email\u00a0protected]")
    assert _id(Device()) == _id(hidden)


@pytest.mark.parametrize(
    "device",
    [
        Device(ipv4_public_address=IPv4Address("203.0.113.1")),
        Device(ipv4_private_address=IPv4Address("192.0.2.1"), ipv4_public_port=80),
    ],
)
def test_half_an_ipv4_address_identifies_nothing(device: Device) -> None:
    assert _id(Device(), None) == _id(device, None)


def test_the_subscriptions_of_two_credentials_are_two_devices() -> None:
    ids = {
        identify(NAMESPACE, Device(), credential=name, subscription_id="1", source=None)
        for name in ("one", "two")
    }
    assert len(ids) == 2


def test_two_installations_give_different_ids() -> None:
    ids = {
        identify(UUID(int=seed), EVERYTHING, credential="op", subscription_id=None, source=None)
        for seed in (1, 2)
    }
    assert len(ids) == 2


@pytest.mark.parametrize(
    "device",
    [
        Device(phone_number="+99999991000"),
        Device(network_access_identifier="meter-1@fleet.invalid"),
    ],
)
def test_a_question_that_names_an_identifier_finds_the_events_that_report_it(
    device: Device,
) -> None:
    assert _id(device) == str(UUID(identify_reported(NAMESPACE, device)))


def test_an_address_alone_has_the_id_of_events_without_subscription() -> None:
    device = Device(ipv6_address=IPv6Address("2001:db8::1"))
    assert _id(device, None) == str(UUID(identify_reported(NAMESPACE, device)))
    assert _id(device, "sub-1") != _id(device, None)


def test_an_event_without_device_belongs_to_its_subscription() -> None:
    of_data = bodies.event("roaming-on", {"subscriptionId": "sub-1"})
    of_top = bodies.event("roaming-on", {}, eventSubscriptionId="sub-1")
    of_source = bodies.event("roaming-on", {}, source="https://op.invalid/subscriptions/sub-1")
    without_data = bodies.understood(
        bodies.cloudevent("roaming-on", source="/subscriptions/sub-1").replace(b'"data"', b'"none"')
    )
    ids = {_id_of(event) for event in (of_data, of_top, of_source, without_data)}
    assert ids == {_id(Device())}


def test_of_several_identifiers_all_are_kept_and_the_phone_number_decides() -> None:
    phone = {"phoneNumber": "+99999991000"}
    several = bodies.event(
        "roaming-on",
        {"device": phone | {"networkAccessIdentifier": "m@fleet.invalid", "ipv6Address": "::1"}},
    )
    assert several.device.network_access_identifier == "m@fleet.invalid"
    assert IPv6Address("::1") == several.device.ipv6_address
    assert _id_of(several) == _id_of(bodies.event("roaming-off", {"device": phone}))


SEPARATORS = st.text(alphabet=" -.()\u00a0\u2011", max_size=2)


@st.composite
def phone_notations(draw: st.DrawFn) -> tuple[str, object]:
    digits = str(draw(st.integers(min_value=10_000, max_value=10**15 - 1)))
    if draw(st.booleans()):
        return f"+{digits}", int(digits)
    spaced = "".join(digit + draw(SEPARATORS) for digit in digits)
    # A zero in brackets is no digit of the number: it is dialled within the country alone.
    spaced = re.sub(r"\(+(\s*0\s*)\)+", r"\1", spaced)
    return f"+{digits}", draw(SEPARATORS) + draw(st.sampled_from(["", "+", "00"])) + spaced


@given(phone_notations())
def test_any_notation_of_a_phone_number_gives_the_same_device(notation: tuple[str, object]) -> None:
    number, sent = notation
    device, _ = read_device({"phoneNumber": sent}, set())
    assert _id(Device(phone_number=number)) == _id(device)


@given(
    st.text(alphabet="abc.é-Äö_1", min_size=1, max_size=12),
    st.text(alphabet="abcDEé.1", min_size=1, max_size=12),
    st.sampled_from([str, str.upper]),
    st.sampled_from(["NFC", "NFD"]),
)
def test_any_notation_of_a_network_access_identifier_gives_the_same_device(
    user: str, realm: str, cased: type[str], normal_form: str
) -> None:
    first, _ = read_device({"networkAccessIdentifier": f"{user}@{realm}"}, set())
    written = unicodedata.normalize(normal_form, f" {user}@{cased(realm)} ")  # type: ignore[arg-type]
    second, _ = read_device({"networkAccessIdentifier": written}, set())
    assert _id(first) == _id(second)


@given(st.ip_addresses(v=6), st.sampled_from(["", "/128", "/64", "%eth0"]))
def test_any_notation_of_an_ipv6_address_gives_the_same_device(
    address: IPv6Address, tail: str
) -> None:
    for notation in (address.compressed, address.exploded, address.exploded.upper()):
        device, _ = read_device({"ipv6Address": notation + tail}, set())
        assert _id(Device(ipv6_address=address), None) == _id(device, None)


@given(st.ip_addresses(v=4), st.integers(1, 65535))
def test_any_notation_of_an_ipv4_address_gives_the_same_device(
    address: IPv4Address, port: int
) -> None:
    plain = {"publicAddress": str(address), "publicPort": port}
    decorated = {"publicAddress": f"{address}/32", "publicPort": str(port)}
    ids = {
        _id(read_device({"ipv4Address": sent}, set())[0], None)
        for sent in (plain, decorated, {"DeviceIpv4Addr": plain})
    }
    assert len(ids) == 1
