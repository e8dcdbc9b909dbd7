"""The ledger: what is known of each subscription, counted and compared when it is asked for.

The events that are not derived yet are folded on top, as for the status of a device. Counts, pauses
and gaps are read from the events themselves, and stored nowhere.
"""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from psycopg import AsyncConnection
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.projection.coverage import is_told, is_uncovered
from receiver.projection.ledger import Key, Subscription
from receiver.projection.links import list_linked
from receiver.projection.subscriptions.forecast import State, find_state, forecast
from receiver.projection.subscriptions.gaps import Repeat, count_missing
from receiver.store.connections.engine import reading
from receiver.store.connections.keyset import Order
from receiver.store.connections.silence import may_be_distributed
from receiver.store.derived.behind import LAST_DEVICE, Behind, read_behind
from receiver.store.derived.linking import find_linked, read_links
from receiver.store.derived.rows import read_fact, read_rows
from receiver.store.subscriptions.comparing import COMPARED_EVENTS, LISTED_COMPARED, compare
from receiver.store.subscriptions.counting import Counting
from receiver.store.subscriptions.entry import Entry
from receiver.store.subscriptions.known import Known, TailEvent
from receiver.store.subscriptions.questions import (
    LedgerSelection,
    compose_tail,
    select_keys,
)

# Subscriptions that are looked at for one page; a filter of states that few pass ends it early.
LOOKED_AT_LIMIT = 1000

# Of a step that looks for what passes a filter of states, at least.
STEP_LEAST = 16


class Ledger:
    """Answers what is known of subscriptions.

    Args:
        clock: in seconds; by it a page ends early.
    """

    def __init__(self, engine: AsyncEngine, clock: Callable[[], float] = time.monotonic) -> None:
        self._engine = engine
        self._clock = clock

    async def page(
        self, selection: LedgerSelection, *, order: Order, after: Key | None, limit: int
    ) -> tuple[list[Entry], Key | None]:
        """Returns the next subscriptions by their key, and the end of the page if there are more.

        A page may have fewer than `limit` entries, or none, and more behind it.

        Raises:
            Unavailable: the database is away, or is not derived for the first time yet.
        """
        async with reading(self._engine) as connection:
            behind = await read_behind(connection, LAST_DEVICE)
            counting = Counting(connection, behind.asked_at, self._clock)
            looked_up = await _Reading.begin(connection, behind, selection, counting)
            found: list[Key] = []
            end: Key | None = None
            looked_at = 0
            while True:
                size = min(limit, max(2 * (limit - len(found)), STEP_LEAST))
                keys = await looked_up.find_keys(order, after, size + 1)
                counted = await looked_up.read(keys[:size])
                keys, has_more = keys[:counted], counted < len(keys)
                found += await looked_up.find_passing(keys)
                if len(found) > limit or (has_more and len(found) == limit):
                    end, found = found[limit - 1], found[:limit]
                    break
                end = keys[-1] if has_more else None
                looked_at += len(keys)
                if end is None or looked_at >= LOOKED_AT_LIMIT or counting.is_over:
                    break
                after = end
            if not selection.is_named:
                await counting.count_more(found)
            return await looked_up.complete(found), end


_NEVER = datetime.max.replace(tzinfo=UTC)


