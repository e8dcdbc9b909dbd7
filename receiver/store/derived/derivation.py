"""The statement that derives registers, subscriptions and identifiers from events.

It computes what the folds of `receiver.projection` specify, set by set;
tests/projection/test_derivation_laws.py holds both equal.
"""

from collections.abc import Sequence

from receiver.events.axes import NAMES, PLAIN_SPECIFICITY, SPECIFICITIES
from receiver.events.findings import Finding
from receiver.events.registry import list_synonyms
from receiver.store.derived.merging import CHANGES_REGISTER, LATEST, MERGE_REGISTER, RANK

# The version of what is derived: a change of any derived value raises it, and a rebuild follows.
DERIVATION = 1

# The register of a device's latest event, whatever it says.
SEEN = "seen"

# When an event counts: at the arrival if the sender's clock is not believed. Each of both has its
# index, `event_ahead` and `event_device_history`; the first has few events.
IS_AHEAD = "occurred_at - received_at > interval '5 minutes'"
EFFECTIVE_AT = f"""CASE
        WHEN {IS_AHEAD} THEN received_at ELSE occurred_at
    END"""

_NAME_BITS = "\n".join(
    f"        WHEN '{synonym}' THEN {1 << bit}"
    for bit, name in enumerate(NAMES)
    for synonym in list_synonyms(name)
)
_SPECIFICITIES = "\n".join(
    f"        WHEN '{name}' THEN {specificity}" for name, specificity in SPECIFICITIES.items()
)
SPECIFICITY = f"""CASE name
{_SPECIFICITIES}
        ELSE {PLAIN_SPECIFICITY}
    END"""

# Such an identifier is shown and identifies nothing.
IS_MALFORMED = f"findings @> ARRAY['{Finding.NETWORK_ACCESS_IDENTIFIER_MALFORMED}']"

# What identifies the device, as `events.devices.identity` decides.
STRENGTH = """CASE
        WHEN phone_number IS NOT NULL THEN 3
        WHEN network_access_identifier IS NOT NULL AND NOT is_malformed THEN 2
        WHEN subscription_id IS NOT NULL THEN 1
        ELSE 0
    END"""

# The value of an event on each axis, as `events.axes.list_said` reads it; null: it says nothing.
CONNECTIVITY = "connectivity"
NETWORK_TYPE = "connected_network_type"
ROAMING = "roaming::text"
COUNTRY = """CASE
            WHEN roaming IS FALSE THEN '' ELSE coalesce(country_name[1], country_code::text)
        END"""
SEEN_IN = """to_char(effective_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24')"""

# What was said of a country abroad, as sent; of other axes nothing is kept beside the value.
_AS_SENT = """CASE WHEN roaming IS NOT FALSE THEN country_code END AS country_code,
        CASE WHEN roaming IS NOT FALSE THEN country_name END AS country_name"""
_NOT_SENT = "NULL::integer AS country_code, NULL::text[] AS country_name"

# An axis for each part of a UNION ALL: for a list of VALUES beside each event Postgres prepares the
# expressions of every row anew, a tenth of what an event costs it.
_SAID = "\n    UNION ALL\n    ".join(
    f"""SELECT device_id, '{axis}' AS axis, {value} AS value, {sent},
        effective_at, specificity, digest, stored_at, seq
    FROM fact WHERE {value} IS NOT NULL"""  # noqa: S608 - composed of constants
    for axis, value, sent in (
        ("connectivity", CONNECTIVITY, _NOT_SENT),
        ("roaming", ROAMING, _NOT_SENT),
        ("country", COUNTRY, _AS_SENT),
        ("network-type", NETWORK_TYPE, _NOT_SENT),
        (SEEN, SEEN_IN, _NOT_SENT),
    )
)

_READ = f"""device_id, stored_at, seq, digest, name, subscription_id, credential, occurred_at,
        received_at, phone_number, network_access_identifier, connectivity, roaming, country_code,
        country_name, connected_network_type, termination_reason, update_reason,
        {IS_MALFORMED} AS is_malformed"""


