"""Retention: what of dropped months goes on deciding answers, and views that read it.

Every event and every seed is a fact of `event_fact`; counts of dropped months stand beside those of
the events that are kept. Until a month is dropped both tables are empty, and all answers are as
they were.
"""

from alembic import op

from receiver.store.schema.commands import execute

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

RETENTION = """
CREATE TABLE retention (
    singleton BOOLEAN DEFAULT true NOT NULL CONSTRAINT retention_singleton CHECK (singleton),
    kept_from TIMESTAMP WITH TIME ZONE NOT NULL,
    leaving_until TIMESTAMP WITH TIME ZONE,
    seeded_below UUID,
    counted_below TEXT,
    identities_from TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT retention_pkey PRIMARY KEY (singleton)
)
"""

EVENT_SEED = """
CREATE TABLE event_seed (
    device_id UUID NOT NULL,
    stored_at TIMESTAMP WITH TIME ZONE NOT NULL,
    seq BIGINT NOT NULL,
    digest BYTEA NOT NULL,
    name TEXT NOT NULL,
    subscription_id TEXT,
    credential TEXT NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    phone_number TEXT,
    network_access_identifier TEXT,
    connectivity TEXT,
    roaming BOOLEAN,
    country_code INTEGER,
    country_name TEXT[],
    connected_network_type TEXT,
    termination_reason TEXT,
    update_reason TEXT,
    findings TEXT[] NOT NULL,
    decides_from TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT event_seed_pkey PRIMARY KEY (device_id, occurred_at, stored_at, seq)
)
"""

SUBSCRIPTION_RETIRED = """
CREATE TABLE subscription_retired (
    credential TEXT NOT NULL,
    subscription_id TEXT NOT NULL,
    name TEXT NOT NULL,
    month TIMESTAMP WITH TIME ZONE NOT NULL,
    events BIGINT NOT NULL,
    charged BIGINT NOT NULL,
    first_at TIMESTAMP WITH TIME ZONE NOT NULL,
    last_at TIMESTAMP WITH TIME ZONE NOT NULL,
    longest_pause INTERVAL,
    description TEXT,
    CONSTRAINT subscription_retired_pkey PRIMARY KEY (subscription_id, credential, name, month)
)
"""

EVENT_SEED_AHEAD = """
CREATE INDEX event_seed_ahead ON event_seed (device_id, received_at)
WHERE occurred_at - received_at > interval '5 minutes'
"""

EVENT_SEED_NETWORK_ACCESS_IDENTIFIER = """
CREATE INDEX event_seed_network_access_identifier ON event_seed (network_access_identifier)
WHERE network_access_identifier IS NOT NULL
"""

EVENT_FACT = """
CREATE VIEW event_fact AS
SELECT
    device_id,
    stored_at,
    seq,
    digest,
    name,
    subscription_id,
    credential,
    occurred_at,
    received_at,
    phone_number,
    network_access_identifier,
    connectivity,
    roaming,
    country_code,
    country_name,
    connected_network_type,
    termination_reason,
    update_reason,
    findings
FROM event
UNION ALL
SELECT
    device_id,
    stored_at,
    seq,
    digest,
    name,
    subscription_id,
    credential,
    occurred_at,
    received_at,
    phone_number,
    network_access_identifier,
    connectivity,
    roaming,
    country_code,
    country_name,
    connected_network_type,
    termination_reason,
    update_reason,
    findings
FROM event_seed
"""

SUBSCRIPTION_EVENT = """
CREATE VIEW subscription_event AS
SELECT
    event.credential,
    event.subscription_id,
    1::bigint AS events,
    CASE WHEN event.kind <> 'subscription' THEN 1 ELSE 0 END::bigint AS charged,
    event_time.at AS first_at,
    event_time.at AS last_at,
    NULL::interval AS longest_pause
FROM event
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN event.occurred_at - event.received_at > interval '5 minutes' THEN event.received_at
        ELSE event.occurred_at
    END AS at
) AS event_time
WHERE event.subscription_id IS NOT NULL
    AND event.stored_at >= coalesce((SELECT retention.kept_from FROM retention), '-infinity')
UNION ALL
SELECT
    retired.credential,
    retired.subscription_id,
    retired.events,
    retired.charged,
    retired.first_at,
    retired.last_at,
    retired.longest_pause
FROM subscription_retired AS retired
WHERE retired.month < (SELECT retention.kept_from FROM retention)
"""

AXIS_INTERVAL = """
CREATE OR REPLACE VIEW axis_interval AS
WITH said AS (
    SELECT
        member.device_id,
        axis.axis,
        CASE
            WHEN event.occurred_at - event.received_at > interval '5 minutes' THEN event.received_at
            ELSE event.occurred_at
        END AS at,
        CASE event.name
            WHEN 'roaming-status' THEN 2 WHEN 'roaming-change-country' THEN 3 ELSE 1
        END AS specificity,
        event.digest,
        axis.value,
        CASE WHEN axis.axis = 'country' AND event.roaming IS NOT FALSE THEN event.country_code END
            AS country_code,
        CASE WHEN axis.axis = 'country' AND event.roaming IS NOT FALSE THEN event.country_name END
            AS country_name
    FROM device_member AS member
    JOIN event_fact AS event ON event.device_id = member.member_id
    CROSS JOIN LATERAL (VALUES
        ('connectivity', event.connectivity),
        ('roaming', event.roaming::text),
        ('country', CASE
            WHEN event.roaming IS FALSE THEN ''
            ELSE coalesce(event.country_name[1], event.country_code::text)
        END),
        ('network-type', event.connected_network_type)
    ) AS axis (axis, value)
    WHERE axis.value IS NOT NULL
), point AS (
    SELECT
        device_id, axis, at, false AS is_closing, specificity, digest, value, country_code,
        country_name, NULL AS because, 0 AS lost, 0 AS told
    FROM said
    UNION ALL
    SELECT
        uncovered.device_id, axis.axis, uncovered.at, true, 0, '', NULL, NULL, NULL,
        uncovered.because, uncovered.lost, uncovered.told
    FROM uncovered
    CROSS JOIN (VALUES ('connectivity'), ('roaming'), ('country'), ('network-type')) AS axis (axis)
), placed AS (
    SELECT *, count(value) OVER (
        PARTITION BY device_id, axis ORDER BY at, is_closing, specificity, digest, because
    ) AS place
    FROM point
), holding AS (
    SELECT *, max(value) OVER (PARTITION BY device_id, axis, place) AS held FROM placed
), counted AS (
    SELECT *, value IS DISTINCT FROM lag(value) OVER (
        PARTITION BY device_id, axis ORDER BY at, is_closing, specificity, digest, because
    ) AS is_change
    FROM holding
    WHERE NOT is_closing OR (place > 0 AND EXISTS (
        SELECT FROM way_out
        WHERE way_out.axis = holding.axis
            AND (way_out.value IS NULL OR way_out.value = holding.held)
            AND (way_out.other_than IS NULL OR way_out.other_than <> holding.held)
            AND holding.lost & way_out.names <> 0
            AND holding.told & way_out.names = 0
    ))
), run AS (
    SELECT *, count(*) FILTER (WHERE is_change) OVER (
        PARTITION BY device_id, axis ORDER BY at, is_closing, specificity, digest, because
    ) AS number
    FROM counted
), named AS (
    SELECT
        device_id, axis, number, at, value, because, is_change,
        first_value(country_code) OVER latest_first AS country_code,
        first_value(country_name) OVER latest_first AS country_name
    FROM run
    WINDOW latest_first AS (
        PARTITION BY device_id, axis, number ORDER BY at DESC, specificity DESC, digest DESC
    )
), begun AS (
    SELECT *, lead(at) OVER (PARTITION BY device_id, axis ORDER BY number) AS to_at
    FROM named
    WHERE is_change
)
SELECT
    begun.device_id,
    begun.axis,
    greatest(begun.at, kept.kept_from) AS from_at,
    begun.to_at,
    begun.value,
    begun.because,
    lead(begun.because) OVER (PARTITION BY begun.device_id, begun.axis ORDER BY begun.number)
        AS ended_because,
    begun.country_code,
    begun.country_name
FROM begun
CROSS JOIN (SELECT max(retention.kept_from) AS kept_from FROM retention) AS kept
WHERE begun.to_at IS NULL OR begun.to_at > greatest(begun.at, kept.kept_from)
"""

