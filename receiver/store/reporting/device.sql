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
