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
