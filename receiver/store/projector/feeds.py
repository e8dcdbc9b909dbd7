"""The two feeds: ways to read newly stored events, each with a position of its own kind.

The snapshot reads the events between two snapshots: each exactly once, however late its transaction
commits. The overlap reads what was stored since a time that lies before its last step: each event
several times, which changes nothing, and one only with the sweep whose transaction stays open for
longer than the overlap. It asks for no ids of transactions, which several servers do not share.
"""

from dataclasses import dataclass
from functools import cache

from receiver.store.derived.derivation import DERIVATION, derive
from receiver.store.derived.position import BEGAN_SINCE, BEHIND, OVERLAP, SINCE, STORED_SINCE

# Transactions that run while an epoch begins store events with an earlier time; none takes longer.
EPOCH_MARGIN = "10 minutes"

NEW_EPOCH_AT = f"now() - interval '{EPOCH_MARGIN}'"

# Together they are a position, whichever feed it is of.
POSITION = "position, derived_before, system_identifier"


@dataclass(frozen=True, slots=True)
class Feed:
    """One way to read, in SQL; whatever the position is, BEHIND reads what is behind it.

    Attributes:
        now: the values of POSITION at which all is derived that the statement sees.
        find_end: where a step ends that has more than `limit` events before it, and until when
            they were stored; no row: it ends nowhere. It is behind the position.
        before_end: the condition that the events before an end meet.
        at_end: the assignment to `projection` by which the position is the end.
    """

    now: str
    find_end: str
    before_end: str
    at_end: str


# The end is the transaction of the event that is one too many, in their order, but at least the one
# after the first, however many events that stored. The position there is the snapshot of this very
# statement without the transactions from the end on.
SNAPSHOT = Feed(
    now="""pg_current_snapshot()::text, NULL,
        (SELECT system_identifier FROM pg_control_system())""",
    find_end=f"""
SELECT greatest(xact::text::numeric, %(xmax)s::xid8::text::numeric + 1)::text, stored_at FROM event
WHERE {BEGAN_SINCE}
ORDER BY event.xact OFFSET %(limit)s LIMIT 1
""",  # noqa: S608 - composed of constants
    before_end="xact < %(end)s::xid8",
    at_end="""position = (
        SELECT concat(
            coalesce(min(xip), %(end)s::xid8), ':', %(end)s::xid8, ':',
            string_agg(xip::text, ',' ORDER BY xip)
        )
        FROM pg_snapshot_xip(pg_current_snapshot()) AS xip WHERE xip < %(end)s::xid8
    )""",
)

# A step ends early only before the overlap, whose events are read once more in any case.
OVERLAPPING = Feed(
    now=f"NULL, now() - {OVERLAP}, NULL",
    find_end=f"""
SELECT greatest(stored_at, %(since)s::timestamptz + interval '1 microsecond')::text, stored_at
FROM event
WHERE {STORED_SINCE} AND stored_at < now() - {OVERLAP}
ORDER BY stored_at OFFSET %(limit)s LIMIT 1
""",  # noqa: S608 - composed of constants
    before_end="stored_at < %(end)s::timestamptz",
    at_end="derived_before = %(end)s::timestamptz",
)

# Whether anything is behind, of events of several servers, which are found by time alone.
HAS_WORK_BY_TIME = f"""
WITH known AS MATERIALIZED (
    SELECT derivation < {DERIVATION} AND rebuilding IS DISTINCT FROM {DERIVATION}
        OR rebuilding IS NOT NULL OR position IS NOT NULL AS has_work, {SINCE} AS since
    FROM projection
), stored AS MATERIALIZED (
    SELECT stored_at FROM event WHERE stored_at >= (SELECT since FROM known) LIMIT 1
)
SELECT has_work OR EXISTS (SELECT FROM stored) FROM known
"""  # noqa: S608 - composed of constants

# By the values of `RECEIVER_FEED`.
FEEDS = {"snapshot": SNAPSHOT, "overlap": OVERLAPPING}


@cache
def compose_beginning(feed: Feed) -> str:
    """Returns the statement that makes the row: nothing is derived, and the position is now."""
    return f"""
    INSERT INTO projection (
        {POSITION}, position_at, epoch_at, derivation, rebuilding, rebuilt_below
    )
    SELECT {feed.now}, now(), {NEW_EPOCH_AT}, 0, {DERIVATION}, NULL
    ON CONFLICT DO NOTHING
    """


@cache
def compose_new_epoch(feed: Feed) -> str:
    """Returns the statement by which the position is now, and all is to be derived anew."""
    return f"""
    UPDATE projection SET ({POSITION}) = ({feed.now}), position_at = now(),
        epoch_at = {NEW_EPOCH_AT}, rebuilding = {DERIVATION}, rebuilt_below = NULL
    """  # noqa: S608 - composed of constants


@cache
def compose_step(feed: Feed) -> str:
    """Returns the statement that derives all that is behind, and tells from how many events.

    The bounds come as values, because the planner must see them. Where a snapshot follows upon a
    time, an epoch begins with it: before, nothing was asked for by its transaction.

    Args:
        feed: of the position that follows.
    """
    return f"""
    WITH {derive(BEHIND, is_repeated=feed is OVERLAPPING)}
    UPDATE projection SET ({POSITION}) = ({feed.now}), position_at = now(),
        epoch_at = CASE WHEN position IS NULL THEN clock.epoch_at ELSE projection.epoch_at END
    FROM (SELECT {NEW_EPOCH_AT} AS epoch_at) AS clock
    RETURNING (SELECT count(*) FROM fact)
    """  # noqa: S608 - composed of constants


@cache
def compose_step_to_end(feed: Feed) -> str:
    """Returns the statement that derives what is behind and before the parameter `end`.

    Args:
        feed: of the position, and of the one that follows.
    """
    return f"""
    WITH {derive(BEHIND, feed.before_end)}
    UPDATE projection SET position_at = greatest(position_at, %(end_at)s), {feed.at_end}
    """  # noqa: S608 - composed of constants
