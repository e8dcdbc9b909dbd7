CREATE VIEW registered_span AS
SELECT
    credential,
    subscription_id,
    device_id,
    coalesce((
        SELECT bit_or(bit.value)
        FROM unnest(types) AS registered (type)
        JOIN (VALUES
            ('connectivity-data', 1), ('reachability-data', 1),
            ('connectivity-sms', 2), ('reachability-sms', 2),
            ('connectivity-disconnected', 4), ('reachability-disconnected', 4),
            ('connectivity', 8),
            ('roaming-status', 16),
            ('roaming-on', 32),
            ('roaming-off', 64),
            ('roaming-change-country', 128),
            ('network-type-changed', 256)
        ) AS bit (name, value)
            ON bit.name = replace(lower(substring(registered.type FROM '[^.]*$')), '_', '-')
    ), 0) AS names,
    coalesce(starts_at, registered_at) AS first_at
FROM subscription_registration
