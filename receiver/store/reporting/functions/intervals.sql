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
