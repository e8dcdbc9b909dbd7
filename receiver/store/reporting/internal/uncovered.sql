CREATE VIEW uncovered AS
SELECT
    closed.device_id,
    closed.closed_at AS at,
    closed.because,
    closed.names AS lost,
    coalesce(bit_or(other.names), 0) AS told
FROM subscription_span AS closed
LEFT JOIN subscription_span AS other
    ON other.device_id = closed.device_id
    AND other.first_at <= closed.closed_at
    AND coalesce(other.closed_at, 'infinity') > closed.closed_at
WHERE closed.closed_at IS NOT NULL
GROUP BY
    closed.device_id, closed.credential, closed.subscription_id, closed.closed_at, closed.because,
    closed.names
