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
