"""The position of the feed: which events the derived tables do not contain for certain.

It is a snapshot or a time, and the row of `projection` has one of both. An event is behind a
snapshot if its transaction is not below the snapshot's end, or was running then. An event is behind
a time if it was stored since. So whoever reads needs no setting: the row says what is behind it.
"""

from collections.abc import Iterable, Mapping

# A time is this far before the moment of its step: a transaction that stays open for less, from the
# time of its events to its commit, is read. Clocks of several servers may differ within it.
OVERLAP_SECONDS = 30
OVERLAP = f"interval '{OVERLAP_SECONDS} seconds'"

# A restored event has a transaction of another cluster, which may lie ahead of all of this one.
OF_CLUSTER = "xact < pg_snapshot_xmax(pg_current_snapshot())"

# The transactions that began since a snapshot, those that were running then, and what was stored
# since a time. Several conditions, because an index answers each by itself; the bounds of the
# other kind of position are met by nothing, and cost a look at no partition.
BEGAN_SINCE = f"stored_at >= %(epoch_at)s::timestamptz AND xact >= %(xmax)s::xid8 AND {OF_CLUSTER}"
RAN_THEN = (
    f"stored_at >= %(epoch_at)s::timestamptz AND xact = ANY(%(running)s::xid8[]) AND {OF_CLUSTER}"
)
STORED_SINCE = "stored_at >= %(since)s::timestamptz"
BEHIND = (BEGAN_SINCE, RAN_THEN, STORED_SINCE)

# A transaction is not open for as long before it stores its events, so a reader passes over the
# months before; the projector does not, because what it passes over it would skip. A clock that was
# ahead is believed no longer than it was.
LATELY = "least(position_at, now()) - interval '1 day'"
BEGAN_LATELY = f"stored_at >= %(lately)s::timestamptz AND xact >= %(xmax)s::xid8 AND {OF_CLUSTER}"

# No event is behind the end of all transactions and times.
NOTHING_BEHIND = {
    "epoch_at": "infinity",
    "xmax": str(2**64 - 1),
    "running": "{}",
    "since": "infinity",
}

# Null: the position is a snapshot. A clock that was set back takes the position along.
SINCE = f"""CASE
        WHEN derived_before > now() - {OVERLAP} THEN now() - {OVERLAP} ELSE derived_before
    END"""

# Of the row of `projection`, as texts, because the driver knows no infinite time. In the order of
# NOTHING_BEHIND, which tests/store/derived/test_position.py guards.
BOUNDS = f"""CASE WHEN position IS NULL THEN 'infinity' ELSE epoch_at::text END AS epoch_at,
    coalesce(pg_snapshot_xmax(position::pg_snapshot)::text, '{NOTHING_BEHIND["xmax"]}') AS xmax,
    ARRAY(SELECT pg_snapshot_xip(position::pg_snapshot))::text AS running,
    coalesce(({SINCE})::text, 'infinity') AS since"""


def list_conditions(bounds: Mapping[str, str]) -> tuple[str, ...]:
    """Returns the conditions of what is behind a position for a reader, as few as there can be.

    The planner takes as long for each as Postgres does for a few events.

    Args:
        bounds: of the position.
    """
    if bounds["since"] != NOTHING_BEHIND["since"]:
        return (STORED_SINCE,)
    return (BEGAN_LATELY,) if bounds["running"] == "{}" else (BEGAN_LATELY, RAN_THEN)


def read_running(bounds: Mapping[str, object]) -> frozenset[int]:
    """Returns the transactions that were running at a position."""
    words = str(bounds["running"]).strip("{}")
    return frozenset(map(int, words.split(","))) if words else frozenset()


def read_bounds(row: Iterable[str]) -> dict[str, str]:
    """Returns the parameters of BEHIND from a row that begins with BOUNDS."""
    return dict(zip(NOTHING_BEHIND, row, strict=False))
