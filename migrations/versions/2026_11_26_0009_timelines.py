"""What was when: the index of events whose time is not believed, and the views and functions for psql.

The views of this service's own schema are what the reported ones are made of; analysts see the
reported ones alone. Functions run with the rights of their owner, as views do.
"""

from alembic import op

from receiver.store.schema.building import build_index
from receiver.store.schema.commands import execute, grant_reports

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

AHEAD = "(device_id, received_at) WHERE occurred_at - received_at > interval '5 minutes'"

SUBSCRIPTION_LINK = """
CREATE VIEW subscription_link AS
SELECT weaker.device_id, stronger.device_id AS linked_device_id
FROM subscription AS weaker
JOIN subscription AS stronger USING (credential, subscription_id)
WHERE weaker.strength = 1 AND stronger.strength > 1 AND NOT EXISTS (
    SELECT FROM subscription AS other
    WHERE other.credential = weaker.credential
        AND other.subscription_id = weaker.subscription_id
        AND other.strength > 1
        AND other.device_id <> stronger.device_id
)
"""

IDENTIFIER_LINK = """
CREATE VIEW identifier_link AS
SELECT weaker.device_id, stronger.device_id AS linked_device_id
FROM device_identifier AS weaker
JOIN device_identifier AS stronger
    ON stronger.kind = 'network-access-identifier' AND stronger.value = weaker.value
WHERE weaker.kind = 'network-access-identifier'
    AND weaker.strength = 2
    AND stronger.strength > 2
    AND NOT EXISTS (
        SELECT FROM device_identifier AS other
        WHERE other.kind = 'network-access-identifier'
            AND other.value = weaker.value
            AND other.strength > 2
            AND other.device_id <> stronger.device_id
    )
"""

DEVICE_LINK = """
CREATE VIEW device_link AS
SELECT device_id, linked_device_id, 'subscription' AS via
FROM subscription_link
UNION ALL
SELECT device_id, linked_device_id, 'network-access-identifier'
FROM identifier_link
"""

DEVICE_MEMBER = """
CREATE VIEW device_member AS
SELECT seen.device_id, seen.device_id AS member_id
FROM device_status AS seen
WHERE seen.axis = 'seen'
    AND NOT EXISTS (
        SELECT FROM identifier_link AS link WHERE link.device_id = seen.device_id
    )
    AND NOT EXISTS (
        SELECT FROM subscription_link AS link
        WHERE link.device_id = seen.device_id AND NOT EXISTS (
            SELECT FROM identifier_link AS further
            WHERE further.device_id = link.linked_device_id
        )
    )
UNION ALL
SELECT link.linked_device_id, link.device_id
FROM identifier_link AS link
UNION ALL
SELECT link.linked_device_id, link.device_id
FROM subscription_link AS link
WHERE NOT EXISTS (
    SELECT FROM identifier_link AS further WHERE further.device_id = link.linked_device_id
)
"""

SUBSCRIPTION_SPAN = """
CREATE VIEW subscription_span AS
SELECT
    device_id,
    credential,
    subscription_id,
    names,
    first_at,
    least(ended_at, inactive_at) AS closed_at,
    CASE
        WHEN ended_at <= coalesce(inactive_at, 'infinity') THEN 'subscription-ended'
        WHEN inactive_at IS NOT NULL THEN 'subscription-inactive'
    END AS because
FROM (
    SELECT
        member.device_id,
        told.credential,
        told.subscription_id,
        bit_or(told.names) AS names,
        min(told.first_at) AS first_at,
        max(told.ended_at) AS ended_at,
        CASE
            WHEN (
                array_agg(told.update_reason ORDER BY told.updated_at DESC, told.update_digest DESC)
                    FILTER (WHERE told.updated_at IS NOT NULL)
            )[1] = 'SUBSCRIPTION_INACTIVE' THEN max(told.updated_at)
        END AS inactive_at
    FROM device_member AS member
    JOIN subscription AS told ON told.device_id = member.member_id
    GROUP BY member.device_id, told.credential, told.subscription_id
) AS merged
"""

