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
    CASE WHEN connectivity.unknown_since IS NULL THEN connectivity.value END AS connectivity,
    (
        SELECT since FROM axis_beginning
        WHERE axis_beginning.device_id = device.device_id AND axis_beginning.axis = 'connectivity'
    ) AS connectivity_since,
    connectivity.effective_at AS connectivity_confirmed_at,
    CASE WHEN connectivity.device_id IS NULL THEN 'never-reported' ELSE connectivity.because END
        AS connectivity_unknown_because,
    connectivity.unknown_since AS connectivity_unknown_since,
    CASE WHEN connectivity.unknown_since IS NOT NULL THEN connectivity.value END
        AS connectivity_last,
    CASE WHEN roaming.unknown_since IS NULL THEN roaming.value::boolean END AS roaming,
    (
        SELECT since FROM axis_beginning
        WHERE axis_beginning.device_id = device.device_id AND axis_beginning.axis = 'roaming'
    ) AS roaming_since,
    roaming.effective_at AS roaming_confirmed_at,
    CASE WHEN roaming.device_id IS NULL THEN 'never-reported' ELSE roaming.because END
        AS roaming_unknown_because,
    roaming.unknown_since AS roaming_unknown_since,
    CASE WHEN roaming.unknown_since IS NOT NULL THEN roaming.value::boolean END AS roaming_last,
    CASE
        WHEN roaming.value = 'true' AND roaming.unknown_since IS NULL
            AND country.value <> '' AND country.unknown_since IS NULL THEN country.value
    END AS country,
    CASE
        WHEN roaming.value = 'true' AND roaming.unknown_since IS NULL
            AND country.value <> '' AND country.unknown_since IS NULL THEN country.country_code
    END AS country_code,
    CASE
        WHEN roaming.value = 'true' AND roaming.unknown_since IS NULL
            AND country.value <> '' AND country.unknown_since IS NULL THEN country.country_name
    END AS country_name,
    CASE WHEN network_type.unknown_since IS NULL THEN network_type.value END
        AS connected_network_type,
    (
        SELECT since FROM axis_beginning
        WHERE axis_beginning.device_id = device.device_id AND axis_beginning.axis = 'network-type'
    ) AS connected_network_type_since,
    network_type.effective_at AS connected_network_type_confirmed_at,
    CASE WHEN network_type.device_id IS NULL THEN 'never-reported' ELSE network_type.because END
        AS connected_network_type_unknown_because,
    network_type.unknown_since AS connected_network_type_unknown_since,
    CASE WHEN network_type.unknown_since IS NOT NULL THEN network_type.value END
        AS connected_network_type_last,
    device.first_event_at,
    device.last_event_at
FROM (
    SELECT
        member.device_id,
        min(seen.first_at) AS first_event_at,
        max(seen.effective_at) AS last_event_at
    FROM device_member AS member
    JOIN device_status AS seen ON seen.device_id = member.member_id AND seen.axis = 'seen'
    GROUP BY member.device_id
) AS device
LEFT JOIN axis_status AS connectivity
    ON connectivity.device_id = device.device_id AND connectivity.axis = 'connectivity'
LEFT JOIN axis_status AS roaming
    ON roaming.device_id = device.device_id AND roaming.axis = 'roaming'
LEFT JOIN axis_status AS country
    ON country.device_id = device.device_id AND country.axis = 'country'
LEFT JOIN axis_status AS network_type
    ON network_type.device_id = device.device_id AND network_type.axis = 'network-type'
