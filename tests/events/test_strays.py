"""What an event does not take: identifiers outside its device, and members of other events."""

import pytest

from receiver.events.event import Device
from receiver.events.findings import Finding
from receiver.events.strays import judge_members_of_device, judge_strays

TAKEN = frozenset({"device", "roaming"})
KNOWN = TAKEN | {"deviceStatus"}


def _judge(**data: object) -> tuple[Device | None, set[str]]:
    findings: set[Finding] = set()
    device = judge_strays(data, TAKEN, KNOWN, findings)
    return device, set(map(str, findings))


@pytest.mark.parametrize("data", [{}, {"roaming": 1}, {"comment": "x"}, {"deviceStatus": None}])
def test_what_an_event_takes_and_what_nobody_knows_is_no_stray(data: dict[str, object]) -> None:
    assert _judge(**data) == (None, set())


def test_a_member_of_another_event_is_found() -> None:
    assert _judge(deviceStatus="REACHABLE") == (None, {"member-unexpected"})


@pytest.mark.parametrize("name", ["ueId", "uePort"])
def test_the_identifier_of_a_draft_is_found(name: str) -> None:
    assert _judge(**{name: {"msisdn": "+99999"}}) == (None, {"identifier-outside-device"})


def test_a_phone_number_alone_is_the_device_of_other_apis() -> None:
    assert _judge(phoneNumber="+99999", device=None) == (Device("+99999"), set())


@pytest.mark.parametrize(
    ("data", "device", "findings"),
    [
        (
            {"networkAccessIdentifier": "a@b"},
            Device(network_access_identifier="a@b"),
            {"identifier-outside-device"},
        ),
        (
            {"phoneNumber": "+99999", "networkAccessIdentifier": "a@b"},
            Device("+99999", "a@b"),
            {"identifier-outside-device"},
        ),
        (
            {"msisdn": "+99999"},
            Device("+99999"),
            {"identifier-outside-device", "device-under-another-name"},
        ),
        (
            {"phoneNumber": []},
            Device(),
            {"phone-number-malformed"},
        ),
    ],
)
def test_identifiers_without_a_device_are_the_device(
    data: dict[str, object], device: Device, findings: set[str]
) -> None:
    assert (device, findings) == _judge(**data)


@pytest.mark.parametrize("name", ["phoneNumber", "msisdn", "ipv6Address", "phone_number"])
@pytest.mark.parametrize("device", [{}, {"phoneNumber": "+99999"}, 17])
def test_an_identifier_beside_a_device_is_found_and_not_taken(name: str, device: object) -> None:
    assert _judge(device=device, **{name: "+99998"}) == (None, {"identifier-outside-device"})


@pytest.mark.parametrize(
    ("inside", "findings"),
    [
        ({"comment": "x"}, set()),
        ({"roaming": True}, set()),
        ({"device": {}}, {Finding.MEMBER_UNEXPECTED}),
        ({"comment": "x", "deviceStatus": "SMS"}, {Finding.MEMBER_UNEXPECTED}),
    ],
)
def test_a_known_member_inside_the_device_is_found_unless_the_event_takes_it_there(
    inside: dict[str, object], findings: set[Finding]
) -> None:
    found: set[Finding] = set()
    judge_members_of_device(inside, frozenset({"roaming"}), KNOWN, found)
    assert findings == found
