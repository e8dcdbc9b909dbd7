import pytest

from receiver.client import DeviceStatus, FleetItem, FleetPage, FleetSummary, Roaming
from receiver.client.parsing import read
from tests.support.described import schemas


@pytest.mark.parametrize("kind", [DeviceStatus, FleetItem, FleetPage, FleetSummary])
def test_the_example_of_an_answer_is_read(kind: type) -> None:
    assert read(kind, schemas()[kind.__name__]["example"])


def test_unknown_is_not_false() -> None:
    at_home = {"value": False, "since": "2026-04-17T07:31:01Z", "eventId": "e"}
    known = read(Roaming, {**at_home, "confirmedAt": "2026-04-17T07:31:01Z"})
    assert (known.value, known.unknown) == (False, False)
    lost = read(
        Roaming,
        {
            "unknown": True,
            "because": "subscription-ended",
            "at": "2026-04-18T07:31:01Z",
            "last": {**at_home, "confirmedAt": "2026-04-17T07:31:01Z"},
        },
    )
    assert (lost.value, lost.unknown, lost.because) == (None, True, "subscription-ended")
    assert lost.last == known
