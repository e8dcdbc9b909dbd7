"""An erasure as JSON has every count, and no identifier."""

from uuid import UUID

from receiver.api.erasure.resources import ErasureResource, RemovedResource
from receiver.erasure.outcome import ELSEWHERE, Erased
from receiver.store.erasure.counts import Removed
from receiver.store.erasure.mentions import Mentions

ERASED = Erased(UUID(int=1), Removed(2, 3), Mentions(1, ("an-event",), False), 4, ("event",))


def test_every_count_is_in_the_answer() -> None:
    assert tuple(RemovedResource.model_fields) == Removed._fields


def test_what_was_not_reached_is_told() -> None:
    made = ErasureResource.of(ERASED).model_dump(mode="json", by_alias=True)
    assert (made["id"], made["removed"]["events"]) == (str(UUID(int=1)), 3)
    assert made["notReached"] == {
        "otherEvents": 1,
        "otherEventIds": ["an-event"],
        "isSearchComplete": False,
        "spoolFiles": 4,
        "statistics": ["event"],
        "elsewhere": list(ELSEWHERE),
    }
