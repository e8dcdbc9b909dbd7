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
UNION ALL
SELECT DISTINCT link.linked_device_id, link.linked_device_id
FROM subscription_link AS link
WHERE NOT EXISTS (
    SELECT FROM device_status AS seen
    WHERE seen.device_id = link.linked_device_id AND seen.axis = 'seen'
)