DEVICE = """
CREATE OR REPLACE VIEW reporting.device AS
SELECT
    device.device_id,
    (
        SELECT min(identifier.value) FROM device_identifier AS identifier
        WHERE identifier.device_id = device.device_id AND identifier.kind = 'phone-number'
    ) AS phone_number,
    (
        SELECT min(identifier.value) FROM device_identifier AS identifier
        WHERE identifier.device_id = device.device_id
            AND identifier.kind = 'network-access-identifier'
    ) AS network_access_identifier,
    CASE WHEN device.connectivity_unknown_since IS NULL THEN device.connectivity_value END AS connectivity,
    CASE WHEN device.connectivity_after_at = '-infinity' THEN device.connectivity_first_at ELSE (
        SELECT least(min(told.at), device.connectivity_at)
        FROM unnest(device.members) AS member (id)
        CROSS JOIN LATERAL (
            (
                SELECT event.occurred_at AS at
                FROM event_fact AS event
                WHERE event.device_id = member.id
                    AND NOT event.occurred_at - event.received_at > interval '5 minutes'
                    AND event.occurred_at >= device.connectivity_after_at
                    AND event.connectivity = device.connectivity_value
                    AND (
                        event.occurred_at,
                        CASE event.name
                            WHEN 'roaming-status' THEN 2 WHEN 'roaming-change-country' THEN 3
                            ELSE 1
                        END,
                        event.digest
                    ) > (
                        device.connectivity_after_at, device.connectivity_after_specificity,
                        device.connectivity_after_digest
                    )
                ORDER BY event.occurred_at
                LIMIT 1
            )
            UNION ALL
            (
                SELECT event.received_at AS at
                FROM event_fact AS event
                WHERE event.device_id = member.id
                    AND event.occurred_at - event.received_at > interval '5 minutes'
                    AND event.received_at >= device.connectivity_after_at
                    AND event.connectivity = device.connectivity_value
                    AND (
                        event.received_at,
                        CASE event.name
                            WHEN 'roaming-status' THEN 2 WHEN 'roaming-change-country' THEN 3
                            ELSE 1
                        END,
                        event.digest
                    ) > (
                        device.connectivity_after_at, device.connectivity_after_specificity,
                        device.connectivity_after_digest
                    )
                ORDER BY event.received_at
                LIMIT 1
            )
        ) AS told
    ) END AS connectivity_since,
    device.connectivity_at AS connectivity_confirmed_at,
    CASE
        WHEN device.connectivity_value IS NULL THEN 'never-reported' ELSE device.connectivity_because
    END AS connectivity_unknown_because,
    device.connectivity_unknown_since AS connectivity_unknown_since,
    CASE WHEN device.connectivity_unknown_since IS NOT NULL THEN device.connectivity_value END AS connectivity_last,
    CASE WHEN device.roaming_unknown_since IS NULL THEN device.roaming_value::boolean END AS roaming,
    CASE WHEN device.roaming_after_at = '-infinity' THEN device.roaming_first_at ELSE (
        SELECT least(min(told.at), device.roaming_at)
        FROM unnest(device.members) AS member (id)
        CROSS JOIN LATERAL (
            (
                SELECT event.occurred_at AS at
                FROM event_fact AS event
                WHERE event.device_id = member.id
                    AND NOT event.occurred_at - event.received_at > interval '5 minutes'
                    AND event.occurred_at >= device.roaming_after_at
                    AND event.roaming::text = device.roaming_value
                    AND (
                        event.occurred_at,
                        CASE event.name
                            WHEN 'roaming-status' THEN 2 WHEN 'roaming-change-country' THEN 3
                            ELSE 1
                        END,
                        event.digest
                    ) > (
                        device.roaming_after_at, device.roaming_after_specificity,
                        device.roaming_after_digest
                    )
                ORDER BY event.occurred_at
                LIMIT 1
            )
            UNION ALL
            (
                SELECT event.received_at AS at
                FROM event_fact AS event
                WHERE event.device_id = member.id
                    AND event.occurred_at - event.received_at > interval '5 minutes'
                    AND event.received_at >= device.roaming_after_at
                    AND event.roaming::text = device.roaming_value
                    AND (
                        event.received_at,
                        CASE event.name
                            WHEN 'roaming-status' THEN 2 WHEN 'roaming-change-country' THEN 3
                            ELSE 1
                        END,
                        event.digest
                    ) > (
                        device.roaming_after_at, device.roaming_after_specificity,
                        device.roaming_after_digest
                    )
                ORDER BY event.received_at
                LIMIT 1
            )
        ) AS told
    ) END AS roaming_since,
    device.roaming_at AS roaming_confirmed_at,
    CASE
        WHEN device.roaming_value IS NULL THEN 'never-reported' ELSE device.roaming_because
    END AS roaming_unknown_because,
    device.roaming_unknown_since AS roaming_unknown_since,
    CASE WHEN device.roaming_unknown_since IS NOT NULL THEN device.roaming_value::boolean END AS roaming_last,
    CASE WHEN device.is_abroad THEN device.country_value END AS country,
    CASE WHEN device.is_abroad THEN device.country_code END AS country_code,
    CASE WHEN device.is_abroad THEN device.country_name END AS country_name,
    CASE WHEN device.network_type_unknown_since IS NULL THEN device.network_type_value END AS connected_network_type,
    CASE WHEN device.network_type_after_at = '-infinity' THEN device.network_type_first_at ELSE (
        SELECT least(min(told.at), device.network_type_at)
        FROM unnest(device.members) AS member (id)
        CROSS JOIN LATERAL (
            (
                SELECT event.occurred_at AS at
                FROM event_fact AS event
                WHERE event.device_id = member.id
                    AND NOT event.occurred_at - event.received_at > interval '5 minutes'
                    AND event.occurred_at >= device.network_type_after_at
                    AND event.connected_network_type = device.network_type_value
                    AND (
                        event.occurred_at,
                        CASE event.name
                            WHEN 'roaming-status' THEN 2 WHEN 'roaming-change-country' THEN 3
                            ELSE 1
                        END,
                        event.digest
                    ) > (
                        device.network_type_after_at, device.network_type_after_specificity,
                        device.network_type_after_digest
                    )
                ORDER BY event.occurred_at
                LIMIT 1
            )
            UNION ALL
            (
                SELECT event.received_at AS at
                FROM event_fact AS event
                WHERE event.device_id = member.id
                    AND event.occurred_at - event.received_at > interval '5 minutes'
                    AND event.received_at >= device.network_type_after_at
                    AND event.connected_network_type = device.network_type_value
                    AND (
                        event.received_at,
                        CASE event.name
                            WHEN 'roaming-status' THEN 2 WHEN 'roaming-change-country' THEN 3
                            ELSE 1
                        END,
                        event.digest
                    ) > (
                        device.network_type_after_at, device.network_type_after_specificity,
                        device.network_type_after_digest
                    )
                ORDER BY event.received_at
                LIMIT 1
            )
        ) AS told
    ) END AS connected_network_type_since,
    device.network_type_at AS connected_network_type_confirmed_at,
    CASE
        WHEN device.network_type_value IS NULL THEN 'never-reported' ELSE device.network_type_because
    END AS connected_network_type_unknown_because,
    device.network_type_unknown_since AS connected_network_type_unknown_since,
    CASE WHEN device.network_type_unknown_since IS NOT NULL THEN device.network_type_value END AS connected_network_type_last,
    device.first_event_at,
    device.last_event_at
FROM (
    SELECT
        device_id,
        max(value) FILTER (WHERE axis = 'connectivity') AS connectivity_value,
        max(effective_at) FILTER (WHERE axis = 'connectivity') AS connectivity_at,
        max(first_at) FILTER (WHERE axis = 'connectivity') AS connectivity_first_at,
        max(unknown_since) FILTER (WHERE axis = 'connectivity') AS connectivity_unknown_since,
        max(because) FILTER (WHERE axis = 'connectivity') AS connectivity_because,
        max(greatest(other_at, lost_at)) FILTER (WHERE axis = 'connectivity') AS connectivity_after_at,
        max(CASE WHEN lost_at >= other_at THEN 32767 ELSE other_specificity END) FILTER (WHERE axis = 'connectivity')
            AS connectivity_after_specificity,
        (array_agg(CASE WHEN lost_at >= other_at THEN ''::bytea ELSE other_digest END) FILTER (WHERE axis = 'connectivity'))[1]
            AS connectivity_after_digest,
        max(value) FILTER (WHERE axis = 'roaming') AS roaming_value,
        max(effective_at) FILTER (WHERE axis = 'roaming') AS roaming_at,
        max(first_at) FILTER (WHERE axis = 'roaming') AS roaming_first_at,
        max(unknown_since) FILTER (WHERE axis = 'roaming') AS roaming_unknown_since,
        max(because) FILTER (WHERE axis = 'roaming') AS roaming_because,
        max(greatest(other_at, lost_at)) FILTER (WHERE axis = 'roaming') AS roaming_after_at,
        max(CASE WHEN lost_at >= other_at THEN 32767 ELSE other_specificity END) FILTER (WHERE axis = 'roaming')
            AS roaming_after_specificity,
        (array_agg(CASE WHEN lost_at >= other_at THEN ''::bytea ELSE other_digest END) FILTER (WHERE axis = 'roaming'))[1]
            AS roaming_after_digest,
        max(value) FILTER (WHERE axis = 'network-type') AS network_type_value,
        max(effective_at) FILTER (WHERE axis = 'network-type') AS network_type_at,
        max(first_at) FILTER (WHERE axis = 'network-type') AS network_type_first_at,
        max(unknown_since) FILTER (WHERE axis = 'network-type') AS network_type_unknown_since,
        max(because) FILTER (WHERE axis = 'network-type') AS network_type_because,
        max(greatest(other_at, lost_at)) FILTER (WHERE axis = 'network-type') AS network_type_after_at,
        max(CASE WHEN lost_at >= other_at THEN 32767 ELSE other_specificity END) FILTER (WHERE axis = 'network-type')
            AS network_type_after_specificity,
        (array_agg(CASE WHEN lost_at >= other_at THEN ''::bytea ELSE other_digest END) FILTER (WHERE axis = 'network-type'))[1]
            AS network_type_after_digest,
        count(*) FILTER (
            WHERE unknown_since IS NULL
                AND ((axis = 'roaming' AND value = 'true') OR (axis = 'country' AND value <> ''))
        ) = 2 AS is_abroad,
        max(value) FILTER (WHERE axis = 'country') AS country_value,
        max(country_code) FILTER (WHERE axis = 'country') AS country_code,
        max(country_name) FILTER (WHERE axis = 'country') AS country_name,
        max(first_at) FILTER (WHERE axis = 'seen') AS first_event_at,
        max(effective_at) FILTER (WHERE axis = 'seen') AS last_event_at,
        max(members) FILTER (WHERE axis = 'seen') AS members
    FROM axis_status
    GROUP BY device_id
) AS device
"""

