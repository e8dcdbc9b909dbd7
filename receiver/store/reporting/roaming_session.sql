CREATE VIEW reporting.roaming_session AS
SELECT
    roaming.device_id,
    roaming.from_at,
    roaming.to_at,
    roaming.ended_because IS NULL AS end_known,
    roaming.ended_because AS unknown_because,
    coalesce(
        array_agg(country.value ORDER BY country.from_at) FILTER (WHERE country.value IS NOT NULL),
        '{}'
    ) AS countries
FROM axis_interval AS roaming
LEFT JOIN axis_interval AS country
    ON country.device_id = roaming.device_id
    AND country.axis = 'country'
    AND country.value <> ''
    AND country.from_at < coalesce(roaming.to_at, 'infinity')
    AND coalesce(country.to_at, 'infinity') > roaming.from_at
WHERE roaming.axis = 'roaming' AND roaming.value = 'true'
GROUP BY roaming.device_id, roaming.from_at, roaming.to_at, roaming.ended_because
