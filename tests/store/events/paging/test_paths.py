"""An event of a selection is on one path, and passes the filters."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from receiver.events.event import Device
from receiver.store.events.paging.paths import list_filters, list_paths
from receiver.store.events.selection import Selection

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DEVICE = Selection(device_id=UUID(int=1))
COUNTS = [
    (Selection(), 1, 0),
    (DEVICE, 1, 0),
    (Selection(device_id=UUID(int=1), occurred_from=NOW, occurred_to=NOW), 1, 0),
    (Selection(reported=Device(phone_number="+99999991000")), 1, 0),
    (Selection(subscription_ids=["a"]), 1, 0),
    (Selection(subscription_ids=["a", "b", "a"]), 2, 0),
    (Selection(device_id=UUID(int=1), subscription_ids=["a", "b"]), 1, 1),
    (Selection(device_id=UUID(int=1), received_from=NOW), 3, 1),
    (Selection(reported=Device(phone_number="+99999991000"), received_to=NOW), 3, 1),
    (Selection(received_from=NOW), 2, 1),
    (Selection(received_from=NOW, received_to=NOW), 2, 2),
    (Selection(received_to=NOW, kinds=["roaming"]), 2, 2),
    (Selection(subscription_ids=["a"], received_to=NOW), 1, 1),
    (Selection(occurred_from=NOW), 1, 1),
    (Selection(types=["a"], names=["b"], sources=["c"], credentials=["d"], findings=["e"]), 1, 5),
]  # fmt: skip


@pytest.mark.parametrize(("selection", "paths", "filters"), COUNTS)
def test_what_an_index_answers_is_no_filter(selection: Selection, paths: int, filters: int) -> None:
    assert len(list_paths(selection)) == paths
    assert len(list_filters(selection)) == filters


def test_the_time_of_arrival_bounds_the_time_of_storing_with_room_for_clocks() -> None:
    selection = Selection(received_from=NOW, received_to=NOW + timedelta(days=1))
    in_time, displaced = (str(path.condition) for path in list_paths(selection))
    assert "interval '-1 minute'" in in_time
    assert "interval '1 hour'" in in_time
    assert "stored_at - received_at" in displaced


def test_of_a_device_displaced_events_are_read_only_while_they_are_few() -> None:
    selection = Selection(device_id=UUID(int=1), received_from=NOW)
    in_time, displaced, whole = list_paths(selection)
    assert [path.source is None for path in (in_time, displaced, whole)] == [True, False, True]
    assert "<= 1000" in str(in_time.condition)
    assert "<= 1000" in str(displaced.condition)
    assert "> 1000" in str(whole.condition)