INTERVALS = """
CREATE OR REPLACE FUNCTION reporting.intervals(axis text, from_time timestamptz, to_time timestamptz)
RETURNS TABLE (
    device_id uuid, from_at timestamptz, to_at timestamptz, value text, unknown_because text,
    began_earlier boolean, ends_later boolean
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
WITH said AS (
    SELECT member.device_id, said.*
    FROM device_member AS member
    JOIN device_status AS latest
        ON latest.device_id = member.member_id AND latest.axis = intervals.axis
    CROSS JOIN LATERAL (
        SELECT latest.effective_at AS at, latest.specificity, latest.digest, latest.value
        WHERE latest.effective_at < from_time
        UNION ALL
        SELECT told.* FROM (
            (
                SELECT
                    event.occurred_at AS at,
                    CASE event.name
                        WHEN 'roaming-status' THEN 2 WHEN 'roaming-change-country' THEN 3 ELSE 1
                    END AS specificity,
                    event.digest,
                    axis.value
                FROM event_fact AS event
                CROSS JOIN LATERAL (SELECT CASE intervals.axis
                    WHEN 'connectivity' THEN event.connectivity
                    WHEN 'roaming' THEN event.roaming::text
                    WHEN 'network-type' THEN event.connected_network_type
                    WHEN 'country' THEN CASE
                        WHEN event.roaming IS FALSE THEN ''
                        ELSE coalesce(event.country_name[1], event.country_code::text)
                    END
                END) AS axis (value)
                WHERE event.device_id = member.member_id
                    AND NOT event.occurred_at - event.received_at > interval '5 minutes'
                    AND event.occurred_at >= from_time
                    AND event.occurred_at < to_time
                    AND axis.value IS NOT NULL
            )
            UNION ALL
            (
                SELECT
                    event.occurred_at,
                    CASE event.name
                        WHEN 'roaming-status' THEN 2 WHEN 'roaming-change-country' THEN 3 ELSE 1
                    END,
                    event.digest,
                    axis.value
                FROM event_fact AS event
                CROSS JOIN LATERAL (SELECT CASE intervals.axis
                    WHEN 'connectivity' THEN event.connectivity
                    WHEN 'roaming' THEN event.roaming::text
                    WHEN 'network-type' THEN event.connected_network_type
                    WHEN 'country' THEN CASE
                        WHEN event.roaming IS FALSE THEN ''
                        ELSE coalesce(event.country_name[1], event.country_code::text)
                    END
                END) AS axis (value)
                WHERE event.device_id = member.member_id
                    AND NOT event.occurred_at - event.received_at > interval '5 minutes'
                    AND event.occurred_at < from_time
                    AND axis.value IS NOT NULL
                    AND latest.first_at < from_time
                ORDER BY event.occurred_at DESC, 2 DESC, event.digest DESC
                LIMIT 1
            )
            UNION ALL
            SELECT
                event.received_at,
                CASE event.name
                    WHEN 'roaming-status' THEN 2 WHEN 'roaming-change-country' THEN 3 ELSE 1
                END,
                event.digest,
                axis.value
            FROM event_fact AS event
            CROSS JOIN LATERAL (SELECT CASE intervals.axis
                WHEN 'connectivity' THEN event.connectivity
                WHEN 'roaming' THEN event.roaming::text
                WHEN 'network-type' THEN event.connected_network_type
                WHEN 'country' THEN CASE
                    WHEN event.roaming IS FALSE THEN ''
                    ELSE coalesce(event.country_name[1], event.country_code::text)
                END
            END) AS axis (value)
            WHERE event.device_id = member.member_id
                AND event.occurred_at - event.received_at > interval '5 minutes'
                AND event.received_at < to_time
                AND axis.value IS NOT NULL
        ) AS told
        WHERE latest.effective_at >= from_time AND latest.first_at < to_time
    ) AS said
), point AS (
    SELECT
        device_id, at, false AS is_closing, specificity, digest, value, NULL AS because, 0 AS lost,
        0 AS told
    FROM said
    UNION ALL
    SELECT
        uncovered.device_id, uncovered.at, true, 0, '', NULL, uncovered.because, uncovered.lost,
        uncovered.told
    FROM uncovered
    WHERE uncovered.at < to_time
), placed AS (
    SELECT *, count(value) OVER (
        PARTITION BY device_id ORDER BY at, is_closing, specificity, digest, because
    ) AS place
    FROM point
), holding AS (
    SELECT *, max(value) OVER (PARTITION BY device_id, place) AS held FROM placed
), counted AS (
    SELECT *, value IS DISTINCT FROM lag(value) OVER (
        PARTITION BY device_id ORDER BY at, is_closing, specificity, digest, because
    ) AS is_change
    FROM holding
    WHERE NOT is_closing OR (place > 0 AND EXISTS (
        SELECT FROM way_out
        WHERE way_out.axis = intervals.axis
            AND (way_out.value IS NULL OR way_out.value = holding.held)
            AND (way_out.other_than IS NULL OR way_out.other_than <> holding.held)
            AND holding.lost & way_out.names <> 0
            AND holding.told & way_out.names = 0
    ))
), begun AS MATERIALIZED (
    SELECT
        device_id, at, value, because,
        lead(at) OVER (
            PARTITION BY device_id ORDER BY at, is_closing, specificity, digest, because
        ) AS to_at
    FROM counted
    WHERE is_change
), known AS (
    SELECT device_id, at, to_at, value, because
    FROM begun
    WHERE to_at IS NULL OR (to_at > at AND to_at > from_time)
    UNION ALL
    SELECT member.device_id, from_time, min(begun.at), NULL, 'never-reported'
    FROM device_member AS member
    LEFT JOIN begun ON begun.device_id = member.device_id
    WHERE member.member_id = member.device_id
        AND intervals.axis IN ('connectivity', 'roaming', 'country', 'network-type')
    GROUP BY member.device_id
    HAVING min(begun.at) > from_time OR min(begun.at) IS NULL
)
SELECT
    known.device_id,
    greatest(known.at, from_time, kept.kept_from),
    CASE
        WHEN known.to_at IS NOT NULL THEN known.to_at
        WHEN to_time <= now() THEN to_time
    END,
    known.value,
    known.because,
    known.at < greatest(from_time, kept.kept_from)
        AND known.because IS DISTINCT FROM 'never-reported',
    known.to_at IS NULL AND to_time <= now()
FROM known
CROSS JOIN (SELECT max(retention.kept_from) AS kept_from FROM retention) AS kept
WHERE from_time < to_time
    AND (kept.kept_from IS NULL OR kept.kept_from < least(known.to_at, to_time));
END
"""