_KEY = ("credential", "subscription_id")
_CHANGES_SUBSCRIPTION = """excluded.strength > known.strength
        OR known.names | excluded.names <> known.names
        OR excluded.first_at < known.first_at
        OR excluded.started_at < coalesce(known.started_at, 'infinity')
        OR (excluded.ended_at, excluded.end_digest)
            > (coalesce(known.ended_at, '-infinity'), coalesce(known.end_digest, ''))
        OR (excluded.updated_at, excluded.update_digest)
            > (coalesce(known.updated_at, '-infinity'), coalesce(known.update_digest, ''))"""

# Every event, and what of dropped months still decides answers; see `store.retention`.
FACTS = "event_fact"


def select_events(
    columns: str, conditions: Sequence[str], also: str = "true", *, source: str = "event"
) -> str:
    """Returns the events that meet one of several conditions, none of which meet together.

    Args:
        conditions: none: there are no such events.
        also: a condition that all of them meet.
        source: `event`, or `FACTS`.
    """
    return "\n    UNION ALL\n    ".join(
        f"SELECT {columns} FROM {source} WHERE {condition} AND {also}"  # noqa: S608 - of constants
        for condition in conditions or ("false",)
    )


def _unless_unchanged(table: str, key: Sequence[str], changes: str, is_repeated: bool) -> str:
    """Returns the condition that leaves out rows to add that change nothing.

    An insert on conflict locks, and so writes, each row that it meets. The OFFSET keeps it a look
    into the index for each row, however many rows the planner expects.
    """
    same = " AND ".join(f"known.{column} = excluded.{column}" for column in ("device_id", *key))
    unchanged = f"SELECT FROM {table} AS known WHERE {same} AND ({changes}) IS NOT TRUE OFFSET 0"
    return f"NOT EXISTS ({unchanged})" if is_repeated else "true"