UNCOVERED = """
CREATE VIEW uncovered AS
SELECT
    device.device_id,
    closed.closed_at AS at,
    closed.because,
    closed.names AS lost,
    coalesce((
        SELECT bit_or(other.names)
        FROM unnest(device.names, device.first_at, device.closed_at)
            AS other (names, first_at, closed_at)
        WHERE other.first_at <= closed.closed_at
            AND coalesce(other.closed_at, 'infinity') > closed.closed_at
    ), 0) AS told
FROM (
    SELECT
        device_id,
        array_agg(names) AS names,
        array_agg(first_at) AS first_at,
        array_agg(closed_at) AS closed_at,
        array_agg(because) AS because
    FROM subscription_span
    GROUP BY device_id
    HAVING count(closed_at) > 0
) AS device
CROSS JOIN LATERAL unnest(device.names, device.closed_at, device.because)
    AS closed (names, closed_at, because)
WHERE closed.closed_at IS NOT NULL
"""

WAY_OUT = """
CREATE VIEW way_out AS
SELECT axis, value, other_than, names
FROM (VALUES
    ('connectivity', NULL::text, NULL::text, 15),
    ('connectivity', 'CONNECTED_DATA', NULL, 2),
    ('connectivity', 'CONNECTED_DATA', NULL, 4),
    ('connectivity', 'CONNECTED_SMS', NULL, 9),
    ('connectivity', 'CONNECTED_SMS', NULL, 4),
    ('connectivity', 'CONNECTED', NULL, 4),
    ('connectivity', 'NOT_CONNECTED', NULL, 9),
    ('connectivity', 'NOT_CONNECTED', NULL, 10),
    ('roaming', NULL, NULL, 240),
    ('roaming', 'true', NULL, 80),
    ('roaming', 'false', NULL, 48),
    ('country', NULL, NULL, 240),
    ('country', '', NULL, 48),
    ('country', NULL, '', 80),
    ('country', NULL, '', 128),
    ('network-type', NULL, NULL, 256),
    ('network-type', NULL, NULL, 256)
) AS way (axis, value, other_than, names)
"""

AXIS_STATUS = """
CREATE VIEW axis_status AS
SELECT
    latest.device_id,
    latest.axis,
    latest.value,
    latest.country_code,
    latest.country_name,
    latest.effective_at,
    latest.first_at,
    latest.members,
    min(uncovered.at) FILTER (WHERE uncovered.at >= latest.effective_at) AS unknown_since,
    (
        array_agg(uncovered.because ORDER BY uncovered.at, uncovered.because)
            FILTER (WHERE uncovered.at >= latest.effective_at)
    )[1] AS because,
    max(uncovered.at) FILTER (WHERE uncovered.at < latest.effective_at) AS lost_at,
    latest.other_at,
    latest.other_specificity,
    latest.other_digest
FROM (
    SELECT
        *,
        first_value(against_at) OVER against AS other_at,
        first_value(against_specificity) OVER against AS other_specificity,
        first_value(against_digest) OVER against AS other_digest
    FROM (
        SELECT
            *,
            CASE WHEN value = latest_value THEN said_other_at ELSE effective_at END AS against_at,
            CASE WHEN value = latest_value THEN said_other_specificity ELSE specificity END
                AS against_specificity,
            CASE WHEN value = latest_value THEN said_other_digest ELSE digest END
                AS against_digest
        FROM (
            SELECT
                member.device_id,
                said.axis,
                said.value,
                said.country_code,
                said.country_name,
                said.effective_at,
                said.specificity,
                said.digest,
                said.other_at AS said_other_at,
                said.other_specificity AS said_other_specificity,
                said.other_digest AS said_other_digest,
                first_value(said.value) OVER latest_first AS latest_value,
                row_number() OVER latest_first AS place,
                min(said.first_at) OVER every AS first_at,
                array_agg(member.member_id) OVER every AS members
            FROM device_member AS member
            JOIN device_status AS said ON said.device_id = member.member_id
            WINDOW
                every AS (PARTITION BY member.device_id, said.axis),
                latest_first AS (
                    PARTITION BY member.device_id, said.axis
                    ORDER BY said.effective_at DESC, said.specificity DESC, said.digest DESC
                )
        ) AS register
    ) AS opposed
    WINDOW against AS (
        PARTITION BY device_id, axis
        ORDER BY against_at DESC, against_specificity DESC, against_digest DESC
    )
) AS latest
LEFT JOIN uncovered
    ON uncovered.device_id = latest.device_id
    AND EXISTS (
        SELECT FROM way_out
        WHERE way_out.axis = latest.axis
            AND (way_out.value IS NULL OR way_out.value = latest.value)
            AND (way_out.other_than IS NULL OR way_out.other_than <> latest.value)
            AND uncovered.lost & way_out.names <> 0
            AND uncovered.told & way_out.names = 0
    )
WHERE latest.place = 1
GROUP BY
    latest.device_id, latest.axis, latest.value, latest.country_code, latest.country_name,
    latest.effective_at, latest.first_at, latest.members, latest.other_at,
    latest.other_specificity, latest.other_digest
"""

