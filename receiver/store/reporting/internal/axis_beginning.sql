CREATE VIEW axis_beginning AS
SELECT
    latest.device_id,
    latest.axis,
    CASE
        WHEN after.at IS NULL THEN earliest.first_at
        ELSE least(latest.effective_at, found.at)
    END AS since
FROM axis_status AS latest
CROSS JOIN LATERAL (
    SELECT min(said.first_at) AS first_at
    FROM device_member AS member
    JOIN device_status AS said ON said.device_id = member.member_id
    WHERE member.device_id = latest.device_id AND said.axis = latest.axis
) AS earliest
LEFT JOIN LATERAL (
    SELECT other.at, other.specificity, other.digest
    FROM (
        SELECT said.other_at, said.other_specificity, said.other_digest
        FROM device_member AS member
        JOIN device_status AS said ON said.device_id = member.member_id
        WHERE member.device_id = latest.device_id
            AND said.axis = latest.axis
            AND said.value = latest.value
            AND said.other_at > '-infinity'
        UNION ALL
        SELECT said.effective_at, said.specificity, said.digest
        FROM device_member AS member
        JOIN device_status AS said ON said.device_id = member.member_id
        WHERE member.device_id = latest.device_id
            AND said.axis = latest.axis
            AND said.value <> latest.value
        UNION ALL
        SELECT uncovered.at, 32767, ''::bytea
        FROM uncovered
        WHERE uncovered.device_id = latest.device_id
            AND uncovered.at < latest.effective_at
            AND EXISTS (
                SELECT FROM way_out
                WHERE way_out.axis = latest.axis
                    AND (way_out.value IS NULL OR way_out.value = latest.value)
                    AND (way_out.other_than IS NULL OR way_out.other_than <> latest.value)
                    AND uncovered.lost & way_out.names <> 0
                    AND uncovered.told & way_out.names = 0
            )
    ) AS other (at, specificity, digest)
    ORDER BY other.at DESC, other.specificity DESC, other.digest DESC
    LIMIT 1
) AS after ON true
LEFT JOIN LATERAL (
    SELECT min(said.at) AS at
    FROM device_member AS member
    CROSS JOIN LATERAL (
        (
            SELECT event.occurred_at AS at
            FROM event
            WHERE event.device_id = member.member_id
                AND NOT event.occurred_at - event.received_at > interval '5 minutes'
                AND event.occurred_at >= after.at
                AND CASE latest.axis
                    WHEN 'connectivity' THEN event.connectivity
                    WHEN 'roaming' THEN event.roaming::text
                    WHEN 'network-type' THEN event.connected_network_type
                END = latest.value
                AND (
                    event.occurred_at,
                    CASE event.name
                        WHEN 'roaming-status' THEN 2 WHEN 'roaming-change-country' THEN 3 ELSE 1
                    END,
                    event.digest
                ) > (after.at, after.specificity, after.digest)
            ORDER BY event.occurred_at
            LIMIT 1
        )
        UNION ALL
        (
            SELECT event.received_at
            FROM event
            WHERE event.device_id = member.member_id
                AND event.occurred_at - event.received_at > interval '5 minutes'
                AND event.received_at >= after.at
                AND CASE latest.axis
                    WHEN 'connectivity' THEN event.connectivity
                    WHEN 'roaming' THEN event.roaming::text
                    WHEN 'network-type' THEN event.connected_network_type
                END = latest.value
                AND (
                    event.received_at,
                    CASE event.name
                        WHEN 'roaming-status' THEN 2 WHEN 'roaming-change-country' THEN 3 ELSE 1
                    END,
                    event.digest
                ) > (after.at, after.specificity, after.digest)
            ORDER BY event.received_at
            LIMIT 1
        )
    ) AS said
    WHERE member.device_id = latest.device_id
) AS found ON true
WHERE latest.axis <> 'country'