SUBSCRIPTION = """
CREATE OR REPLACE VIEW reporting.subscription AS
SELECT
    known.credential,
    known.subscription_id,
    CASE
        WHEN told.ended_at IS NOT NULL THEN 'ended'
        WHEN registered.expires_at <= now() THEN 'overdue'
        WHEN told.update_reason = 'SUBSCRIPTION_INACTIVE' THEN 'inactive'
        ELSE 'active'
    END AS state,
    about.device_ids,
    ARRAY(
        SELECT bit.name
        FROM unnest(ARRAY[
            'connectivity-data', 'connectivity-sms', 'connectivity-disconnected', 'connectivity',
            'roaming-status', 'roaming-on', 'roaming-off', 'roaming-change-country',
            'network-type-changed'
        ]) WITH ORDINALITY AS bit (name, place)
        WHERE told.names & (1 << (bit.place::integer - 1)) <> 0
        ORDER BY bit.name COLLATE "C"
    ) AS names,
    told.first_at,
    told.started_at,
    CASE WHEN told.update_reason = 'SUBSCRIPTION_INACTIVE' THEN told.updated_at END AS inactive_at,
    told.ended_at,
    told.end_reason AS termination_reason,
    registered.registered_at,
    registered.starts_at,
    registered.expires_at,
    registered.max_events,
    registered.types,
    registered.phone_number,
    registered.network_access_identifier,
    (
        SELECT coalesce(sum(counted.events), 0)::bigint FROM subscription_event AS counted
        WHERE counted.subscription_id = known.subscription_id
            AND counted.credential = known.credential
    ) AS events,
    (
        SELECT coalesce(sum(counted.charged), 0)::bigint FROM subscription_event AS counted
        WHERE counted.subscription_id = known.subscription_id
            AND counted.credential = known.credential
    ) AS charged_events,
    (
        SELECT max(counted.last_at) FROM subscription_event AS counted
        WHERE counted.subscription_id = known.subscription_id
            AND counted.credential = known.credential
    ) AS last_event_at,
    told.ended_at IS NULL AND coalesce((
        SELECT sum(paused.events) >= 5
            AND now() - max(paused.last_at) > greatest(3 * max(paused.pause), interval '1 day')
        FROM (
            SELECT
                counted.events,
                counted.last_at,
                greatest(counted.longest_pause, counted.first_at - max(counted.last_at) OVER (
                    ORDER BY counted.first_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
                )) AS pause
            FROM subscription_event AS counted
            WHERE counted.subscription_id = known.subscription_id
                AND counted.credential = known.credential
        ) AS paused
    ), false) AS is_silent,
    coalesce(least(
        told.ended_at,
        CASE WHEN told.update_reason = 'SUBSCRIPTION_INACTIVE' THEN told.updated_at END
    ) <= now(), false) AND EXISTS (
        SELECT FROM way_out
        CROSS JOIN (
            SELECT coalesce(bit_or(other.names), 0) AS names
            FROM (
                SELECT about.device_ids || ARRAY(
                    SELECT link.device_id FROM device_link AS link
                    WHERE link.linked_device_id = ANY(about.device_ids)
                ) AS device_ids
            ) AS alike
            CROSS JOIN LATERAL (
                SELECT subscription.credential, subscription.subscription_id FROM subscription
                WHERE subscription.device_id = ANY(alike.device_ids)
                UNION
                SELECT registration.credential, registration.subscription_id
                FROM subscription_registration AS registration
                WHERE registration.device_id = ANY(alike.device_ids)
            ) AS near
            CROSS JOIN LATERAL (
                SELECT
                    bit_or(said.names) AS names,
                    min(said.first_at) AS first_at,
                    max(said.ended_at) AS ended_at,
                    CASE
                        WHEN (array_agg(
                            said.update_reason
                            ORDER BY said.updated_at DESC NULLS LAST, said.update_digest DESC
                        ))[1] = 'SUBSCRIPTION_INACTIVE' THEN max(said.updated_at)
                    END AS inactive_at
                FROM (
                    SELECT
                        subscription.names, subscription.first_at, subscription.ended_at,
                        subscription.updated_at, subscription.update_digest,
                        subscription.update_reason
                    FROM subscription
                    WHERE subscription.credential = near.credential
                        AND subscription.subscription_id = near.subscription_id
                    UNION ALL
                    SELECT span.names, span.first_at, NULL, NULL, NULL, NULL
                    FROM registered_span AS span
                    WHERE span.credential = near.credential
                        AND span.subscription_id = near.subscription_id
                ) AS said
            ) AS other
            WHERE other.first_at <= now()
                AND coalesce(least(other.ended_at, other.inactive_at), 'infinity') > now()
        ) AS open_now
        WHERE way_out.names & (told.names | coalesce((
                SELECT span.names FROM registered_span AS span
                WHERE span.credential = known.credential
                    AND span.subscription_id = known.subscription_id
            ), 0)) <> 0
            AND way_out.names & open_now.names = 0
    ) AS is_uncovered
FROM (
    SELECT subscription.credential, subscription.subscription_id FROM subscription
    UNION
    SELECT subscription_registration.credential, subscription_registration.subscription_id
    FROM subscription_registration
) AS known
LEFT JOIN subscription_registration AS registered
    ON registered.credential = known.credential
    AND registered.subscription_id = known.subscription_id
CROSS JOIN LATERAL (
    SELECT
        max(subscription.strength) AS strength,
        coalesce(bit_or(subscription.names), 0) AS names,
        min(subscription.first_at) AS first_at,
        min(subscription.started_at) AS started_at,
        max(subscription.ended_at) AS ended_at,
        (array_agg(
            subscription.end_reason
            ORDER BY subscription.ended_at DESC NULLS LAST, subscription.end_digest DESC
        ))[1] AS end_reason,
        max(subscription.updated_at) AS updated_at,
        (array_agg(
            subscription.update_reason
            ORDER BY subscription.updated_at DESC NULLS LAST, subscription.update_digest DESC
        ))[1] AS update_reason
    FROM subscription
    WHERE subscription.credential = known.credential
        AND subscription.subscription_id = known.subscription_id
) AS told
CROSS JOIN LATERAL (
    SELECT ARRAY(
        SELECT subscription.device_id FROM subscription
        WHERE subscription.credential = known.credential
            AND subscription.subscription_id = known.subscription_id
            AND (
                subscription.strength > 1
                OR (told.strength <= 1 AND registered.device_id IS NULL)
            )
        UNION
        SELECT registered.device_id WHERE registered.device_id IS NOT NULL
        ORDER BY 1
    ) AS device_ids
) AS about
"""

