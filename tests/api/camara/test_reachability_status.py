"""The words of reachability."""

from datetime import UTC, datetime

import pytest

from receiver.api.camara.reachability_status import UNSAID, WAYS, ReachabilityWord, find_word
from receiver.api.camara.reading import Known
from receiver.errors import StatusUnknown
from receiver.events.families.connectivity import CONNECTIVITIES

NOW = datetime(2026, 4, 17, tzinfo=UTC)


@pytest.mark.parametrize("value", sorted(CONNECTIVITIES))
def test_only_what_does_not_say_by_what_has_no_word(value: str) -> None:
    if value == "CONNECTED":
        with pytest.raises(StatusUnknown, match=UNSAID):
            find_word(Known(value, NOW))
    else:
        assert find_word(Known(value, NOW)) == value


def test_data_says_nothing_of_sms() -> None:
    assert WAYS[ReachabilityWord.CONNECTED_DATA] == ["DATA"]
    assert WAYS[ReachabilityWord.CONNECTED_SMS] == ["SMS"]
    assert ReachabilityWord.NOT_CONNECTED not in WAYS
