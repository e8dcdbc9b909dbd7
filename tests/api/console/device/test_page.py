"""The page of a device, from answers that are made by hand."""

import re

import pytest

from receiver.api.console.device.page import LEGEND, DeviceView, view_device
from receiver.api.console.device.reading import DeviceAnswers
from receiver.api.console.rendering import ASSETS
from tests.support.contrast import contrast
from tests.support.drawn import event, intervals, sessions, subscription, week

DEVICE = "0b6f2c9e-58a4-5d0e-8f39-2a7c44b1d9aa"
NOTHING = {"unknown": True, "because": "never-reported"}
SECONDS = {"total": {"availableSeconds": 1.0, "unavailableSeconds": 0.0, "unknownSeconds": 0.0}}


def view(*, is_now: bool = False, **changed: object) -> DeviceView:
    answers = {
        "device": {"deviceId": DEVICE, "identifiers": [{"phoneNumber": "+99999991000"}]},
        "status": {
            "connectivity": NOTHING,
            "roaming": NOTHING,
            "networkType": NOTHING,
            "lastEventAt": "2026-04-17T07:31:01.416474Z",
        },
        "subscriptions": {"items": []},
        "rows": {"items": []},
        "marks": {"items": []},
        "intervals": {
            axis: intervals((0, "never-reported"))
            for axis in ("connectivity", "roaming", "network-type")
        },
        "sessions": sessions(),
        "availability": SECONDS,
    }
    return view_device(DeviceAnswers(**{**answers, **changed}), week(is_now=is_now))  # type: ignore[arg-type]


def test_a_device_is_called_by_its_strongest_identifier_or_its_id() -> None:
    assert view().name == "+99999991000"
    nameless = view(device={"deviceId": DEVICE, "identifiers": []})
    assert (nameless.name, nameless.first_at) == (DEVICE, None)


def test_an_unknown_value_is_confirmed_by_the_last_that_was_known() -> None:
    last = {"value": True, "since": "x", "confirmedAt": "2026-04-01T00:00:00Z", "eventId": "e"}
    ended = {**NOTHING, "because": "subscription-ended", "at": "2026-04-02T00:00:00Z", "last": last}
    status = {
        "connectivity": NOTHING,
        "roaming": ended,
        "networkType": NOTHING,
        "lastEventAt": "2026-04-17T07:31:01.416474Z",
    }
    connectivity, roaming, _ = view(status=status).cards
    assert (connectivity.event_id, roaming.event_id) == ("", "e")
    assert roaming.told.word == "Unknown"


def test_what_stands_for_the_device_is_linked() -> None:
    other = "7b1d3c55-90f4-5c0b-a9c1-0e4f7a6b2d32"
    assert view(rows={"items": [event(1, 1), event(2, 2, deviceId=other)]}).linked == [other]


def test_subscriptions_are_counted_by_their_state() -> None:
    found = view(
        subscriptions={
            "items": [
                subscription("a", 1),
                subscription("b", 1, 9),
                subscription("c", 1, state="silent"),
            ],
            "nextCursor": "more",
        }
    )
    assert (found.live, found.total, found.more) == (1, 3, True)
    assert found.states == "1 ended, 1 silent"


def test_where_not_all_events_are_marked_it_says_from_when_they_are() -> None:
    assert view(marks={"items": [event(1, 5)]}).marks_from is None
    cut = view(marks={"items": [event(2, 6), event(1, 5)], "nextCursor": "more"})
    assert cut.marks_from == "2026-04-13 05:00:00"


def test_the_legend_explains_what_is_drawn_and_its_classes_are_in_the_style() -> None:
    found = view(marks={"items": [event(1, 5, findings=["a-b"])]})
    assert {"unknown", "mark"} <= set(found.styles)
    assert "mark unrecognised" not in found.styles
    style = (ASSETS / "device.css").read_text()
    for classes, words in LEGEND:
        assert words
        assert any(f".key.{one} " in style for one in classes.split())


def test_there_is_a_drawing_for_a_desk_and_one_for_a_phone() -> None:
    assert [one.name for one in view(is_now=True).drawings] == ["desk", "phone"]


@pytest.mark.parametrize(("scheme", "paper"), [(0, "#ffffff"), (1, "#182029")])
def test_every_colour_of_a_band_stands_out_and_is_a_ground_for_words(
    scheme: int, paper: str
) -> None:
    style = (ASSETS / "device.css").read_text().split("@media")[scheme].split("}")[0]
    colours = dict(re.findall(r"--([\w-]+): (#\w+);", style))
    grounds = {name: colour for name, colour in colours.items() if f"{name}-ink" in colours}
    assert {"home", "plain", "net-2", "net-3", "net-4", "net-5"} == set(grounds)
    assert [
        name for name, colour in grounds.items() if contrast(colour, colours[f"{name}-ink"]) < 4.5
    ] == []
    marks = {**grounds, "ring": colours["ring"], "other": colours["other"]}
    assert [name for name, colour in marks.items() if contrast(colour, paper) < 3] == []
