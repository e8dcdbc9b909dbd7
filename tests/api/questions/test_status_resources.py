"""A status as JSON."""

from datetime import timedelta
from uuid import uuid4

import pytest

from receiver.api.questions import examples
from receiver.api.questions.status_resources import DeviceStatusResource
from receiver.events.axes import HOME, Axis
from receiver.projection.fact import LEAST, Rank
from receiver.projection.ledger import Closing
from receiver.projection.status import Answer, Point
from receiver.store.status.statuses import AxisStatus, DeviceStatus
from tests.support.facts import NOON

CLOSING = Closing(NOON + timedelta(minutes=9), "subscription-ended")


def on(value: str | None, closing: Closing | None = None) -> AxisStatus:
    if value is None:
        return AxisStatus(Answer(None, LEAST, None, None, None), None)
    point = Point(Rank(NOON, 1, b""), value, 208, ("FR",), "an-event")
    return AxisStatus(Answer(point, LEAST, NOON, None, closing), NOON)


def written(**axes: AxisStatus) -> dict[str, dict[str, object]]:
    given = {Axis(name.replace("_", "-")): status for name, status in axes.items()}
    status = DeviceStatus(uuid4(), NOON, {axis: on(None) for axis in Axis} | given, NOON)
    return DeviceStatusResource.of(status).model_dump(mode="json", by_alias=True, exclude_none=True)


def test_the_example_is_a_status() -> None:
    read = DeviceStatusResource.model_validate(examples.STATUS)
    assert read.model_dump(mode="json", by_alias=True, exclude_none=True) == examples.STATUS


def test_a_known_value_has_its_event_and_an_unknown_one_its_reason() -> None:
    found = written(connectivity=on("CONNECTED_SMS"), network_type=on("5G", CLOSING))
    noon = "2026-03-01T12:00:00.000000Z"
    value = {"since": noon, "confirmedAt": noon, "eventId": "an-event"}
    assert found["connectivity"] == {"value": "CONNECTED_SMS", **value}
    assert found["networkType"] == {
        "unknown": True,
        "because": "subscription-ended",
        "at": "2026-03-01T12:09:00.000000Z",
        "last": {"value": "5G", **value},
    }
    assert found["roaming"] == {"unknown": True, "because": "never-reported"}


@pytest.mark.parametrize(
    ("roaming", "country", "is_shown"),
    [
        (on("true"), on("FR"), True),
        (on("true"), on("FR", CLOSING), False),
        (on("true"), on(HOME), False),
        (on("true"), on(None), False),
        (on("false"), on("FR"), False),
    ],
)
def test_the_country_is_shown_while_the_device_roams_and_it_is_known(
    roaming: AxisStatus, country: AxisStatus, is_shown: bool
) -> None:
    found = written(roaming=roaming, country=country)["roaming"]
    assert is_shown == ("countryCode" in found)
    assert is_shown == ("countryName" in found)


def test_what_was_last_known_of_roaming_has_its_country() -> None:
    found = written(roaming=on("true", CLOSING), country=on("FR", CLOSING))["roaming"]
    assert isinstance(found["last"], dict)
    assert found["last"]["countryCode"] == 208