AXIS_INTERVAL_BEFORE = """
CREATE OR REPLACE VIEW axis_interval AS
WITH said AS (
    SELECT
        member.device_id,
        axis.axis,
        CASE
            WHEN event.occurred_at - event.received_at > interval '5 minutes' THEN event.received_at
            ELSE event.occurred_at
        END AS at,
        CASE event.name
            WHEN 'roaming-status' THEN 2 WHEN 'roaming-change-country' THEN 3 ELSE 1
        END AS specificity,
        event.digest,
        axis.value,
        CASE WHEN axis.axis = 'country' AND event.roaming IS NOT FALSE THEN event.country_code END
            AS country_code,
        CASE WHEN axis.axis = 'country' AND event.roaming IS NOT FALSE THEN event.country_name END
            AS country_name
    FROM device_member AS member
    JOIN event ON event.device_id = member.member_id
    CROSS JOIN LATERAL (VALUES
        ('connectivity', event.connectivity),
        ('roaming', event.roaming::text),
        ('country', CASE
            WHEN event.roaming IS FALSE THEN ''
            ELSE coalesce(event.country_name[1], event.country_code::text)
        END),
        ('network-type', event.connected_network_type)
    ) AS axis (axis, value)
    WHERE axis.value IS NOT NULL
), point AS (
    SELECT
        device_id, axis, at, false AS is_closing, specificity, digest, value, country_code,
        country_name, NULL AS because, 0 AS lost, 0 AS told
    FROM said
    UNION ALL
    SELECT
        uncovered.device_id, axis.axis, uncovered.at, true, 0, '', NULL, NULL, NULL,
        uncovered.because, uncovered.lost, uncovered.told
    FROM uncovered
    CROSS JOIN (VALUES ('connectivity'), ('roaming'), ('country'), ('network-type')) AS axis (axis)
), placed AS (
    SELECT *, count(value) OVER (
        PARTITION BY device_id, axis ORDER BY at, is_closing, specificity, digest, because
    ) AS place
    FROM point
), holding AS (
    SELECT *, max(value) OVER (PARTITION BY device_id, axis, place) AS held FROM placed
), counted AS (
    SELECT *, value IS DISTINCT FROM lag(value) OVER (
        PARTITION BY device_id, axis ORDER BY at, is_closing, specificity, digest, because
    ) AS is_change
    FROM holding
    WHERE NOT is_closing OR (place > 0 AND EXISTS (
        SELECT FROM way_out
        WHERE way_out.axis = holding.axis
            AND (way_out.value IS NULL OR way_out.value = holding.held)
            AND (way_out.other_than IS NULL OR way_out.other_than <> holding.held)
            AND holding.lost & way_out.names <> 0
            AND holding.told & way_out.names = 0
    ))
), run AS (
    SELECT *, count(*) FILTER (WHERE is_change) OVER (
        PARTITION BY device_id, axis ORDER BY at, is_closing, specificity, digest, because
    ) AS number
    FROM counted
), named AS (
    SELECT
        device_id, axis, number, at, value, because, is_change,
        first_value(country_code) OVER latest_first AS country_code,
        first_value(country_name) OVER latest_first AS country_name
    FROM run
    WINDOW latest_first AS (
        PARTITION BY device_id, axis, number ORDER BY at DESC, specificity DESC, digest DESC
    )
), begun AS (
    SELECT *, lead(at) OVER (PARTITION BY device_id, axis ORDER BY number) AS to_at
    FROM named
    WHERE is_change
)
SELECT
    device_id,
    axis,
    at AS from_at,
    to_at,
    value,
    because,
    lead(because) OVER (PARTITION BY device_id, axis ORDER BY number) AS ended_because,
    country_code,
    country_name
FROM begun
WHERE to_at IS NULL OR to_at > at
"""

DEVICE_BEFORE = """
CREATE OR REPLACE VIEW reporting.device AS
SELECT
    device.device_id,
    (
        SELECT min(identifier.value) FROM device_identifier AS identifier
        WHERE identifier.device_id = device.device_id AND identifier.kind = 'phone-number'
    ) AS phone_number,
    (
        SELECT min(identifier.value) FROM device_identifier AS identifier
        WHERE identifier.device_id = device.device_id
            AND identifier.kind = 'network-access-identifier'
    ) AS network_access_identifier,
    CASE WHEN device.connectivity_unknown_since IS NULL THEN device.connectivity_value END AS connectivity,
    CASE WHEN device.connectivity_after_at = '-infinity' THEN device.connectivity_first_at ELSE (
        SELECT least(min(told.at), device.connectivity_at)
        FROM unnest(device.members) AS member (id)
        CROSS JOIN LATERAL (
            (
                SELECT event.occurred_at AS at
                FROM event
                WHERE event.device_id = member.id
                    AND NOT event.occurred_at - event.received_at > interval '5 minutes'
                    AND event.occurred_at >= device.connectivity_after_at
                    AND event.connectivity = device.connectivity_value
                    AND (
                        event.occurred_at,
                        CASE event.name
                            WHEN 'roaming-status' THEN 2 WHEN 'roaming-change-country' THEN 3
                            ELSE 1
                        END,
                        event.digest
                    ) > (
                        device.connectivity_after_at, device.connectivity_after_specificity,
                        device.connectivity_after_digest
                    )
                ORDER BY event.occurred_at
                LIMIT 1
            )
            UNION ALL
            (
                SELECT event.received_at AS at
                FROM event
                WHERE event.device_id = member.id
                    AND event.occurred_at - event.received_at > interval '5 minutes'
                    AND event.received_at >= device.connectivity_after_at
                    AND event.connectivity = device.connectivity_value
                    AND (
                        event.received_at,
                        CASE event.name
                            WHEN 'roaming-status' THEN 2 WHEN 'roaming-change-country' THEN 3
                            ELSE 1
                        END,
                        event.digest
                    ) > (
                        device.connectivity_after_at, device.connectivity_after_specificity,
                        device.connectivity_after_digest
                    )
                ORDER BY event.received_at
                LIMIT 1
            )
        ) AS told
    ) END AS connectivity_since,
    device.connectivity_at AS connectivity_confirmed_at,
    CASE
        WHEN device.connectivity_value IS NULL THEN 'never-reported' ELSE device.connectivity_because
    END AS connectivity_unknown_because,
    device.connectivity_unknown_since AS connectivity_unknown_since,
    CASE WHEN device.connectivity_unknown_since IS NOT NULL THEN device.connectivity_value END AS connectivity_last,
    CASE WHEN device.roaming_unknown_since IS NULL THEN device.roaming_value::boolean END AS roaming,
    CASE WHEN device.roaming_after_at = '-infinity' THEN device.roaming_first_at ELSE (
        SELECT least(min(told.at), device.roaming_at)
        FROM unnest(device.members) AS member (id)
        CROSS JOIN LATERAL (
            (
                SELECT event.occurred_at AS at
                FROM event
                WHERE event.device_id = member.id
                    AND NOT event.occurred_at - event.received_at > interval '5 minutes'
                    AND event.occurred_at >= device.roaming_after_at
                    AND event.roaming::text = device.roaming_value
                    AND (
                        event.occurred_at,
                        CASE event.name
                            WHEN 'roaming-status' THEN 2 WHEN 'roaming-change-country' THEN 3
                            ELSE 1
                        END,
                        event.digest
                    ) > (
                        device.roaming_after_at, device.roaming_after_specificity,
                        device.roaming_after_digest
                    )
                ORDER BY event.occurred_at
                LIMIT 1
            )
            UNION ALL
            (
                SELECT event.received_at AS at
                FROM event
                WHERE event.device_id = member.id
                    AND event.occurred_at - event.received_at > interval '5 minutes'
                    AND event.received_at >= device.roaming_after_at
                    AND event.roaming::text = device.roaming_value
                    AND (
                        event.received_at,
                        CASE event.name
                            WHEN 'roaming-status' THEN 2 WHEN 'roaming-change-country' THEN 3
                            ELSE 1
                        END,
                        event.digest
                    ) > (
                        device.roaming_after_at, device.roaming_after_specificity,
                        device.roaming_after_digest
                    )
                ORDER BY event.received_at
                LIMIT 1
            )
        ) AS told
    ) END AS roaming_since,
    device.roaming_at AS roaming_confirmed_at,
    CASE
        WHEN device.roaming_value IS NULL THEN 'never-reported' ELSE device.roaming_because
    END AS roaming_unknown_because,
    device.roaming_unknown_since AS roaming_unknown_since,
    CASE WHEN device.roaming_unknown_since IS NOT NULL THEN device.roaming_value::boolean END AS roaming_last,
    CASE WHEN device.is_abroad THEN device.country_value END AS country,
    CASE WHEN device.is_abroad THEN device.country_code END AS country_code,
    CASE WHEN device.is_abroad THEN device.country_name END AS country_name,
    CASE WHEN device.network_type_unknown_since IS NULL THEN device.network_type_value END AS connected_network_type,
    CASE WHEN device.network_type_after_at = '-infinity' THEN device.network_type_first_at ELSE (
        SELECT least(min(told.at), device.network_type_at)
        FROM unnest(device.members) AS member (id)
        CROSS JOIN LATERAL (
            (
                SELECT event.occurred_at AS at
                FROM event
                WHERE event.device_id = member.id
                    AND NOT event.occurred_at - event.received_at > interval '5 minutes'
                    AND event.occurred_at >= device.network_type_after_at
                    AND event.connected_network_type = device.network_type_value
                    AND (
                        event.occurred_at,
                        CASE event.name
                            WHEN 'roaming-status' THEN 2 WHEN 'roaming-change-country' THEN 3
                            ELSE 1
                        END,
                        event.digest
                    ) > (
                        device.network_type_after_at, device.network_type_after_specificity,
                        device.network_type_after_digest
                    )
                ORDER BY event.occurred_at
                LIMIT 1
            )
            UNION ALL
            (
                SELECT event.received_at AS at
                FROM event
                WHERE event.device_id = member.id
                    AND event.occurred_at - event.received_at > interval '5 minutes'
                    AND event.received_at >= device.network_type_after_at
                    AND event.connected_network_type = device.network_type_value
                    AND (
                        event.received_at,
                        CASE event.name
                            WHEN 'roaming-status' THEN 2 WHEN 'roaming-change-country' THEN 3
                            ELSE 1
                        END,
                        event.digest
                    ) > (
                        device.network_type_after_at, device.network_type_after_specificity,
                        device.network_type_after_digest
                    )
                ORDER BY event.received_at
                LIMIT 1
            )
        ) AS told
    ) END AS connected_network_type_since,
    device.network_type_at AS connected_network_type_confirmed_at,
    CASE
        WHEN device.network_type_value IS NULL THEN 'never-reported' ELSE device.network_type_because
    END AS connected_network_type_unknown_because,
    device.network_type_unknown_since AS connected_network_type_unknown_since,
    CASE WHEN device.network_type_unknown_since IS NOT NULL THEN device.network_type_value END AS connected_network_type_last,
    device.first_event_at,
    device.last_event_at
FROM (
    SELECT
        device_id,
        max(value) FILTER (WHERE axis = 'connectivity') AS connectivity_value,
        max(effective_at) FILTER (WHERE axis = 'connectivity') AS connectivity_at,
        max(first_at) FILTER (WHERE axis = 'connectivity') AS connectivity_first_at,
        max(unknown_since) FILTER (WHERE axis = 'connectivity') AS connectivity_unknown_since,
        max(because) FILTER (WHERE axis = 'connectivity') AS connectivity_because,
        max(greatest(other_at, lost_at)) FILTER (WHERE axis = 'connectivity') AS connectivity_after_at,
        max(CASE WHEN lost_at >= other_at THEN 32767 ELSE other_specificity END) FILTER (WHERE axis = 'connectivity')
            AS connectivity_after_specificity,
        (array_agg(CASE WHEN lost_at >= other_at THEN ''::bytea ELSE other_digest END) FILTER (WHERE axis = 'connectivity'))[1]
            AS connectivity_after_digest,
        max(value) FILTER (WHERE axis = 'roaming') AS roaming_value,
        max(effective_at) FILTER (WHERE axis = 'roaming') AS roaming_at,
        max(first_at) FILTER (WHERE axis = 'roaming') AS roaming_first_at,
        max(unknown_since) FILTER (WHERE axis = 'roaming') AS roaming_unknown_since,
        max(because) FILTER (WHERE axis = 'roaming') AS roaming_because,
        max(greatest(other_at, lost_at)) FILTER (WHERE axis = 'roaming') AS roaming_after_at,
        max(CASE WHEN lost_at >= other_at THEN 32767 ELSE other_specificity END) FILTER (WHERE axis = 'roaming')
            AS roaming_after_specificity,
        (array_agg(CASE WHEN lost_at >= other_at THEN ''::bytea ELSE other_digest END) FILTER (WHERE axis = 'roaming'))[1]
            AS roaming_after_digest,
        max(value) FILTER (WHERE axis = 'network-type') AS network_type_value,
        max(effective_at) FILTER (WHERE axis = 'network-type') AS network_type_at,
        max(first_at) FILTER (WHERE axis = 'network-type') AS network_type_first_at,
        max(unknown_since) FILTER (WHERE axis = 'network-type') AS network_type_unknown_since,
        max(because) FILTER (WHERE axis = 'network-type') AS network_type_because,
        max(greatest(other_at, lost_at)) FILTER (WHERE axis = 'network-type') AS network_type_after_at,
        max(CASE WHEN lost_at >= other_at THEN 32767 ELSE other_specificity END) FILTER (WHERE axis = 'network-type')
            AS network_type_after_specificity,
        (array_agg(CASE WHEN lost_at >= other_at THEN ''::bytea ELSE other_digest END) FILTER (WHERE axis = 'network-type'))[1]
            AS network_type_after_digest,
        count(*) FILTER (
            WHERE unknown_since IS NULL
                AND ((axis = 'roaming' AND value = 'true') OR (axis = 'country' AND value <> ''))
        ) = 2 AS is_abroad,
        max(value) FILTER (WHERE axis = 'country') AS country_value,
        max(country_code) FILTER (WHERE axis = 'country') AS country_code,
        max(country_name) FILTER (WHERE axis = 'country') AS country_name,
        max(first_at) FILTER (WHERE axis = 'seen') AS first_event_at,
        max(effective_at) FILTER (WHERE axis = 'seen') AS last_event_at,
        max(members) FILTER (WHERE axis = 'seen') AS members
    FROM axis_status
    GROUP BY device_id
) AS device
"""

