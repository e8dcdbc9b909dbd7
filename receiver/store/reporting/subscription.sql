CREATE VIEW reporting.subscription AS
SELECT
    known.credential,
    known.subscription_id,
    CASE
        WHEN told.ended_at IS NOT NULL THEN 'ended'
        WHEN registered.expires_at <= now() THEN 'overdue'
        WHEN told.update_reason = 'SUBSCRIPTION_INACTIVE' THEN 'inactive'
        ELSE 'active'
    END AS state,
    ARRAY(
        SELECT subscription.device_id FROM subscription
        WHERE subscription.credential = known.credential
            AND subscription.subscription_id = known.subscription_id
            AND (
                subscription.strength > 1
                OR (told.strength <= 1 AND registered.device_id IS NULL)
            )
        UNION
        SELECT registered.device_id WHERE registered.device_id IS NOT NULL
        ORDER BY 1
    ) AS device_ids,
    ARRAY(
        SELECT bit.name
        FROM unnest(ARRAY[
            'connectivity-data', 'connectivity-sms', 'connectivity-disconnected', 'connectivity',
            'roaming-status', 'roaming-on', 'roaming-off', 'roaming-change-country',
            'network-type-changed'
        ]) WITH ORDINALITY AS bit (name, place)
        WHERE told.names & (1 << (bit.place::integer - 1)) <> 0
        ORDER BY bit.name COLLATE "C"
    ) AS names,
    told.first_at,
    told.started_at,
    CASE WHEN told.update_reason = 'SUBSCRIPTION_INACTIVE' THEN told.updated_at END AS inactive_at,
    told.ended_at,
    told.end_reason AS termination_reason,
    registered.registered_at,
    registered.starts_at,
    registered.expires_at,
    registered.max_events,
    registered.types,
    registered.phone_number,
    registered.network_access_identifier,
    (
        SELECT count(*) FROM event
        WHERE event.subscription_id = known.subscription_id
            AND event.credential = known.credential
    ) AS events,
    (
        SELECT count(*) FROM event
        WHERE event.subscription_id = known.subscription_id
            AND event.credential = known.credential AND event.kind <> 'subscription'
    ) AS charged_events,
    (
        SELECT max(least(
            event.occurred_at,
            CASE
                WHEN event.occurred_at - event.received_at > interval '5 minutes'
                THEN event.received_at
            END
        ))
        FROM event
        WHERE event.subscription_id = known.subscription_id
            AND event.credential = known.credential
    ) AS last_event_at,
    told.ended_at IS NULL AND coalesce((
        SELECT count(*) >= 5
            AND now() - max(told_at.at) > greatest(3 * max(told_at.pause), interval '1 day')
        FROM (
            SELECT counted.at, counted.at - lag(counted.at) OVER (ORDER BY counted.at) AS pause
            FROM (
                SELECT least(
                    event.occurred_at,
                    CASE
                        WHEN event.occurred_at - event.received_at > interval '5 minutes'
                        THEN event.received_at
                    END
                ) AS at
                FROM event
                WHERE event.subscription_id = known.subscription_id
                    AND event.credential = known.credential
            ) AS counted
        ) AS told_at
    ), false) AS is_silent
FROM (
    SELECT subscription.credential, subscription.subscription_id FROM subscription
    UNION
    SELECT subscription_registration.credential, subscription_registration.subscription_id
    FROM subscription_registration
) AS known
LEFT JOIN subscription_registration AS registered
    ON registered.credential = known.credential
    AND registered.subscription_id = known.subscription_id
CROSS JOIN LATERAL (
    SELECT
        max(subscription.strength) AS strength,
        coalesce(bit_or(subscription.names), 0) AS names,
        min(subscription.first_at) AS first_at,
        min(subscription.started_at) AS started_at,
        max(subscription.ended_at) AS ended_at,
        (array_agg(
            subscription.end_reason
            ORDER BY subscription.ended_at DESC NULLS LAST, subscription.end_digest DESC
        ))[1] AS end_reason,
        max(subscription.updated_at) AS updated_at,
        (array_agg(
            subscription.update_reason
            ORDER BY subscription.updated_at DESC NULLS LAST, subscription.update_digest DESC
        ))[1] AS update_reason
    FROM subscription
    WHERE subscription.credential = known.credential
        AND subscription.subscription_id = known.subscription_id
) AS told
