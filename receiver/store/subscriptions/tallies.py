"""The events of subscriptions, counted when they are asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import AsyncConnection

from receiver.projection.ledger import Key
from receiver.projection.subscriptions.forecast import NOTHING, RATE_TIME, Tally
from receiver.store.derived.rows import Row, read_rows
from receiver.store.subscriptions.questions import COUNTED_EVENTS, TALLY


@dataclass(frozen=True, slots=True)
class Counted:
    """The events of a subscription, and why it ended in the sender's words."""

    tally: Tally = NOTHING
    description: str | None = None


async def count_events(
    connection: AsyncConnection, keys: Sequence[Key], now: datetime
) -> dict[Key, Counted]:
    """Returns the counts of the events of subscriptions.

    Of those that are kept, the latest `COUNTED_EVENTS` of each are counted.
    """
    rows = await read_rows(
        connection,
        TALLY,
        credentials=[credential for credential, _ in keys],
        subscription_ids=[subscription_id for _, subscription_id in keys],
        lately=now - RATE_TIME,
        limit=COUNTED_EVENTS + 1,
    )
    by_place: dict[int, list[Row]] = {}
    for row in rows:
        by_place.setdefault(row.place, []).append(row)
    counted = dict.fromkeys(keys, Counted())
    for place, of_key in by_place.items():
        counted[keys[place - 1]] = _sum_up(of_key)
    return counted


def _sum_up(rows: Sequence[Row]) -> Counted:
    """Sums up the rows of one subscription, one for each name."""
    counts = {row.name: int(row.events) for row in rows}
    pauses = [row.longest_pause for row in rows if row.longest_pause is not None]
    tally = Tally(
        counts=counts,
        charged=int(sum(row.charged for row in rows)),
        lately=int(sum(row.lately for row in rows)),
        last_at=max(row.last_at for row in rows),
        longest_pause=max(pauses, default=None),
        is_whole=sum(row.counted for row in rows) <= COUNTED_EVENTS,
    )
    ends = [(row.ended_at, row.description) for row in rows if row.ended_at is not None]
    _, description = max(ends, key=lambda end: end[0], default=(None, None))
    return Counted(tally, description)
