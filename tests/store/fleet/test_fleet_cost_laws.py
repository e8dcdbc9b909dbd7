"""A page of the fleet costs what its devices cost, however many others there are."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from receiver.events.axes import Axis
from receiver.store.derived import evidence_questions, identifiers
from receiver.store.derived.position import BEHIND
from receiver.store.fleet import candidates, fleet
from receiver.store.fleet.candidates import choose_lead
from receiver.store.fleet.selection import FleetSelection
from receiver.store.status import beginnings, parts, registered
from tests.support.filled import asked, blocks, position, statistics

NOW = datetime.now(UTC)
SELECTIONS = {
    "all": FleetSelection(),
    "roaming": FleetSelection(roaming=("true",)),
    "at-home": FleetSelection(roaming=("false",)),
    "country": FleetSelection(countries=("FR",)),
    "further-name": FleetSelection(countries=("MF",)),
    "code": FleetSelection(countries=("208",)),
    "nowhere": FleetSelection(countries=("DE", "262")),
    "connectivity": FleetSelection(connectivity=("CONNECTED_DATA",)),
    "nobody": FleetSelection(connectivity=("NOT_CONNECTED",)),
    "network-types": FleetSelection(network_types=("4G", "5G")),
    "just-now": FleetSelection(last_event_from=NOW),
    "lately": FleetSelection(last_event_from=NOW - timedelta(hours=3)),
    "silent": FleetSelection(last_event_to=NOW - timedelta(hours=13)),
    "never-silent": FleetSelection(last_event_to=NOW - timedelta(days=30)),
}
FIRST_STEP = {"after": fleet.BEFORE_ALL, "limit": fleet.STEP_CANDIDATES}
# Of each row, a block of an index and one of the table; the few devices of a range of time are
# counted before they are taken, and a walk passes more devices than it returns.
BLOCKS_OF_A_ROW = 3
BLOCKS_OF_A_LEAD = {
    # How many leaves of the two indexes come with them hangs on the minute of the hour; the table
    # alone has 6,580 blocks.
    candidates.BY_TIME: (candidates.RARE_LIMIT + candidates.WALK_LIMIT) * 3 // 2,
    candidates.BY_COUNTRY: candidates.WALK_LIMIT,
}


@pytest.mark.parametrize("has_statistics", [True, False])
@pytest.mark.parametrize("limit", [51, 1001])
@pytest.mark.parametrize("name", SELECTIONS)
def test_no_filter_with_an_index_reads_all_devices(
    filled: psycopg.Connection, name: str, limit: int, has_statistics: bool
) -> None:
    lead = choose_lead(SELECTIONS[name])
    parameters = {**lead.parameters, "after": fleet.BEFORE_ALL, "limit": limit}
    bound = limit * BLOCKS_OF_A_ROW + 100
    bound += BLOCKS_OF_A_LEAD.get(lead.question, 0)
    with statistics(filled, are_there=has_statistics):
        assert blocks(filled, lead.question, **parameters) < bound


def test_the_tail_is_read_by_the_feed(filled: psycopg.Connection) -> None:
    parameters = {**position(filled), "after": fleet.BEFORE_ALL, "limit": 1001}
    assert blocks(filled, candidates.compose_tail_devices(BEHIND), **parameters) < 300


@pytest.mark.parametrize("has_statistics", [True, False])
@pytest.mark.parametrize(
    "question",
    [
        pytest.param(evidence_questions.compose_evidence(BEHIND), id="evidence"),
        pytest.param(
            evidence_questions.compose_evidence_and_events(BEHIND), id="evidence-and-events"
        ),
        pytest.param(identifiers.compose_reported(BEHIND), id="identifiers"),
        pytest.param(parts.REGISTERS, id="registers"),
        pytest.param(parts.SUBSCRIPTIONS, id="subscriptions"),
        pytest.param(beginnings.BEGINNINGS, id="beginnings"),
    ],
)
def test_a_step_reads_its_own_devices_alone(
    filled: psycopg.Connection, question: str, has_statistics: bool
) -> None:
    devices = [row[0] for row in filled.execute(candidates.ALL, FIRST_STEP).fetchall()]
    size = len(devices)
    parameters = {
        **position(filled),
        "devices": devices,
        "asked": asked((each, Axis.CONNECTIVITY, "CONNECTED_DATA") for each in devices),
    }
    # Of each device a descent in every partition, and its rows.
    with statistics(filled, are_there=has_statistics):
        assert blocks(filled, question, **parameters) < size * 25 + 300


REGISTER = """
INSERT INTO subscription_registration (credential, subscription_id, registered_at, types)
SELECT 'operator', 's-' || number, now(), '{}' FROM generate_series(1, 20000) AS number
"""


@pytest.fixture
def registrations(filled: psycopg.Connection) -> Iterator[None]:
    """Registers subscriptions of the fleet for the length of a test; no dead row stays."""
    filled.execute(REGISTER)
    yield
    filled.execute("TRUNCATE subscription_registration")


@pytest.mark.usefixtures("registrations")
@pytest.mark.parametrize("has_statistics", [True, False])
def test_registrations_are_looked_for_by_the_subscriptions_of_the_devices(
    filled: psycopg.Connection, has_statistics: bool
) -> None:
    devices = [row[0] for row in filled.execute(candidates.ALL, FIRST_STEP).fetchall()]
    with statistics(filled, are_there=has_statistics):
        assert blocks(filled, registered.BY_DERIVED, devices=devices) < len(devices) * 10 + 100
