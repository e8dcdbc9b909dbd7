from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from receiver.client.parsing import name_member, read


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    from_: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer:
    word: str
    device_id: UUID | None = None
    is_true: bool = False
    number: int | None = None
    p50_seconds: float | None = None
    day: date | None = None
    counts: Mapping[str, int] | None = None
    parts: tuple[Inner, ...] = ()
    either: bool | str | None = None
    whatever: object = None


def test_every_type_is_read() -> None:
    members = {
        "word": "w",
        "deviceId": "0cf92697-7e55-59a0-a71e-a4876ae604a2",
        "isTrue": True,
        "number": 1,
        "p50Seconds": 2,
        "day": "2026-04-17",
        "counts": {"a": 1},
        "parts": [{"from": "2026-04-17T07:31:01Z"}],
        "either": "or",
        "whatever": [None],
    }
    assert read(Outer, members) == Outer(
        word="w",
        device_id=UUID("0cf92697-7e55-59a0-a71e-a4876ae604a2"),
        is_true=True,
        number=1,
        p50_seconds=2.0,
        day=date(2026, 4, 17),
        counts={"a": 1},
        parts=(Inner(from_=datetime(2026, 4, 17, 7, 31, 1, tzinfo=UTC)),),
        either="or",
        whatever=[None],
    )


def test_a_member_of_a_newer_service_is_left_out() -> None:
    assert read(Outer, {"word": "w", "new": {"deep": 1}}) == Outer(word="w")


def test_null_is_as_if_it_were_missing() -> None:
    assert read(Outer, {"word": "w", "number": None}) == Outer(word="w")


@pytest.mark.parametrize(
    ("members", "fault"),
    [
        ([], "Outer: not an object"),
        ({}, "Outer.word: missing"),
        ({"word": 1}, "Outer.word: not a string"),
        ({"word": "w", "number": True}, "Outer.number: not an integer"),
        ({"word": "w", "number": "+99999991000"}, "Outer.number: not an integer"),
        ({"word": "w", "p50Seconds": "1"}, "Outer.p50Seconds: not a number"),
        ({"word": "w", "isTrue": 1}, "Outer.isTrue: not a boolean"),
        ({"word": "w", "day": "today"}, "Outer.day: not a day"),
        ({"word": "w", "deviceId": "+99999991000"}, "Outer.deviceId: not a UUID"),
        ({"word": "w", "counts": []}, "Outer.counts: not an object"),
        ({"word": "w", "parts": {}}, "Outer.parts: not an array"),
        ({"word": "w", "parts": [{}]}, "Outer.parts: Inner.from: missing"),
        ({"word": "w", "parts": [{"from": "x"}]}, "Outer.parts: Inner.from: not a time"),
        (
            {"word": "w", "parts": [{"from": "2026-04-17T07:31:01"}]},
            "Outer.parts: Inner.from: a time without its zone",
        ),
        ({"word": "w", "either": 1}, "Outer.either: not a string"),
    ],
)
def test_what_is_wrong_is_told_by_its_place_without_its_content(
    members: object, fault: str
) -> None:
    with pytest.raises(ValueError, match=r"^Outer") as raised:
        read(Outer, members)
    assert str(raised.value) == fault


def test_an_attribute_has_the_name_of_the_api() -> None:
    assert [name_member(name) for name in ("as_of", "from_", "p99_seconds")] == [
        "asOf",
        "from",
        "p99Seconds",
    ]
