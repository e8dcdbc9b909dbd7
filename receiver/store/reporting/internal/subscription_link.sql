CREATE VIEW subscription_link AS
SELECT weaker.device_id, stronger.device_id AS linked_device_id
FROM subscription AS weaker
JOIN subscription AS stronger USING (credential, subscription_id)
WHERE weaker.strength = 1 AND stronger.strength > 1 AND NOT EXISTS (
    SELECT FROM subscription AS other
    WHERE other.credential = weaker.credential
        AND other.subscription_id = weaker.subscription_id
        AND other.strength > 1
        AND other.device_id <> stronger.device_id
) AND NOT EXISTS (
    SELECT FROM subscription_registration AS registered
    WHERE registered.credential = weaker.credential
        AND registered.subscription_id = weaker.subscription_id
        AND registered.device_id <> stronger.device_id
)
UNION ALL
SELECT weaker.device_id, registered.device_id
FROM subscription AS weaker
JOIN subscription_registration AS registered USING (credential, subscription_id)
WHERE weaker.strength = 1 AND registered.device_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM subscription AS other
    WHERE other.credential = weaker.credential
        AND other.subscription_id = weaker.subscription_id
        AND other.strength > 1
)
