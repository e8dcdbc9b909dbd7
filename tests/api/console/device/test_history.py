"""Events as rows, and the members of one."""

from receiver.api.console.device.history import (
    list_identifiers,
    list_members,
    make_row,
)
from tests.support.drawn import at, event, write


def test_a_row_says_the_value_and_how_late_it_came() -> None:
    row = make_row(
        event(
            1,
            10,
            receivedAt=write(at(10.1)),
            status={"roaming": True, "countryCode": 208, "countryName": ["FR"]},
        )
    )
    assert (row.says, row.delay, row.is_late) == ("Roaming, France", "6 min", True)


def test_a_finding_of_a_newer_release_is_named() -> None:
    row = make_row(event(1, 10, findings=["from-the-future"]))
    assert [(one.finding, one.sentence) for one in row.findings] == [("from-the-future", ())]


def test_the_members_of_an_event_are_flat_and_the_payload_is_not_among_them() -> None:
    members = dict(
        list_members(
            event(
                1,
                10,
                device={"ipv4Address": {"publicAddress": "203.0.113.7", "publicPort": 80}},
                status={"roaming": False, "countryName": ["GP", "MQ"]},
                payload={"any": "thing"},
            )
        )
    )
    assert members["device.ipv4Address.publicPort"] == "80"
    assert members["status.roaming"] == "false"
    assert members["status.countryName"] == "GP, MQ"
    assert not {"payload", "payload.any", "findings"} & members.keys()


def test_identifiers_are_written_as_people_write_them() -> None:
    device = {
        "networkAccessIdentifier": "phone@operator.example",
        "phoneNumber": "+99999991000",
        "ipv4Address": {"publicAddress": "203.0.113.7", "publicPort": 80},
        "ipv6Address": "2001:db8::1",
    }
    assert list_identifiers(device) == [
        "+99999991000",
        "phone@operator.example",
        "2001:db8::1",
        "203.0.113.7:80",
    ]
    assert list_identifiers({"ipv4Address": {"privateAddress": "10.0.0.1"}}) == [
        "10.0.0.1 (private)"
    ]