AXIS_INTERVAL = """
CREATE VIEW axis_interval AS
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

REPORTED_DEVICE_LINK = """
CREATE VIEW reporting.device_link AS
SELECT device_id, linked_device_id AS stands_for_device_id, via
FROM device_link
"""

REPORTED_DEVICE = """
CREATE VIEW reporting.device AS
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

REPORTED_CONNECTIVITY_INTERVAL = """
CREATE VIEW reporting.connectivity_interval AS
SELECT device_id, from_at, to_at, value AS connectivity, because AS unknown_because
FROM axis_interval
WHERE axis = 'connectivity'
"""

REPORTED_NETWORK_TYPE_INTERVAL = """
CREATE VIEW reporting.network_type_interval AS
SELECT device_id, from_at, to_at, value AS connected_network_type, because AS unknown_because
FROM axis_interval
WHERE axis = 'network-type'
"""

REPORTED_ROAMING_SESSION = """
CREATE VIEW reporting.roaming_session AS
SELECT
    device.device_id,
    roaming.from_at,
    roaming.to_at,
    roaming.ended_because IS NULL AS end_known,
    roaming.ended_because AS unknown_because,
    ARRAY(
        SELECT country.value
        FROM unnest(device.stays) AS country
        WHERE country.from_at < coalesce(roaming.to_at, 'infinity')
            AND coalesce(country.to_at, 'infinity') > roaming.from_at
        ORDER BY country.from_at
    ) AS countries
FROM (
    SELECT
        each.device_id,
        array_agg(each) FILTER (WHERE each.axis = 'roaming' AND each.value = 'true') AS sessions,
        array_agg(each) FILTER (WHERE each.axis = 'country' AND each.value <> '') AS stays
    FROM axis_interval AS each
    WHERE each.axis IN ('roaming', 'country')
    GROUP BY each.device_id
) AS device
CROSS JOIN LATERAL unnest(device.sessions) AS roaming
"""

REPORTED_ROAMING_STAY = """
CREATE VIEW reporting.roaming_stay AS
SELECT
    device.device_id,
    roaming.from_at AS session_from_at,
    greatest(roaming.from_at, country.from_at) AS from_at,
    least(roaming.to_at, country.to_at) AS to_at,
    country.value AS country,
    country.country_code,
    country.country_name
FROM (
    SELECT
        each.device_id,
        array_agg(each) FILTER (WHERE each.axis = 'roaming' AND each.value = 'true') AS sessions,
        array_agg(each) FILTER (WHERE each.axis = 'country' AND each.value <> '') AS stays
    FROM axis_interval AS each
    WHERE each.axis IN ('roaming', 'country')
    GROUP BY each.device_id
) AS device
CROSS JOIN LATERAL unnest(device.sessions) AS roaming
CROSS JOIN LATERAL unnest(device.stays) AS country
WHERE country.from_at < coalesce(roaming.to_at, 'infinity')
    AND coalesce(country.to_at, 'infinity') > roaming.from_at
"""

