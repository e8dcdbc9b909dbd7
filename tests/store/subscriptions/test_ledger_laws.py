"""The ledger is what the folds say, for any order, repetition, batching and registration."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg.rows import dict_row

from receiver.projection import ledger as folds
from receiver.projection.coverage import is_uncovered
from receiver.projection.ledger import Key, Subscription
from receiver.projection.subscriptions import forecast
from receiver.projection.subscriptions.forecast import NOTHING, State, find_state
from receiver.projection.subscriptions.gaps import Repeat, find_repeats
from receiver.projection.subscriptions.registration import Registration, read_registered
from receiver.store.projector.feeds import SNAPSHOT, Feed
from receiver.store.subscriptions.entry import Entry
from receiver.store.subscriptions.ledger import Ledger
from receiver.store.subscriptions.questions import LedgerSelection
from receiver.store.subscriptions.registrations import Registrations
from tests.support.facts import DEVICES, NOON, STATUSES, Told, told
from tests.support.lengths import lengths
from tests.support.linked import linked
from tests.support.replaying import EITHER_FEED, arrive
from tests.support.shared_store import SharedStore

HISTORIES = st.lists(told(), min_size=1, max_size=20, unique_by=lambda event: event.digest)
MAKE_CREDENTIAL = """
INSERT INTO credential (name, role) VALUES ('operator', 'sink') ON CONFLICT DO NOTHING
"""
WHO = Told(DEVICES[0], None, "roaming-on", STATUSES["roaming-on"][0], 0, 0, 0)
REGISTERED = st.dictionaries(
    st.sampled_from(["s-1", "s-2", "s-4"]),
    st.builds(
        Registration,
        registered_at=st.just(NOON),
        starts_at=st.integers(0, 12).map(lambda minute: NOON + timedelta(minutes=minute)),
        expires_at=st.sampled_from([None, NOON]),
        max_events=st.sampled_from([None, 3]),
        types=st.sampled_from([(), ("x.roaming-status",), ("x.connectivity-data",)]),
        device_id=st.sampled_from([None, WHO.device_id]),
        phone_number=st.none(),
        network_access_identifier=st.none(),
    ),
    max_size=3,
)


class Specified:
    """The ledger by the folds alone, over all events."""

    def __init__(self, events: Sequence[Told], registered: Mapping[str, Registration]) -> None:
        self.events = events
        self.registered = registered
        self.told = folds.fold(event.fact for event in events)
        names = sorted({key[1] for key in self.told} | set(registered))
        self.keys: list[Key] = [("operator", name) for name in names]

    def devices(self, key: Key) -> tuple[list[UUID], set[UUID]]:
        """The devices that a subscription is about, and all that it ever named."""
        every = {event.device_id for event in self.events if event.subscription_id == key[1]}
        strong = {
            event.device_id
            for event in self.events
            if event.subscription_id == key[1] and event.device != DEVICES[-1]
        }
        registration = self.registered.get(key[1])
        if registration is not None and registration.device_id is not None:
            strong.add(registration.device_id)
        return sorted(strong or every), every | strong

    def covering(self, key: Key) -> Subscription:
        parts = [self.told[key]] if key in self.told else []
        if key[1] in self.registered:
            parts.append(read_registered(self.registered[key[1]]))
        return parts[0] if len(parts) == 1 else folds.merge(*parts)

    def alike(self, device_id: UUID) -> set[UUID]:
        as_events = [
            WHO._replace(subscription_id=name)
            for name, registration in self.registered.items()
            if registration.device_id is not None
        ]
        return {device_id, *linked(device_id, [*self.events, *as_events])}

    def covering_of(self, devices: set[UUID]) -> dict[Key, Subscription]:
        return {
            key: self.covering(key)
            for key in self.keys
            if not devices.isdisjoint(self.devices(key)[1])
        }

    def entry(self, key: Key, now: datetime) -> tuple[object, ...]:
        device_ids, _ = self.devices(key)
        groups = [self.alike(device_id) for device_id in device_ids]
        others = self.covering_of(set().union(*groups))
        repeats: set[Repeat] = set()
        for group in groups:
            facts = [event.fact for event in self.events if event.device_id in group]
            repeats |= set(find_repeats(facts, self.covering_of(group)).get(key, ()))
        state = find_state(self.covering(key), self.registered.get(key[1]), NOTHING, now)
        return (
            key,
            device_ids,
            self.told.get(key),
            self.registered.get(key[1]),
            state is State.ACTIVE or state,
            is_uncovered(self.covering(key), list(others.values()), now),
            sorted(repeats),
        )


def answered(entry: Entry) -> tuple[object, ...]:
    return (
        entry.key,
        list(entry.device_ids),
        entry.told,
        entry.registration,
        # Silence is the business of the tallies.
        entry.state in (State.ACTIVE, State.SILENT) or entry.state,
        entry.is_uncovered,
        list(entry.repeats),
    )


UNREPORTED = {
    "credential", "subscription_id", "registered_at", "starts_at", "max_events", "phone_number",
    "network_access_identifier",
}  # fmt: skip
REPORT = 'SELECT * FROM reporting.subscription ORDER BY subscription_id COLLATE "C"'


def viewed(entry: Entry) -> dict[str, object]:
    """What the view says of an entry."""
    told, registration = entry.told, entry.registration
    update = None if told is None else told.update
    is_inactive = update is not None and update[2] == "SUBSCRIPTION_INACTIVE"
    is_silent = forecast.is_silent(entry.tally, entry.as_of) and (told is None or told.end is None)
    return {
        "key": entry.key,
        "state": State.ACTIVE if entry.state is State.SILENT else entry.state,
        "device_ids": list(entry.device_ids),
        "names": [] if told is None else sorted(told.names),
        "first_at": told and told.first_at,
        "started_at": told and told.started_at,
        "inactive_at": update[0] if update is not None and is_inactive else None,
        "ended_at": told and told.end and told.end[0],
        "termination_reason": told and told.end and told.end[2],
        "expires_at": registration and registration.expires_at,
        "types": registration and list(registration.types),
        "events": entry.tally.total,
        "charged_events": entry.tally.charged,
        "last_event_at": entry.tally.last_at,
        "is_silent": is_silent,
        "is_uncovered": entry.is_uncovered,
    }


def reported(row: Mapping[str, object]) -> dict[str, object]:
    told = {name: value for name, value in row.items() if name not in UNREPORTED}
    return {"key": (row["credential"], row["subscription_id"]), **told}


async def check(
    store: SharedStore,
    events: Sequence[Told],
    registered: Mapping[str, Registration],
    batches: Sequence[int],
    steps: Sequence[bool],
    feed: Feed = SNAPSHOT,
) -> list[dict[str, object]]:
    """Compares the ledger and the report with the folds; returns the rows of the report."""
    await store.connection.execute(MAKE_CREDENTIAL)
    await arrive(store, events, batches, steps, feed)
    for name, registration in registered.items():
        await Registrations(store.engine).register(("operator", name), registration)
    found: list[Entry] = []
    after: Key | None = None
    while True:
        page, after = await Ledger(store.engine).page(
            LedgerSelection(), order="asc", after=after, limit=2
        )
        found += page
        if after is None:
            break
    expected = Specified(events, registered)
    now = max(entry.as_of for entry in found)
    assert [answered(entry) for entry in found] == [
        expected.entry(key, now) for key in expected.keys
    ]
    await store.projections[feed].derive_all()
    cursor = store.connection.cursor(row_factory=dict_row)
    report = await (await cursor.execute(REPORT)).fetchall()
    assert [reported(row) for row in report] == [viewed(entry) for entry in found]
    return report


@pytest.mark.parametrize("examples", lengths(25, 400))
def test_entries_are_those_of_the_folds(shared_store: SharedStore, examples: int) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(
        events=HISTORIES,
        registered=REGISTERED,
        batches=st.lists(st.integers(0, 5), min_size=6, max_size=6),
        steps=st.lists(st.booleans(), min_size=6, max_size=6),
        feed=EITHER_FEED,
    )
    def entries_are_those_of_the_folds(
        events: list[Told],
        registered: dict[str, Registration],
        batches: list[int],
        steps: list[bool],
        feed: Feed,
    ) -> None:
        if all(event.subscription_id is None for event in events) and not registered:
            return
        shared_store.run(check(shared_store, events, registered, batches, steps, feed))

    entries_are_those_of_the_folds()


ON = WHO._replace(subscription_id="s-1", name="roaming-on")
OTHER = ON._replace(subscription_id="s-2")
ENDED = ON._replace(
    name="subscription-ended", status=STATUSES["subscription-ended"][0], minute=1, number=1
)
INACTIVE = OTHER._replace(
    name="subscription-updated", status=STATUSES["subscription-updated"][0], minute=1
)
SILENT_ON_ROAMING = OTHER._replace(
    name="network-type-changed", status=STATUSES["network-type-changed"][0]
)
FOR_ROAMING = Registration(NOON, types=("x.roaming-on",))
NAMED_BOTH_WAYS, NAMED_BY_IDENTIFIER = DEVICES[2], DEVICES[4]


@pytest.mark.parametrize(
    ("events", "registered", "is_uncovered"),
    [
        pytest.param([ON, ENDED], {}, True, id="nothing else tells it"),
        pytest.param([ON, ENDED, OTHER], {}, False, id="another one tells it"),
        pytest.param([ON, ENDED, OTHER, INACTIVE], {}, True, id="the other one is inactive"),
        pytest.param([ON], {}, False, id="it is open"),
        pytest.param([ENDED], {"s-1": FOR_ROAMING}, True, id="it was registered for it"),
        pytest.param(
            [ON, ENDED, SILENT_ON_ROAMING], {"s-2": FOR_ROAMING}, False, id="registered for it"
        ),
        pytest.param(
            [ON, ENDED],
            {"s-4": FOR_ROAMING._replace(device_id=WHO.device_id)},
            False,
            id="registered for the device",
        ),
        pytest.param(
            [
                ON._replace(device=NAMED_BOTH_WAYS),
                ENDED._replace(device=NAMED_BOTH_WAYS),
                OTHER._replace(device=NAMED_BY_IDENTIFIER),
            ],
            {},
            False,
            id="told of what stands for the device",
        ),
    ],
)
def test_psql_and_rest_say_the_same_of_what_is_uncovered(
    shared_store: SharedStore,
    events: list[Told],
    registered: dict[str, Registration],
    is_uncovered: bool,
) -> None:
    report = shared_store.run(check(shared_store, events, registered, [], []))
    [found] = [row for row in report if row["subscription_id"] == "s-1"]
    assert found["is_uncovered"] == is_uncovered
