CREATE VIEW subscription_span AS
SELECT
    device_id,
    credential,
    subscription_id,
    names,
    first_at,
    least(ended_at, inactive_at) AS closed_at,
    CASE
        WHEN ended_at <= coalesce(inactive_at, 'infinity') THEN 'subscription-ended'
        WHEN inactive_at IS NOT NULL THEN 'subscription-inactive'
    END AS because
FROM (
    SELECT
        told.device_id,
        told.credential,
        told.subscription_id,
        bit_or(told.names) AS names,
        min(told.first_at) AS first_at,
        max(told.ended_at) AS ended_at,
        CASE
            WHEN (
                array_agg(told.update_reason ORDER BY told.updated_at DESC, told.update_digest DESC)
                    FILTER (WHERE told.updated_at IS NOT NULL)
            )[1] = 'SUBSCRIPTION_INACTIVE' THEN max(told.updated_at)
        END AS inactive_at
    FROM (
        SELECT
            member.device_id,
            told.credential,
            told.subscription_id,
            told.names | coalesce(registered.names, 0) AS names,
            least(told.first_at, registered.first_at) AS first_at,
            told.ended_at,
            told.updated_at,
            told.update_digest,
            told.update_reason
        FROM device_member AS member
        JOIN subscription AS told ON told.device_id = member.member_id
        LEFT JOIN registered_span AS registered
            ON registered.credential = told.credential
            AND registered.subscription_id = told.subscription_id
        UNION ALL
        SELECT
            member.device_id, registered.credential, registered.subscription_id, registered.names,
            registered.first_at, NULL, NULL, NULL, NULL
        FROM device_member AS member
        JOIN registered_span AS registered ON registered.device_id = member.member_id
    ) AS told
    GROUP BY told.device_id, told.credential, told.subscription_id
) AS merged