INTERVALS_BEFORE = """
CREATE OR REPLACE FUNCTION reporting.intervals(axis text, from_time timestamptz, to_time timestamptz)
RETURNS TABLE (
    device_id uuid, from_at timestamptz, to_at timestamptz, value text, unknown_because text,
    began_earlier boolean, ends_later boolean
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
WITH said AS (
    SELECT member.device_id, said.*
    FROM device_member AS member
    JOIN device_status AS latest
        ON latest.device_id = member.member_id AND latest.axis = intervals.axis
    CROSS JOIN LATERAL (
        SELECT latest.effective_at AS at, latest.specificity, latest.digest, latest.value
        WHERE latest.effective_at < from_time
        UNION ALL
        SELECT told.* FROM (
            (
                SELECT
                    event.occurred_at AS at,
                    CASE event.name
                        WHEN 'roaming-status' THEN 2 WHEN 'roaming-change-country' THEN 3 ELSE 1
                    END AS specificity,
                    event.digest,
                    axis.value
                FROM event
                CROSS JOIN LATERAL (SELECT CASE intervals.axis
                    WHEN 'connectivity' THEN event.connectivity
                    WHEN 'roaming' THEN event.roaming::text
                    WHEN 'network-type' THEN event.connected_network_type
                    WHEN 'country' THEN CASE
                        WHEN event.roaming IS FALSE THEN ''
                        ELSE coalesce(event.country_name[1], event.country_code::text)
                    END
                END) AS axis (value)
                WHERE event.device_id = member.member_id
                    AND NOT event.occurred_at - event.received_at > interval '5 minutes'
                    AND event.occurred_at >= from_time
                    AND event.occurred_at < to_time
                    AND axis.value IS NOT NULL
            )
            UNION ALL
            (
                SELECT
                    event.occurred_at,
                    CASE event.name
                        WHEN 'roaming-status' THEN 2 WHEN 'roaming-change-country' THEN 3 ELSE 1
                    END,
                    event.digest,
                    axis.value
                FROM event
                CROSS JOIN LATERAL (SELECT CASE intervals.axis
                    WHEN 'connectivity' THEN event.connectivity
                    WHEN 'roaming' THEN event.roaming::text
                    WHEN 'network-type' THEN event.connected_network_type
                    WHEN 'country' THEN CASE
                        WHEN event.roaming IS FALSE THEN ''
                        ELSE coalesce(event.country_name[1], event.country_code::text)
                    END
                END) AS axis (value)
                WHERE event.device_id = member.member_id
                    AND NOT event.occurred_at - event.received_at > interval '5 minutes'
                    AND event.occurred_at < from_time
                    AND axis.value IS NOT NULL
                    AND latest.first_at < from_time
                ORDER BY event.occurred_at DESC, 2 DESC, event.digest DESC
                LIMIT 1
            )
            UNION ALL
            SELECT
                event.received_at,
                CASE event.name
                    WHEN 'roaming-status' THEN 2 WHEN 'roaming-change-country' THEN 3 ELSE 1
                END,
                event.digest,
                axis.value
            FROM event
            CROSS JOIN LATERAL (SELECT CASE intervals.axis
                WHEN 'connectivity' THEN event.connectivity
                WHEN 'roaming' THEN event.roaming::text
                WHEN 'network-type' THEN event.connected_network_type
                WHEN 'country' THEN CASE
                    WHEN event.roaming IS FALSE THEN ''
                    ELSE coalesce(event.country_name[1], event.country_code::text)
                END
            END) AS axis (value)
            WHERE event.device_id = member.member_id
                AND event.occurred_at - event.received_at > interval '5 minutes'
                AND event.received_at < to_time
                AND axis.value IS NOT NULL
        ) AS told
        WHERE latest.effective_at >= from_time AND latest.first_at < to_time
    ) AS said
), point AS (
    SELECT
        device_id, at, false AS is_closing, specificity, digest, value, NULL AS because, 0 AS lost,
        0 AS told
    FROM said
    UNION ALL
    SELECT
        uncovered.device_id, uncovered.at, true, 0, '', NULL, uncovered.because, uncovered.lost,
        uncovered.told
    FROM uncovered
    WHERE uncovered.at < to_time
), placed AS (
    SELECT *, count(value) OVER (
        PARTITION BY device_id ORDER BY at, is_closing, specificity, digest, because
    ) AS place
    FROM point
), holding AS (
    SELECT *, max(value) OVER (PARTITION BY device_id, place) AS held FROM placed
), counted AS (
    SELECT *, value IS DISTINCT FROM lag(value) OVER (
        PARTITION BY device_id ORDER BY at, is_closing, specificity, digest, because
    ) AS is_change
    FROM holding
    WHERE NOT is_closing OR (place > 0 AND EXISTS (
        SELECT FROM way_out
        WHERE way_out.axis = intervals.axis
            AND (way_out.value IS NULL OR way_out.value = holding.held)
            AND (way_out.other_than IS NULL OR way_out.other_than <> holding.held)
            AND holding.lost & way_out.names <> 0
            AND holding.told & way_out.names = 0
    ))
), begun AS MATERIALIZED (
    SELECT
        device_id, at, value, because,
        lead(at) OVER (
            PARTITION BY device_id ORDER BY at, is_closing, specificity, digest, because
        ) AS to_at
    FROM counted
    WHERE is_change
), known AS (
    SELECT device_id, at, to_at, value, because
    FROM begun
    WHERE to_at IS NULL OR (to_at > at AND to_at > from_time)
    UNION ALL
    SELECT member.device_id, from_time, min(begun.at), NULL, 'never-reported'
    FROM device_member AS member
    LEFT JOIN begun ON begun.device_id = member.device_id
    WHERE member.member_id = member.device_id
        AND intervals.axis IN ('connectivity', 'roaming', 'country', 'network-type')
    GROUP BY member.device_id
    HAVING min(begun.at) > from_time OR min(begun.at) IS NULL
)
SELECT
    device_id,
    greatest(at, from_time),
    CASE
        WHEN to_at IS NOT NULL THEN to_at
        WHEN to_time <= now() THEN to_time
    END,
    value,
    because,
    at < from_time,
    to_at IS NULL AND to_time <= now()
FROM known
WHERE from_time < to_time;
END
"""

