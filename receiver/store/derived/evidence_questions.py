"""The text of the questions for evidence, with the events that are not derived yet."""

from functools import cache

from receiver.projection.links import BY_IDENTIFIER, BY_PHONE_NUMBER, BY_SUBSCRIPTION, Via
from receiver.store.derived.derivation import IS_MALFORMED, STRENGTH, select_events
from receiver.store.derived.rows import DEVICES, TOLD, TOLD_ALONE

# Findings are looked at only where there is an identifier, which most events lack.
_REPORTED = f"""device_id, stored_at, seq, credential, subscription_id, phone_number,
        network_access_identifier,
        network_access_identifier IS NOT NULL AND {IS_MALFORMED} AS is_malformed"""

_TOLD_BESIDE = "".join(f", {each}" for each in TOLD_ALONE if each not in _REPORTED.split(", "))

# A device that was told is as good as one that was reported, and is one more of them.
_REGISTERED_STRENGTH = f"""CASE
        WHEN phone_number IS NOT NULL THEN {BY_PHONE_NUMBER} ELSE {BY_IDENTIFIER}
    END"""

# Subscriptions of one device, and identifiers of one device: tens in years.
KEYS_LIMIT = 1000

# A subscription links what nothing else identifies, of which an index has few rows. To look up what
# shares each subscription of a page of the fleet took half of what Postgres does for the page.
_MAY_LINK = f"""
    LEFT JOIN LATERAL (
        SELECT true AS has_weaker FROM subscription
        WHERE own.via = '{Via.SUBSCRIPTION}' AND credential = own.credential
            AND subscription_id = own.value AND strength = {BY_SUBSCRIPTION}
        LIMIT 1
    ) AS weaker ON true
    WHERE has_weaker OR via = '{Via.IDENTIFIER}' OR (credential, value) IN (
        SELECT credential, subscription_id FROM tail WHERE strength = {BY_SUBSCRIPTION}
    )"""  # noqa: S608 - composed of constants

# Shared keys alone link.
_EVIDENCE = """
SELECT via, credential, value, device_id, strength FROM other
UNION ALL
SELECT via, credential, value, own.device_id, own.strength
FROM key CROSS JOIN LATERAL unnest(devices, strengths) AS own (device_id, strength)
"""
_SHARED = """
WHERE cardinality(devices) > 1
    OR (via, credential, value) IN (SELECT via, credential, value FROM other)
"""

# A row is evidence, or has no `via` and is an event behind of one of the devices.
_OR_EVENT = f"""
SELECT evidence.*, {", ".join(f"NULL AS {each}" for each in TOLD_ALONE)}, NULL AS is_registered
FROM ({_EVIDENCE} {_SHARED}) AS evidence
UNION ALL
SELECT NULL, told.credential, NULL, told.device_id, strength,
    {", ".join(f"told.{each}" for each in TOLD_ALONE)},
    EXISTS (
        SELECT FROM subscription_registration AS registration
        WHERE registration.credential = told.credential
            AND registration.subscription_id = told.subscription_id
    )
FROM {{told}}
WHERE is_asked
"""  # noqa: S608 - composed of constants


_READ_AGAIN = f"""tail CROSS JOIN LATERAL (
    SELECT {TOLD} FROM event
    WHERE device_id = tail.device_id AND stored_at = tail.stored_at AND seq = tail.seq LIMIT 1
) AS told"""  # noqa: S608 - composed of constants


@cache
def compose_evidence(behind: tuple[str, ...], *, is_whole: bool = False) -> str:
    """Returns the question for the evidence of several devices, and of those that share a key.

    What nobody shares links nothing, and no subscription does without a weaker device. Of the
    others at most one is the weaker one, so any three tell whether there is a link: at least two of
    them are stronger. The events behind are read once.

    Args:
        behind: conditions of the events that are not derived yet.
        is_whole: all keys of the devices count, also those that nobody shares.
    """
    limit = "ALL" if is_whole else str(KEYS_LIMIT)
    keys = _find_keys(behind, limit, may_link="" if is_whole else _MAY_LINK)
    return keys + _EVIDENCE + ("" if is_whole else _SHARED)


