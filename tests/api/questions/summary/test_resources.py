"""The counts of the fleet as JSON."""

from datetime import UTC, datetime

from receiver.api.questions.summary.resources import (
    SUMMARY,
    VALUES_LIMIT,
    FleetSummaryResource,
)
from receiver.store.fleet.counts import CountryCount, FleetCounts

NOON = datetime(2026, 4, 17, 12, tzinfo=UTC)


def test_values_beyond_the_limit_are_one_number() -> None:
    many = {str(number): 3 for number in range(VALUES_LIMIT + 2)}
    countries = [CountryCount(number, None, 2) for number in range(VALUES_LIMIT + 3)]
    counts = FleetCounts(NOON, 2000, many, {True: 700, False: 1300}, countries, {}, 0, 0)
    found = FleetSummaryResource.of(counts)
    assert (len(found.connectivity.values), found.connectivity.others) == (VALUES_LIMIT, 6)
    assert (len(found.country.values), found.country.others) == (VALUES_LIMIT, 6)
    assert found.network_type.others is None
    assert found.connectivity.unknown == 2000 - 3 * (VALUES_LIMIT + 2)
    assert found.country.unknown == 700 - 2 * (VALUES_LIMIT + 3)


def test_the_example_adds_up() -> None:
    example = FleetSummaryResource.model_validate(SUMMARY)
    for counts in (example.connectivity, example.network_type):
        assert sum(each.devices for each in counts.values) + counts.unknown == example.devices
    roaming = example.roaming
    assert roaming.roaming + roaming.at_home + roaming.unknown == example.devices
    located = sum(each.devices for each in example.country.values)
    assert located + roaming.at_home + example.country.unknown == example.devices