SUBSCRIPTION_BEFORE = """
CREATE OR REPLACE VIEW reporting.subscription AS
SELECT
    known.credential,
    known.subscription_id,
    CASE
        WHEN told.ended_at IS NOT NULL THEN 'ended'
        WHEN registered.expires_at <= now() THEN 'overdue'
        WHEN told.update_reason = 'SUBSCRIPTION_INACTIVE' THEN 'inactive'
        ELSE 'active'
    END AS state,
    about.device_ids,
    ARRAY(
        SELECT bit.name
        FROM unnest(ARRAY[
            'connectivity-data', 'connectivity-sms', 'connectivity-disconnected', 'connectivity',
            'roaming-status', 'roaming-on', 'roaming-off', 'roaming-change-country',
            'network-type-changed'
        ]) WITH ORDINALITY AS bit (name, place)
        WHERE told.names & (1 << (bit.place::integer - 1)) <> 0
        ORDER BY bit.name COLLATE "C"
    ) AS names,
    told.first_at,
    told.started_at,
    CASE WHEN told.update_reason = 'SUBSCRIPTION_INACTIVE' THEN told.updated_at END AS inactive_at,
    told.ended_at,
    told.end_reason AS termination_reason,
    registered.registered_at,
    registered.starts_at,
    registered.expires_at,
    registered.max_events,
    registered.types,
    registered.phone_number,
    registered.network_access_identifier,
    (
        SELECT count(*) FROM event
        WHERE event.subscription_id = known.subscription_id
            AND event.credential = known.credential
    ) AS events,
    (
        SELECT count(*) FROM event
        WHERE event.subscription_id = known.subscription_id
            AND event.credential = known.credential AND event.kind <> 'subscription'
    ) AS charged_events,
    (
        SELECT max(least(
            event.occurred_at,
            CASE
                WHEN event.occurred_at - event.received_at > interval '5 minutes'
                THEN event.received_at
            END
        ))
        FROM event
        WHERE event.subscription_id = known.subscription_id
            AND event.credential = known.credential
    ) AS last_event_at,
    told.ended_at IS NULL AND coalesce((
        SELECT count(*) >= 5
            AND now() - max(told_at.at) > greatest(3 * max(told_at.pause), interval '1 day')
        FROM (
            SELECT counted.at, counted.at - lag(counted.at) OVER (ORDER BY counted.at) AS pause
            FROM (
                SELECT least(
                    event.occurred_at,
                    CASE
                        WHEN event.occurred_at - event.received_at > interval '5 minutes'
                        THEN event.received_at
                    END
                ) AS at
                FROM event
                WHERE event.subscription_id = known.subscription_id
                    AND event.credential = known.credential
            ) AS counted
        ) AS told_at
    ), false) AS is_silent,
    coalesce(least(
        told.ended_at,
        CASE WHEN told.update_reason = 'SUBSCRIPTION_INACTIVE' THEN told.updated_at END
    ) <= now(), false) AND EXISTS (
        SELECT FROM way_out
        CROSS JOIN (
            SELECT coalesce(bit_or(other.names), 0) AS names
            FROM (
                SELECT about.device_ids || ARRAY(
                    SELECT link.device_id FROM device_link AS link
                    WHERE link.linked_device_id = ANY(about.device_ids)
                ) AS device_ids
            ) AS alike
            CROSS JOIN LATERAL (
                SELECT subscription.credential, subscription.subscription_id FROM subscription
                WHERE subscription.device_id = ANY(alike.device_ids)
                UNION
                SELECT registration.credential, registration.subscription_id
                FROM subscription_registration AS registration
                WHERE registration.device_id = ANY(alike.device_ids)
            ) AS near
            CROSS JOIN LATERAL (
                SELECT
                    bit_or(said.names) AS names,
                    min(said.first_at) AS first_at,
                    max(said.ended_at) AS ended_at,
                    CASE
                        WHEN (array_agg(
                            said.update_reason
                            ORDER BY said.updated_at DESC NULLS LAST, said.update_digest DESC
                        ))[1] = 'SUBSCRIPTION_INACTIVE' THEN max(said.updated_at)
                    END AS inactive_at
                FROM (
                    SELECT
                        subscription.names, subscription.first_at, subscription.ended_at,
                        subscription.updated_at, subscription.update_digest,
                        subscription.update_reason
                    FROM subscription
                    WHERE subscription.credential = near.credential
                        AND subscription.subscription_id = near.subscription_id
                    UNION ALL
                    SELECT span.names, span.first_at, NULL, NULL, NULL, NULL
                    FROM registered_span AS span
                    WHERE span.credential = near.credential
                        AND span.subscription_id = near.subscription_id
                ) AS said
            ) AS other
            WHERE other.first_at <= now()
                AND coalesce(least(other.ended_at, other.inactive_at), 'infinity') > now()
        ) AS open_now
        WHERE way_out.names & (told.names | coalesce((
                SELECT span.names FROM registered_span AS span
                WHERE span.credential = known.credential
                    AND span.subscription_id = known.subscription_id
            ), 0)) <> 0
            AND way_out.names & open_now.names = 0
    ) AS is_uncovered
FROM (
    SELECT subscription.credential, subscription.subscription_id FROM subscription
    UNION
    SELECT subscription_registration.credential, subscription_registration.subscription_id
    FROM subscription_registration
) AS known
LEFT JOIN subscription_registration AS registered
    ON registered.credential = known.credential
    AND registered.subscription_id = known.subscription_id
CROSS JOIN LATERAL (
    SELECT
        max(subscription.strength) AS strength,
        coalesce(bit_or(subscription.names), 0) AS names,
        min(subscription.first_at) AS first_at,
        min(subscription.started_at) AS started_at,
        max(subscription.ended_at) AS ended_at,
        (array_agg(
            subscription.end_reason
            ORDER BY subscription.ended_at DESC NULLS LAST, subscription.end_digest DESC
        ))[1] AS end_reason,
        max(subscription.updated_at) AS updated_at,
        (array_agg(
            subscription.update_reason
            ORDER BY subscription.updated_at DESC NULLS LAST, subscription.update_digest DESC
        ))[1] AS update_reason
    FROM subscription
    WHERE subscription.credential = known.credential
        AND subscription.subscription_id = known.subscription_id
) AS told
CROSS JOIN LATERAL (
    SELECT ARRAY(
        SELECT subscription.device_id FROM subscription
        WHERE subscription.credential = known.credential
            AND subscription.subscription_id = known.subscription_id
            AND (
                subscription.strength > 1
                OR (told.strength <= 1 AND registered.device_id IS NULL)
            )
        UNION
        SELECT registered.device_id WHERE registered.device_id IS NOT NULL
        ORDER BY 1
    ) AS device_ids
) AS about
"""

