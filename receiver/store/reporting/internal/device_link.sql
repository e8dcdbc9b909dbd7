CREATE VIEW device_link AS
SELECT weaker.device_id, stronger.device_id AS linked_device_id, 'subscription' AS via
FROM subscription AS weaker
JOIN subscription AS stronger USING (credential, subscription_id)
WHERE weaker.strength = 1 AND stronger.strength > 1 AND NOT EXISTS (
    SELECT FROM subscription AS other
    WHERE other.credential = weaker.credential
        AND other.subscription_id = weaker.subscription_id
        AND other.strength > 1
        AND other.device_id <> stronger.device_id
)
UNION ALL
SELECT weaker.device_id, stronger.device_id, 'network-access-identifier'
FROM device_identifier AS weaker
JOIN device_identifier AS stronger USING (kind, value)
WHERE kind = 'network-access-identifier' AND weaker.strength = 2 AND stronger.strength > 2
    AND NOT EXISTS (
        SELECT FROM device_identifier AS other
        WHERE other.kind = weaker.kind
            AND other.value = weaker.value
            AND other.strength > 2
            AND other.device_id <> stronger.device_id
    )