class _Reading:
    """One reading of the ledger: what is behind the derived tables, and what is known so far."""

    def __init__(
        self,
        connection: AsyncConnection,
        behind: Behind,
        selection: LedgerSelection,
        devices: Collection[UUID],
        tail: Sequence[TailEvent],
        counting: Counting,
    ) -> None:
        self._connection = connection
        self._behind = behind
        self._selection = selection
        self._devices = list(devices)
        wanted = set(devices)
        self._tail_keys = list(
            {
                event.key
                for event in tail
                if selection.device_id is None or event.device_id in wanted
            }
        )
        self._known = Known(connection, tail)
        self._counting = counting
        self._states: dict[Key, State] = {}

    @classmethod
    async def begin(
        cls,
        connection: AsyncConnection,
        behind: Behind,
        selection: LedgerSelection,
        counting: Counting,
    ) -> "_Reading":
        """Reads the events that are not derived yet, and the devices that a filter means."""
        devices: list[UUID] = []
        if selection.device_id is not None:
            linked = await find_linked(connection, selection.device_id, behind)
            devices = [selection.device_id, *linked]
        rows = await read_rows(connection, compose_tail(behind.conditions), **behind.bounds)
        tail = [TailEvent(row.device_id, row.strength, read_fact(row)) for row in rows]
        return cls(connection, behind, selection, devices, tail, counting)

    async def find_keys(self, order: Order, after: Key | None, limit: int) -> list[Key]:
        """Returns the keys of the next subscriptions that pass all filters but that of states."""
        selection = self._selection
        if may_be_distributed(self._connection):
            # A first sieve that would look up events for each subscription; the states decide.
            selection = replace(selection, quiet_since=None)
        after_credential, after_subscription = after or (None, None)
        rows = await read_rows(
            self._connection,
            select_keys(selection, order, after),
            credential_filter=list(selection.credentials),
            subscription_filter=list(selection.subscription_ids),
            devices=self._devices,
            ends_before=selection.ends_before,
            quiet_since=selection.quiet_since,
            after_credential=after_credential,
            after_subscription=after_subscription,
            tail_credentials=[credential for credential, _ in self._tail_keys],
            tail_subscriptions=[subscription_id for _, subscription_id in self._tail_keys],
            limit=limit,
        )
        return [(row.credential, row.subscription_id) for row in rows]

    async def read(self, keys: Sequence[Key]) -> int:
        """Reads and counts subscriptions; returns how many of them it had the time for."""
        await self._known.read(keys)
        counted = len(keys)
        if self._selection.is_named:
            counted = await self._counting.count_each(keys)
        else:
            await self._counting.count_latest(keys)
        self._states |= {key: self._find_state(key) for key in keys[:counted]}
        return counted

    async def find_passing(self, keys: Sequence[Key]) -> list[Key]:
        """Returns those of the subscriptions that were read that pass what is decided later."""
        states, is_uncovered = self._selection.states, self._selection.is_uncovered
        passing = [key for key in keys if not states or self._states[key] in states]
        if is_uncovered is None:
            return passing
        entries = await self.complete(passing)
        return [entry.key for entry in entries if entry.is_uncovered is is_uncovered]

    async def complete(self, keys: Sequence[Key]) -> list[Entry]:
        """Returns the entries of subscriptions that were read, compared with their neighbours."""
        if not keys:
            return []
        known = self._known
        devices = {device_id for key in keys for device_id in known.find_devices(key)}
        links = await read_links(self._connection, devices, self._behind)
        alike = {device_id: {device_id, *list_linked(device_id, links)} for device_id in devices}
        await known.read_of(set().union(*alike.values()))
        compared = COMPARED_EVENTS if self._selection.is_named else LISTED_COMPARED
        repeats = await compare(self._connection, known, keys, alike, compared)
        return [self._complete(key, alike, repeats) for key in keys]

    def _complete(
        self,
        key: Key,
        alike: Mapping[UUID, Collection[UUID]],
        repeats: Mapping[Key, Sequence[Repeat]],
    ) -> Entry:
        known, counted = self._known, self._counting.find(key)
        covering, registration = known.find_covering(key), known.registrations.get(key)
        tally, now = counted.tally, self._behind.asked_at
        device_ids = known.find_devices(key)
        others = known.find_covering_of({one for each in device_ids for one in alike[each]})
        state = self._states[key]
        return Entry(
            key=key,
            as_of=self._behind.as_of,
            device_ids=device_ids,
            told=known.told.get(key),
            registration=registration,
            tally=tally,
            description=counted.description,
            state=state,
            is_uncovered=is_uncovered(covering, list(others.values()), now),
            is_replaced=is_told(covering, self._list_longer(key, others), now),
            repeats=repeats[key],
            missing=count_missing(covering, registration, tally),
            forecast=None if state is State.ENDED else forecast(covering, registration, tally, now),
        )

    def _list_longer(
        self, key: Key, others: Mapping[Key, Subscription]
    ) -> Collection[Subscription]:
        """Returns the other subscriptions that are not to expire before one of them."""
        expires_at = self._find_expiry(key)
        return [
            other
            for other_key, other in others.items()
            if other_key != key and self._find_expiry(other_key) > expires_at
        ]

    def _find_expiry(self, key: Key) -> datetime:
        registration = self._known.registrations.get(key)
        return (registration and registration.expires_at) or _NEVER

    def _find_state(self, key: Key) -> State:
        return find_state(
            self._known.find_covering(key),
            self._known.registrations.get(key),
            self._counting.find(key).tally,
            self._behind.asked_at,
        )
