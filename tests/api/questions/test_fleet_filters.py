"""The filters of the fleet are read as the status has them."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from receiver.api.questions.fleet_filters import FleetFilters
from receiver.events.axes import Axis
from receiver.store.fleet.selection import FleetSelection


def select(**filters: object) -> FleetSelection:
    return FleetFilters.model_validate(filters).select()


def test_a_filter_is_given_once_or_repeated() -> None:
    assert select() == FleetSelection()
    found = select(
        roaming="true",
        country=["fr", "0208"],
        connectivity="NOT_CONNECTED",
        networkType=["5G", "6G"],
        unknown=["network-type", "country"],
        lastEventFrom="2026-04-01T00:00:00Z",
        lastEventTo="2026-04-01T02:00:00+02:00",
    )
    assert found == FleetSelection(
        roaming=("true",),
        countries=("FR", "208"),
        connectivity=("NOT_CONNECTED",),
        network_types=("5G", "6G"),
        unknown=(Axis.NETWORK_TYPE, Axis.COUNTRY),
        last_event_from=datetime(2026, 4, 1, tzinfo=UTC),
        last_event_to=datetime(2026, 4, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    "filters",
    [
        {"roaming": "yes"},
        {"roaming": ""},
        {"country": "FRA"},
        {"country": "France"},
        {"country": "FR\n"},
        {"country": "٣٣"},
        {"country": "20815"},
        {"connectivity": "connected"},
        {"networkType": "5\x00G"},
        {"unknown": "networkType"},
        {"lastEventFrom": "yesterday"},
        {"limit": 0},
        {"limit": 1001},
        {"order": "asc"},
        {"phoneNumber": "+99999991000"},
        {"country": ["FR"] * 21},
    ],
)
def test_what_no_status_can_have_is_refused(filters: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        select(**filters)
