"""A status as JSON."""

from datetime import datetime, timedelta, timezone
from uuid import uuid4

import orjson
import pytest

from receiver.api.questions import examples
from receiver.api.questions.status_resources import DeviceStatusResource, write_status
from receiver.events.axes import HOME, Axis
from receiver.projection.fact import LEAST, Rank
from receiver.projection.ledger import Closing
from receiver.projection.status import Answer, Point
from receiver.store.status.statuses import AxisStatus, DeviceStatus
from tests.support.facts import NOON
from tests.support.instructions import Instructions

CLOSING = Closing(NOON + timedelta(minutes=9), "subscription-ended")

# 394 on 2026-11-26; the model took 465, and as long again in code of its own.
INSTRUCTIONS = 420
VALUES = ("CONNECTED_SMS", "true", "FR", "5G")


def on(value: str | None, closing: Closing | None = None, at: datetime = NOON) -> AxisStatus:
    if value is None:
        return AxisStatus(Answer(None, LEAST, None, None, None), None)
    point = Point(Rank(at, 1, b""), value, 208, ("FR",), "an-event")
    return AxisStatus(Answer(point, LEAST, at, None, closing), at)


def written(**axes: AxisStatus) -> dict[str, dict[str, object]]:
    given = {Axis(name.replace("_", "-")): status for name, status in axes.items()}
    status = DeviceStatus(uuid4(), NOON, {axis: on(None) for axis in Axis} | given, NOON)
    text = write_status(status)
    # The model describes the answer, and would write it so, in this order.
    model = DeviceStatusResource.model_validate_json(text)
    assert model.model_dump_json(by_alias=True, exclude_none=True).encode() == text
    found: dict[str, dict[str, object]] = orjson.loads(text)
    return found


def test_the_example_is_a_status() -> None:
    read = DeviceStatusResource.model_validate(examples.STATUS)
    assert read.model_dump(mode="json", by_alias=True, exclude_none=True) == examples.STATUS


@pytest.mark.parametrize("closing", [None, CLOSING])
@pytest.mark.parametrize(
    ("name", "value"),
    [("connectivity", "CONNECTED_SMS"), ("roaming", "true"), ("roaming", "false")],
)
def test_a_value_is_written_as_the_model_writes_it(
    name: str, value: str, closing: Closing | None
) -> None:
    found = written(**{name: on(value, closing)}, network_type=on('5"Gé', closing))
    says = found[name] if closing is None else found[name]["last"]
    assert isinstance(says, dict)
    assert says["value"] == {"true": True, "false": False}.get(value, value)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (NOON, "2026-03-01T12:00:00.000000Z"),
        (NOON.replace(microsecond=70), "2026-03-01T12:00:00.000070Z"),
        (NOON.astimezone(timezone(timedelta(hours=2))), "2026-03-01T12:00:00.000000Z"),
        (
            NOON.replace(microsecond=7).astimezone(timezone(timedelta(hours=2))),
            "2026-03-01T12:00:00.000007Z",
        ),
    ],
)
def test_a_time_is_in_utc_to_the_microsecond(at: datetime, expected: str) -> None:
    assert written(connectivity=on("CONNECTED_DATA", at=at))["connectivity"]["since"] == expected


def test_a_status_is_written_with_few_instructions() -> None:
    at = NOON.replace(microsecond=1)
    axes = dict(zip(Axis, (on(word, at=at) for word in VALUES), strict=True))
    status = DeviceStatus(uuid4(), at, axes, at)
    write_status(status)
    with Instructions() as instructions:
        write_status(status)
    assert instructions.number < INSTRUCTIONS


def test_a_country_without_a_name_has_its_code() -> None:
    point = on("FR").answer.latest
    assert point is not None
    answer = Answer(point._replace(country_name=None), LEAST, NOON, None, None)
    found = written(roaming=on("true"), country=AxisStatus(answer, NOON))["roaming"]
    assert found["countryCode"] == 208
    assert "countryName" not in found


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