def derive(
    conditions: Sequence[str],
    also: str = "true",
    *,
    source: str = "event",
    is_repeated: bool = False,
) -> str:
    """Returns the common table expressions that derive from events, to which a statement is added.

    Args:
        conditions, also, source: choose the events, as in `select_events`.
        is_repeated: whether most of them were derived before. What changes nothing is looked for
            and left out then, which costs new rows more than it saves known ones.
    """
    return f"""
fact AS MATERIALIZED (
    SELECT *, {EFFECTIVE_AT} AS effective_at, ({STRENGTH})::smallint AS strength,
    ({SPECIFICITY})::smallint AS specificity,
    CASE name
{_NAME_BITS}
        ELSE 0
    END AS told
    FROM (
        {select_events(_READ, conditions, also, source=source)}
    ) AS event
), said AS (
    {_SAID}
), ranked AS (
    SELECT *, lag(value) OVER latest_first AS later_value,
        lag(effective_at) OVER latest_first AS later_at,
        first_value(value) OVER latest_first AS latest_value,
        last_value(effective_at) OVER latest_first AS first_at
    FROM said WINDOW latest_first AS (
        PARTITION BY device_id, axis ORDER BY {RANK}
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    )
), deciding AS (
    -- The latest event, then those of another value behind one of the latest value: the first of
    -- these is the latest with another value, and the one before it began the value.
    SELECT *, lead(effective_at) OVER latest_first AS other_at,
        lead(specificity) OVER latest_first AS other_specificity,
        lead(digest) OVER latest_first AS other_digest,
        lead(later_at) OVER latest_first AS since_at
    FROM ranked
    WHERE later_value IS NULL OR (later_value = latest_value AND value <> latest_value)
    WINDOW latest_first AS (PARTITION BY device_id, axis ORDER BY {RANK})
), registers AS (
    INSERT INTO device_status AS known (
        device_id, axis, {LATEST}, other_at, other_specificity, other_digest, first_at, since_at
    )
    SELECT * FROM (
        SELECT device_id, axis, {LATEST}, coalesce(other_at, '-infinity') AS other_at,
            coalesce(other_specificity, 0::smallint) AS other_specificity,
            coalesce(other_digest, '') AS other_digest, first_at,
            coalesce(since_at, first_at) AS since_at
        FROM deciding WHERE later_value IS NULL
    ) AS excluded
    WHERE {_unless_unchanged("device_status", ("axis",), CHANGES_REGISTER, is_repeated)}
    ORDER BY device_id, axis
    {MERGE_REGISTER}
), named AS (
    SELECT *, name IN ('subscription-ended', 'subscription-ends') AS is_end,
        name = 'subscription-updated' AS is_update, name = 'subscription-started' AS is_start
    FROM fact WHERE subscription_id IS NOT NULL
), subscriptions AS (
    INSERT INTO subscription AS known (
        device_id, credential, subscription_id, strength, names, first_at, started_at,
        ended_at, end_digest, end_reason, updated_at, update_digest, update_reason
    )
    SELECT * FROM (
        SELECT device_id, credential, subscription_id, max(strength) AS strength,
            bit_or(told) AS names, min(effective_at) AS first_at,
            min(effective_at) FILTER (WHERE is_start) AS started_at,
            max(effective_at) FILTER (WHERE is_end) AS ended_at,
            (array_agg(digest ORDER BY effective_at DESC, digest DESC)
                FILTER (WHERE is_end))[1] AS end_digest,
            (array_agg(termination_reason ORDER BY effective_at DESC, digest DESC)
                FILTER (WHERE is_end))[1] AS end_reason,
            max(effective_at) FILTER (WHERE is_update) AS updated_at,
            (array_agg(digest ORDER BY effective_at DESC, digest DESC)
                FILTER (WHERE is_update))[1] AS update_digest,
            (array_agg(update_reason ORDER BY effective_at DESC, digest DESC)
                FILTER (WHERE is_update))[1] AS update_reason
        FROM named GROUP BY device_id, credential, subscription_id
    ) AS excluded
    WHERE {_unless_unchanged("subscription", _KEY, _CHANGES_SUBSCRIPTION, is_repeated)}
    ORDER BY device_id, credential, subscription_id
    ON CONFLICT ON CONSTRAINT subscription_pkey DO UPDATE SET
        strength = greatest(known.strength, excluded.strength),
        names = known.names | excluded.names,
        first_at = least(known.first_at, excluded.first_at),
        started_at = least(known.started_at, excluded.started_at),
        (ended_at, end_digest, end_reason) = (
            SELECT * FROM (VALUES
                (known.ended_at, known.end_digest, known.end_reason),
                (excluded.ended_at, excluded.end_digest, excluded.end_reason)
            ) AS both_of (moment, digest, reason)
            ORDER BY moment DESC NULLS LAST, digest DESC LIMIT 1
        ),
        (updated_at, update_digest, update_reason) = (
            SELECT * FROM (VALUES
                (known.updated_at, known.update_digest, known.update_reason),
                (excluded.updated_at, excluded.update_digest, excluded.update_reason)
            ) AS both_of (moment, digest, reason)
            ORDER BY moment DESC NULLS LAST, digest DESC LIMIT 1
        )
    WHERE {_CHANGES_SUBSCRIPTION}
), identifiers AS (
    INSERT INTO device_identifier (device_id, kind, value, strength)
    SELECT DISTINCT device_id, 'phone-number', phone_number, strength
    FROM fact WHERE phone_number IS NOT NULL
    UNION ALL
    SELECT DISTINCT device_id, 'network-access-identifier', network_access_identifier, strength
    FROM fact WHERE network_access_identifier IS NOT NULL AND NOT is_malformed
    ORDER BY 1, 2, 3
    ON CONFLICT ON CONSTRAINT device_identifier_pkey DO NOTHING
)"""  # noqa: S608 - composed of constants
