CREATE VIEW reporting.roaming_stay AS
SELECT
    roaming.device_id,
    roaming.from_at AS session_from_at,
    greatest(roaming.from_at, country.from_at) AS from_at,
    least(roaming.to_at, country.to_at) AS to_at,
    country.value AS country,
    country.country_code,
    country.country_name
FROM axis_interval AS roaming
JOIN axis_interval AS country
    ON country.device_id = roaming.device_id
    AND country.from_at < coalesce(roaming.to_at, 'infinity')
    AND coalesce(country.to_at, 'infinity') > roaming.from_at
WHERE roaming.axis = 'roaming' AND roaming.value = 'true'
    AND country.axis = 'country' AND country.value <> ''