COMMENTS = (
    "COMMENT ON TABLE retention IS 'From when on events are kept: one row, once months are due'",
    "COMMENT ON COLUMN retention.singleton IS 'Always true: the key that allows one row'",
    "COMMENT ON COLUMN retention.kept_from IS 'Events stored before it are dropped; the seeds and counts of their months count'",
    "COMMENT ON COLUMN retention.leaving_until IS 'Events stored before it are being copied and counted; null: none are'",
    "COMMENT ON COLUMN retention.seeded_below IS 'Of devices below it they are copied; null: of none'",
    "COMMENT ON COLUMN retention.counted_below IS 'Of subscriptions below it they are counted'",
    "COMMENT ON COLUMN retention.identities_from IS 'Identities of events stored before it are removed'",
    "COMMENT ON TABLE event_seed IS 'Of dropped months the events that still decide answers, without their payload'",
    "COMMENT ON COLUMN event_seed.device_id IS 'As in event'",
    "COMMENT ON COLUMN event_seed.stored_at IS 'As in event'",
    "COMMENT ON COLUMN event_seed.seq IS 'As in event'",
    "COMMENT ON COLUMN event_seed.digest IS 'As in event'",
    "COMMENT ON COLUMN event_seed.name IS 'As in event'",
    "COMMENT ON COLUMN event_seed.subscription_id IS 'As in event'",
    "COMMENT ON COLUMN event_seed.credential IS 'As in event'",
    "COMMENT ON COLUMN event_seed.occurred_at IS 'As in event'",
    "COMMENT ON COLUMN event_seed.received_at IS 'As in event'",
    "COMMENT ON COLUMN event_seed.phone_number IS 'As in event'",
    "COMMENT ON COLUMN event_seed.network_access_identifier IS 'As in event'",
    "COMMENT ON COLUMN event_seed.connectivity IS 'As in event'",
    "COMMENT ON COLUMN event_seed.roaming IS 'As in event'",
    "COMMENT ON COLUMN event_seed.country_code IS 'As in event'",
    "COMMENT ON COLUMN event_seed.country_name IS 'As in event'",
    "COMMENT ON COLUMN event_seed.connected_network_type IS 'As in event'",
    "COMMENT ON COLUMN event_seed.termination_reason IS 'As in event'",
    "COMMENT ON COLUMN event_seed.update_reason IS 'As in event'",
    "COMMENT ON COLUMN event_seed.findings IS 'As in event'",
    "COMMENT ON COLUMN event_seed.decides_from IS 'The latest retention.kept_from for which it is needed'",
    "COMMENT ON TABLE subscription_retired IS 'The events of subscriptions in dropped months, counted'",
    "COMMENT ON COLUMN subscription_retired.credential IS 'Name of the credential that sent them'",
    "COMMENT ON COLUMN subscription_retired.subscription_id IS 'As sent'",
    "COMMENT ON COLUMN subscription_retired.name IS 'Event name, as sent'",
    "COMMENT ON COLUMN subscription_retired.month IS 'The month of stored_at: when it began'",
    "COMMENT ON COLUMN subscription_retired.events IS 'How many events'",
    "COMMENT ON COLUMN subscription_retired.charged IS 'Without those about the subscription itself'",
    "COMMENT ON COLUMN subscription_retired.first_at IS 'When the earliest counts'",
    "COMMENT ON COLUMN subscription_retired.last_at IS 'When the latest counts'",
    "COMMENT ON COLUMN subscription_retired.longest_pause IS 'From the event of the month before one of them; null: there is none'",
    "COMMENT ON COLUMN subscription_retired.description IS 'Why it ended, in the sender''s words; of the latest'",
    "COMMENT ON VIEW event_fact IS 'What answers are derived from: every event, and the seeds of dropped months'",
    "COMMENT ON COLUMN event_fact.device_id IS 'As in event'",
    "COMMENT ON COLUMN event_fact.stored_at IS 'As in event'",
    "COMMENT ON COLUMN event_fact.seq IS 'As in event'",
    "COMMENT ON COLUMN event_fact.digest IS 'As in event'",
    "COMMENT ON COLUMN event_fact.name IS 'As in event'",
    "COMMENT ON COLUMN event_fact.subscription_id IS 'As in event'",
    "COMMENT ON COLUMN event_fact.credential IS 'As in event'",
    "COMMENT ON COLUMN event_fact.occurred_at IS 'As in event'",
    "COMMENT ON COLUMN event_fact.received_at IS 'As in event'",
    "COMMENT ON COLUMN event_fact.phone_number IS 'As in event'",
    "COMMENT ON COLUMN event_fact.network_access_identifier IS 'As in event'",
    "COMMENT ON COLUMN event_fact.connectivity IS 'As in event'",
    "COMMENT ON COLUMN event_fact.roaming IS 'As in event'",
    "COMMENT ON COLUMN event_fact.country_code IS 'As in event'",
    "COMMENT ON COLUMN event_fact.country_name IS 'As in event'",
    "COMMENT ON COLUMN event_fact.connected_network_type IS 'As in event'",
    "COMMENT ON COLUMN event_fact.termination_reason IS 'As in event'",
    "COMMENT ON COLUMN event_fact.update_reason IS 'As in event'",
    "COMMENT ON COLUMN event_fact.findings IS 'As in event'",
    "COMMENT ON VIEW subscription_event IS 'The events of subscriptions, counted: each that is kept, and those of dropped months together'",
    "COMMENT ON COLUMN subscription_event.credential IS 'Name of the credential that sent them'",
    "COMMENT ON COLUMN subscription_event.subscription_id IS 'As sent'",
    "COMMENT ON COLUMN subscription_event.events IS 'How many events'",
    "COMMENT ON COLUMN subscription_event.charged IS 'Without those about the subscription itself'",
    "COMMENT ON COLUMN subscription_event.first_at IS 'When the earliest counts'",
    "COMMENT ON COLUMN subscription_event.last_at IS 'When the latest counts'",
    "COMMENT ON COLUMN subscription_event.longest_pause IS 'From the event before one of them; null: there is none'",
)

DROPS = (
    "DROP VIEW subscription_event",
    "DROP VIEW event_fact",
    "DROP TABLE subscription_retired",
    "DROP TABLE event_seed",
    "DROP TABLE retention",
)


def upgrade() -> None:
    for command in (
        RETENTION,
        EVENT_SEED,
        EVENT_SEED_AHEAD,
        EVENT_SEED_NETWORK_ACCESS_IDENTIFIER,
        SUBSCRIPTION_RETIRED,
        EVENT_FACT,
        SUBSCRIPTION_EVENT,
        AXIS_INTERVAL,
        DEVICE,
        INTERVALS,
        SUBSCRIPTION,
        *COMMENTS,
    ):
        execute(op.get_bind(), command)


def downgrade() -> None:
    for command in (
        AXIS_INTERVAL_BEFORE,
        DEVICE_BEFORE,
        INTERVALS_BEFORE,
        SUBSCRIPTION_BEFORE,
        *DROPS,
    ):
        execute(op.get_bind(), command)