@cache
def compose_evidence_and_events(behind: tuple[str, ...], *, is_apart: bool = False) -> str:
    """Returns the question for the evidence, and for the events behind that the devices told.

    Args:
        is_apart: whether several servers have the events, of which none is looked up for a
            row of something else: all columns are read at once.
    """
    if is_apart:
        keys = _find_keys(behind, str(KEYS_LIMIT), _REPORTED + _TOLD_BESIDE)
        return keys + _OR_EVENT.format(told="tail AS told")
    return _find_keys(behind, str(KEYS_LIMIT)) + _OR_EVENT.format(told=_READ_AGAIN)


def _find_keys(
    behind: tuple[str, ...], limit: str, columns: str = _REPORTED, may_link: str = _MAY_LINK
) -> str:
    """Returns the common table expressions of both questions.

    Postgres knows least of the newest events, and expects few. So they are compared with sets, in a
    form of which it makes no join: a join looked through all of them for each key, for 30 ms.
    """
    more = columns.removeprefix(_REPORTED)
    return f"""
WITH tail AS MATERIALIZED (
    SELECT device_id, stored_at, seq, credential, subscription_id, {STRENGTH} AS strength,
        CASE WHEN NOT is_malformed THEN network_access_identifier END AS identifier,
        device_id IN (SELECT {DEVICES}) AS is_asked{more}
    FROM (
        {select_events(columns, behind)}
    ) AS event
), own AS MATERIALIZED (
    SELECT own.via, own.credential, own.value, device.id AS device_id, own.strength
    FROM {DEVICES} AS device (id) CROSS JOIN LATERAL (
        (
            SELECT '{Via.SUBSCRIPTION}' AS via, credential, subscription_id AS value, strength
            FROM subscription WHERE device_id = device.id
            ORDER BY device_id, credential, subscription_id LIMIT {limit}
        )
        UNION ALL
        (
            SELECT '{Via.SUBSCRIPTION}', credential, subscription_id, {_REGISTERED_STRENGTH}
            FROM subscription_registration WHERE device_id = device.id LIMIT {limit}
        )
        UNION ALL
        (
            SELECT '{Via.IDENTIFIER}', '', value, strength FROM device_identifier
            WHERE device_id = device.id AND kind = '{Via.IDENTIFIER}' LIMIT {limit}
        )
    ) AS own
    UNION ALL
    SELECT via.via, via.credential, via.value, device_id, strength
    FROM tail CROSS JOIN LATERAL (VALUES
        ('{Via.SUBSCRIPTION}', credential, subscription_id),
        ('{Via.IDENTIFIER}', '', identifier)
    ) AS via (via, credential, value)
    WHERE is_asked AND via.value IS NOT NULL
), key AS MATERIALIZED (
    SELECT via, credential, value, array_agg(device_id) AS devices,
        array_agg(strength) AS strengths
    FROM own{may_link}
    GROUP BY via, credential, value
), other AS MATERIALIZED (
    SELECT key.via, key.credential, key.value, shared.device_id, shared.strength
    FROM key CROSS JOIN LATERAL (
        (
            SELECT device_id, strength FROM subscription
            WHERE key.via = '{Via.SUBSCRIPTION}'
                AND credential = key.credential AND subscription_id = key.value
            LIMIT 3
        )
        UNION ALL
        (
            SELECT device_id, {_REGISTERED_STRENGTH} FROM subscription_registration
            WHERE key.via = '{Via.SUBSCRIPTION}' AND device_id IS NOT NULL
                AND credential = key.credential AND subscription_id = key.value
        )
        UNION ALL
        (
            SELECT device_id, strength FROM device_identifier
            WHERE key.via = '{Via.IDENTIFIER}'
                AND kind = '{Via.IDENTIFIER}' AND value = key.value
            LIMIT 3
        )
    ) AS shared
    WHERE shared.device_id <> ALL(key.devices)
    UNION ALL
    SELECT '{Via.SUBSCRIPTION}', credential, subscription_id, device_id, strength
    FROM tail
    WHERE NOT is_asked AND subscription_id IS NOT NULL AND ((credential, subscription_id) IN (
        SELECT credential, value FROM key WHERE via = '{Via.SUBSCRIPTION}'
    )) IS TRUE
    UNION ALL
    SELECT '{Via.IDENTIFIER}', '', identifier, device_id, strength
    FROM tail
    WHERE NOT is_asked AND identifier IS NOT NULL AND (
        identifier IN (SELECT value FROM key WHERE via = '{Via.IDENTIFIER}')
    ) IS TRUE
)
"""  # noqa: S608 - composed of constants
