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