INTERVALS_FUNCTION = """
CREATE FUNCTION reporting.intervals(axis text, from_time timestamptz, to_time timestamptz)
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

AVAILABILITY_FUNCTION = """
CREATE FUNCTION reporting.availability(from_time timestamptz, to_time timestamptz)
RETURNS TABLE (
    device_id uuid, day date, available_seconds numeric, unavailable_seconds numeric,
    unknown_seconds numeric
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
SELECT
    known.device_id,
    (part.day AT TIME ZONE 'UTC')::date,
    coalesce(sum(length.seconds) FILTER (WHERE known.value <> 'NOT_CONNECTED'), 0),
    coalesce(sum(length.seconds) FILTER (WHERE known.value = 'NOT_CONNECTED'), 0),
    coalesce(sum(length.seconds) FILTER (WHERE known.value IS NULL), 0)
FROM reporting.intervals('connectivity', from_time, least(to_time, now())) AS known
CROSS JOIN LATERAL generate_series(
    date_trunc('day', known.from_at, 'UTC'),
    coalesce(known.to_at, least(to_time, now())) - interval '1 microsecond',
    interval '24 hours'
) AS part (day)
CROSS JOIN LATERAL (
    SELECT extract(epoch FROM
        least(known.to_at, part.day + interval '24 hours', to_time, now())
        - greatest(known.from_at, part.day)
    ) AS seconds
) AS length
GROUP BY known.device_id, part.day;
END
"""

# Each one stands on those before it.
VIEWS = (
    SUBSCRIPTION_LINK,
    IDENTIFIER_LINK,
    DEVICE_LINK,
    DEVICE_MEMBER,
    SUBSCRIPTION_SPAN,
    UNCOVERED,
    WAY_OUT,
    AXIS_STATUS,
    AXIS_INTERVAL,
    REPORTED_DEVICE_LINK,
    REPORTED_DEVICE,
    REPORTED_CONNECTIVITY_INTERVAL,
    REPORTED_NETWORK_TYPE_INTERVAL,
    REPORTED_ROAMING_SESSION,
    REPORTED_ROAMING_STAY,
    INTERVALS_FUNCTION,
    AVAILABILITY_FUNCTION,
)

COMMENTS = (
    "COMMENT ON VIEW subscription_link IS 'What only a subscription identifies, and the one device that the same subscription names'",
    "COMMENT ON COLUMN subscription_link.device_id IS 'The device that stands for another one'",
    "COMMENT ON COLUMN subscription_link.linked_device_id IS 'The device for which it stands'",
    "COMMENT ON VIEW identifier_link IS 'What only a network access identifier identifies, and the one device with a phone number that has it'",
    "COMMENT ON COLUMN identifier_link.device_id IS 'The device that stands for another one'",
    "COMMENT ON COLUMN identifier_link.linked_device_id IS 'The device for which it stands'",
    "COMMENT ON VIEW device_link IS 'Devices that stand for another one: what only a subscription or a network access identifier identifies'",
    "COMMENT ON COLUMN device_link.device_id IS 'The device that stands for another one'",
    "COMMENT ON COLUMN device_link.linked_device_id IS 'The device for which it stands'",
    "COMMENT ON COLUMN device_link.via IS 'What both have in common: subscription or network-access-identifier'",
    "COMMENT ON VIEW device_member IS 'The rows of the fleet: each device with itself and with what stands for it'",
    "COMMENT ON COLUMN device_member.device_id IS 'The device of the row'",
    "COMMENT ON COLUMN device_member.member_id IS 'A device whose events count for it'",
    "COMMENT ON VIEW subscription_span IS 'The subscriptions of each row of the fleet, merged over its devices'",
    "COMMENT ON COLUMN subscription_span.device_id IS 'The device of the row'",
    "COMMENT ON COLUMN subscription_span.credential IS 'Name of the credential that sent its events'",
    "COMMENT ON COLUMN subscription_span.subscription_id IS 'As sent'",
    "COMMENT ON COLUMN subscription_span.names IS 'The event names it told, a bit each'",
    "COMMENT ON COLUMN subscription_span.first_at IS 'When its earliest event counts'",
    "COMMENT ON COLUMN subscription_span.closed_at IS 'From when on it tells nothing; null: it is open'",
    "COMMENT ON COLUMN subscription_span.because IS 'subscription-ended or subscription-inactive'",
    "COMMENT ON VIEW uncovered IS 'What is told no more when a subscription closes; way_out decides for which value that matters'",
    "COMMENT ON COLUMN uncovered.device_id IS 'The device of the row'",
    "COMMENT ON COLUMN uncovered.at IS 'When the subscription closed'",
    "COMMENT ON COLUMN uncovered.because IS 'subscription-ended or subscription-inactive'",
    "COMMENT ON COLUMN uncovered.lost IS 'The event names it told, a bit each'",
    "COMMENT ON COLUMN uncovered.told IS 'The event names that open subscriptions tell then, a bit each'",
    "COMMENT ON VIEW way_out IS 'A value is unknown once all names of one of its ways out are told no more'",
    "COMMENT ON COLUMN way_out.axis IS 'The axis'",
    "COMMENT ON COLUMN way_out.value IS 'The value; null: each'",
    "COMMENT ON COLUMN way_out.other_than IS 'But for this value; null: without exception'",
    "COMMENT ON COLUMN way_out.names IS 'The event names, a bit each'",
    "COMMENT ON VIEW axis_status IS 'The status on each axis of each row of the fleet'",
    "COMMENT ON COLUMN axis_status.device_id IS 'The device of the row'",
    "COMMENT ON COLUMN axis_status.axis IS 'connectivity, roaming, country, network-type or seen'",
    "COMMENT ON COLUMN axis_status.value IS 'By the latest event; country: empty means at home'",
    "COMMENT ON COLUMN axis_status.country_code IS 'Axis country: as sent'",
    "COMMENT ON COLUMN axis_status.country_name IS 'Axis country: as sent'",
    "COMMENT ON COLUMN axis_status.effective_at IS 'When the latest event counts'",
    "COMMENT ON COLUMN axis_status.first_at IS 'When the earliest event counts'",
    "COMMENT ON COLUMN axis_status.members IS 'The devices whose events count'",
    "COMMENT ON COLUMN axis_status.unknown_since IS 'Since when the value is not known; null: it is'",
    "COMMENT ON COLUMN axis_status.because IS 'Why it is not known'",
    "COMMENT ON COLUMN axis_status.lost_at IS 'When the value was last unknown before the latest event; null: never'",
    "COMMENT ON COLUMN axis_status.other_at IS 'When the latest event with another value counts; -infinity: there is none'",
    "COMMENT ON COLUMN axis_status.other_specificity IS 'Of that event'",
    "COMMENT ON COLUMN axis_status.other_digest IS 'Of that event'",
    "COMMENT ON VIEW axis_interval IS 'What was when, on each axis; reads all events of the devices that are asked for'",
    "COMMENT ON COLUMN axis_interval.device_id IS 'The device of the row'",
    "COMMENT ON COLUMN axis_interval.axis IS 'connectivity, roaming, country or network-type'",
    "COMMENT ON COLUMN axis_interval.from_at IS 'When it began'",
    "COMMENT ON COLUMN axis_interval.to_at IS 'When it ended; null: it lasts'",
    "COMMENT ON COLUMN axis_interval.value IS 'The value; null: not known'",
    "COMMENT ON COLUMN axis_interval.because IS 'Why it is not known; null: it is'",
    "COMMENT ON COLUMN axis_interval.ended_because IS 'Why the value after it is not known; null: it is, or there is none'",
    "COMMENT ON COLUMN axis_interval.country_code IS 'Axis country: by its latest event'",
    "COMMENT ON COLUMN axis_interval.country_name IS 'Axis country: by its latest event'",
    "COMMENT ON VIEW reporting.device_link IS 'Devices that stand for another one: what only a subscription or a network access identifier identifies'",
    "COMMENT ON COLUMN reporting.device_link.device_id IS 'The device that stands for another one'",
    "COMMENT ON COLUMN reporting.device_link.stands_for_device_id IS 'The device for which it stands'",
    "COMMENT ON COLUMN reporting.device_link.via IS 'What both have in common: subscription or network-access-identifier'",
    "COMMENT ON VIEW reporting.device IS 'The status now, a row for each device, as of what is derived: usually less than a second behind'",
    "COMMENT ON COLUMN reporting.device.device_id IS 'The device; one that stands for another one has no row of its own'",
    "COMMENT ON COLUMN reporting.device.phone_number IS 'As +digits; null: no event carried one'",
    "COMMENT ON COLUMN reporting.device.network_access_identifier IS 'As user@realm; the first of several'",
    "COMMENT ON COLUMN reporting.device.connectivity IS 'CONNECTED_DATA, CONNECTED_SMS, NOT_CONNECTED, or CONNECTED where it does not say; null: not known'",
    "COMMENT ON COLUMN reporting.device.connectivity_since IS 'When the value began, known or last known; leave it out of questions about the whole fleet, because it looks at events'",
    "COMMENT ON COLUMN reporting.device.connectivity_confirmed_at IS 'When the latest event counts that says it'",
    "COMMENT ON COLUMN reporting.device.connectivity_unknown_because IS 'Why it is not known: never-reported, subscription-ended or subscription-inactive; null: it is known'",
    "COMMENT ON COLUMN reporting.device.connectivity_unknown_since IS 'Since when it is not known; null: it is, or never was'",
    "COMMENT ON COLUMN reporting.device.connectivity_last IS 'What was known before; null: it is known, or never was'",
    "COMMENT ON COLUMN reporting.device.roaming IS 'Whether the device roams; null: not known'",
    "COMMENT ON COLUMN reporting.device.roaming_since IS 'When the value began, known or last known; leave it out of questions about the whole fleet, because it looks at events'",
    "COMMENT ON COLUMN reporting.device.roaming_confirmed_at IS 'When the latest event counts that says it'",
    "COMMENT ON COLUMN reporting.device.roaming_unknown_because IS 'Why it is not known: never-reported, subscription-ended or subscription-inactive; null: it is known'",
    "COMMENT ON COLUMN reporting.device.roaming_unknown_since IS 'Since when it is not known; null: it is, or never was'",
    "COMMENT ON COLUMN reporting.device.roaming_last IS 'What was known before; null: it is known, or never was'",
    "COMMENT ON COLUMN reporting.device.country IS 'While roaming: the first name as sent, usually ISO 3166 alpha-2, or else the code; null: at home or not known'",
    "COMMENT ON COLUMN reporting.device.country_code IS 'While roaming, as sent: an MCC, from some senders a calling code'",
    "COMMENT ON COLUMN reporting.device.country_name IS 'While roaming, as sent: ISO 3166 alpha-2, or names'",
    "COMMENT ON COLUMN reporting.device.connected_network_type IS '2G, 3G, 4G, 5G or UNKNOWN; null: not known'",
    "COMMENT ON COLUMN reporting.device.connected_network_type_since IS 'When the value began, known or last known; leave it out of questions about the whole fleet, because it looks at events'",
    "COMMENT ON COLUMN reporting.device.connected_network_type_confirmed_at IS 'When the latest event counts that says it'",
    "COMMENT ON COLUMN reporting.device.connected_network_type_unknown_because IS 'Why it is not known: never-reported, subscription-ended or subscription-inactive; null: it is known'",
    "COMMENT ON COLUMN reporting.device.connected_network_type_unknown_since IS 'Since when it is not known; null: it is, or never was'",
    "COMMENT ON COLUMN reporting.device.connected_network_type_last IS 'What was known before; null: it is known, or never was'",
    "COMMENT ON COLUMN reporting.device.first_event_at IS 'When the earliest event of any kind counts'",
    "COMMENT ON COLUMN reporting.device.last_event_at IS 'When the latest event of any kind counts'",
    "COMMENT ON VIEW reporting.connectivity_interval IS 'How each device was reached, and from when to when; give device_id, or use reporting.intervals for a range of time'",
    "COMMENT ON COLUMN reporting.connectivity_interval.device_id IS 'The device; one that stands for another one has no row of its own'",
    "COMMENT ON COLUMN reporting.connectivity_interval.from_at IS 'When it began'",
    "COMMENT ON COLUMN reporting.connectivity_interval.to_at IS 'When it ended; null: it lasts'",
    "COMMENT ON COLUMN reporting.connectivity_interval.connectivity IS 'CONNECTED_DATA, CONNECTED_SMS, NOT_CONNECTED or CONNECTED; null: not known'",
    "COMMENT ON COLUMN reporting.connectivity_interval.unknown_because IS 'subscription-ended or subscription-inactive; null: it is known'",
    "COMMENT ON VIEW reporting.network_type_interval IS 'The network type of each device, and from when to when; give device_id, or use reporting.intervals for a range of time'",
    "COMMENT ON COLUMN reporting.network_type_interval.device_id IS 'The device; one that stands for another one has no row of its own'",
    "COMMENT ON COLUMN reporting.network_type_interval.from_at IS 'When it began'",
    "COMMENT ON COLUMN reporting.network_type_interval.to_at IS 'When it ended; null: it lasts'",
    "COMMENT ON COLUMN reporting.network_type_interval.connected_network_type IS '2G, 3G, 4G, 5G or UNKNOWN; null: not known'",
    "COMMENT ON COLUMN reporting.network_type_interval.unknown_because IS 'subscription-ended or subscription-inactive; null: it is known'",
    "COMMENT ON VIEW reporting.roaming_session IS 'When each device roamed, a row for each time'",
    "COMMENT ON COLUMN reporting.roaming_session.device_id IS 'The device; one that stands for another one has no row of its own'",
    "COMMENT ON COLUMN reporting.roaming_session.from_at IS 'When the device began to roam'",
    "COMMENT ON COLUMN reporting.roaming_session.to_at IS 'When it was at home again, or nothing told it any more; null: it roams'",
    "COMMENT ON COLUMN reporting.roaming_session.end_known IS 'false: at to_at nothing told any more whether it roamed'",
    "COMMENT ON COLUMN reporting.roaming_session.unknown_because IS 'Why nothing told it any more: subscription-ended or subscription-inactive'",
    "COMMENT ON COLUMN reporting.roaming_session.countries IS 'The countries it visited, in their order: the first name as sent, usually ISO 3166 alpha-2, or else the code'",
    "COMMENT ON VIEW reporting.roaming_stay IS 'Where each device was while it roamed, a row for each time in a country'",
    "COMMENT ON COLUMN reporting.roaming_stay.device_id IS 'The device; one that stands for another one has no row of its own'",
    "COMMENT ON COLUMN reporting.roaming_stay.session_from_at IS 'from_at of the roaming session'",
    "COMMENT ON COLUMN reporting.roaming_stay.from_at IS 'When it came'",
    "COMMENT ON COLUMN reporting.roaming_stay.to_at IS 'When it left, or nothing told it any more; null: it is there'",
    "COMMENT ON COLUMN reporting.roaming_stay.country IS 'The first name as sent, usually ISO 3166 alpha-2, or else the code'",
    "COMMENT ON COLUMN reporting.roaming_stay.country_code IS 'As sent: an MCC, from some senders a calling code'",
    "COMMENT ON COLUMN reporting.roaming_stay.country_name IS 'As sent: ISO 3166 alpha-2, or names'",
    "COMMENT ON FUNCTION reporting.intervals(text, timestamptz, timestamptz) IS 'What each device was, and from when to when, in a range of time, on an axis: connectivity, roaming, country (empty: at home) or network-type. Intervals cover the range; value null: not known, and unknown_because says why; began_earlier and ends_later: cut at the range'",
    "COMMENT ON FUNCTION reporting.availability(timestamptz, timestamptz) IS 'For how many seconds of each day in UTC the network reached each device, did not, or nothing told it, in a range of time, up to now at most'",
)

# Whoever may use the schema may call its functions.
REPORTING_GRANT = """
GRANT SELECT ON
    reporting.device_link,
    reporting.device,
    reporting.connectivity_interval,
    reporting.network_type_interval,
    reporting.roaming_session,
    reporting.roaming_stay
TO receiver_reporting
"""

DROPS = (
    "DROP FUNCTION reporting.availability",
    "DROP FUNCTION reporting.intervals",
    "DROP VIEW reporting.roaming_stay",
    "DROP VIEW reporting.roaming_session",
    "DROP VIEW reporting.network_type_interval",
    "DROP VIEW reporting.connectivity_interval",
    "DROP VIEW reporting.device",
    "DROP VIEW reporting.device_link",
    "DROP VIEW axis_interval",
    "DROP VIEW axis_status",
    "DROP VIEW way_out",
    "DROP VIEW uncovered",
    "DROP VIEW subscription_span",
    "DROP VIEW device_member",
    "DROP VIEW device_link",
    "DROP VIEW identifier_link",
    "DROP VIEW subscription_link",
)


def upgrade() -> None:
    with op.get_context().autocommit_block():
        build_index(op.get_bind(), "event_ahead", "ahead", AHEAD)
    for command in (*VIEWS, *COMMENTS):
        execute(op.get_bind(), command)
    grant_reports(op.get_bind(), REPORTING_GRANT)


def downgrade() -> None:
    for command in (*DROPS, "DROP INDEX event_ahead"):
        op.execute(command)
