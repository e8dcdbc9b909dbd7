CREATE VIEW identifier_link AS
SELECT weaker.device_id, stronger.device_id AS linked_device_id
FROM device_identifier AS weaker
JOIN device_identifier AS stronger
    ON stronger.kind = 'network-access-identifier' AND stronger.value = weaker.value
WHERE weaker.kind = 'network-access-identifier'
    AND weaker.strength = 2
    AND stronger.strength > 2
    AND NOT EXISTS (
        SELECT FROM device_identifier AS other
        WHERE other.kind = 'network-access-identifier'
            AND other.value = weaker.value
            AND other.strength > 2
            AND other.device_id <> stronger.device_id
    )
