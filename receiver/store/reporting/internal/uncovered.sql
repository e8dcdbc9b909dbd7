CREATE VIEW uncovered AS
SELECT
    device.device_id,
    closed.closed_at AS at,
    closed.because,
    closed.names AS lost,
    coalesce((
        SELECT bit_or(other.names)
        FROM unnest(device.names, device.first_at, device.closed_at)
            AS other (names, first_at, closed_at)
        WHERE other.first_at <= closed.closed_at
            AND coalesce(other.closed_at, 'infinity') > closed.closed_at
    ), 0) AS told
FROM (
    SELECT
        device_id,
        array_agg(names) AS names,
        array_agg(first_at) AS first_at,
        array_agg(closed_at) AS closed_at,
        array_agg(because) AS because
    FROM subscription_span
    GROUP BY device_id
    HAVING count(closed_at) > 0
) AS device
CROSS JOIN LATERAL unnest(device.names, device.closed_at, device.because)
    AS closed (names, closed_at, because)
WHERE closed.closed_at IS NOT NULL
