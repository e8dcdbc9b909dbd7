from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest

from receiver.client.calls.arguments import (
    write_device,
    write_id,
    write_members,
    write_path,
    write_query,
)

DEVICE_ID = "0cf92697-7e55-59a0-a71e-a4876ae604a2"
NOON = datetime(2026, 4, 17, 12, tzinfo=timezone(timedelta(hours=2)))


def test_a_query_repeats_words_and_leaves_out_what_is_not_asked() -> None:
    query = write_query(
        kind=["roaming", "connectivity"],
        subscription_id="s",
        from_=NOON,
        limit=2,
        roaming=False,
        device_id=UUID(DEVICE_ID),
        cursor=None,
        name=(),
    )
    assert query == [
        ("kind", "roaming"),
        ("kind", "connectivity"),
        ("subscriptionId", "s"),
        ("from", "2026-04-17T10:00:00Z"),
        ("limit", "2"),
        ("roaming", "false"),
        ("deviceId", DEVICE_ID),
    ]


def test_a_body_has_lists_numbers_and_times() -> None:
    members = write_members(
        kind="roaming", name=["a", "b"], limit=2, order="asc", occurred_from=NOON, cursor=None
    )
    assert members == {
        "kind": ["roaming"],
        "name": ["a", "b"],
        "limit": 2,
        "order": "asc",
        "occurredFrom": "2026-04-17T10:00:00Z",
    }


@pytest.mark.parametrize("write", [write_query, write_members])
def test_a_time_without_its_zone_is_refused(write: object) -> None:
    assert callable(write)
    with pytest.raises(ValueError, match="occurred_from: a time without its zone"):
        write(occurred_from=NOON.replace(tzinfo=None))


def test_a_parameter_of_no_known_type_is_refused_without_its_value() -> None:
    with pytest.raises(ValueError, match=r"^kind: of an unknown type$"):
        write_query(kind=1.5)


def test_a_device_is_camaras() -> None:
    assert write_device(
        {
            "phone_number": "+99999991000",
            "ipv4_public_address": "192.0.2.1",
            "ipv4_public_port": 1,
            "ipv6_address": "2001:db8::1",
        }
    ) == {
        "phoneNumber": "+99999991000",
        "ipv6Address": "2001:db8::1",
        "ipv4Address": {"publicAddress": "192.0.2.1", "publicPort": 1},
    }


def test_a_misspelt_identifier_is_refused() -> None:
    with pytest.raises(TypeError, match="phone is no identifier of a device"):
        write_device({"phone_number": "+99999991000", "phone": "+99999991000"})


def test_a_question_about_no_device_is_refused() -> None:
    with pytest.raises(ValueError, match="no identifier of a device"):
        write_device({})


def test_an_id_is_escaped_and_never_a_phone_number() -> None:
    assert write_path("/events/{id}", id="a/b?c") == "/events/a%2Fb%3Fc"
    assert write_id(DEVICE_ID) == UUID(DEVICE_ID)
    with pytest.raises(ValueError, match=r"^device_id: not a UUID$"):
        write_id("+99999991000")


def test_times_are_written_in_utc() -> None:
    [(_, text)] = write_query(to=datetime(2026, 4, 17, tzinfo=UTC))
    assert text == "2026-04-17T00:00:00Z"
