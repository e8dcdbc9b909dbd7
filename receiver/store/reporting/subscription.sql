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
    about.device_ids,
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
        SELECT coalesce(sum(counted.events), 0)::bigint FROM subscription_event AS counted
        WHERE counted.subscription_id = known.subscription_id
            AND counted.credential = known.credential
    ) AS events,
    (
        SELECT coalesce(sum(counted.charged), 0)::bigint FROM subscription_event AS counted
        WHERE counted.subscription_id = known.subscription_id
            AND counted.credential = known.credential
    ) AS charged_events,
    (
        SELECT max(counted.last_at) FROM subscription_event AS counted
        WHERE counted.subscription_id = known.subscription_id
            AND counted.credential = known.credential
    ) AS last_event_at,
    told.ended_at IS NULL AND coalesce((
        SELECT sum(paused.events) >= 5
            AND now() - max(paused.last_at) > greatest(3 * max(paused.pause), interval '1 day')
        FROM (
            SELECT
                counted.events,
                counted.last_at,
                greatest(counted.longest_pause, counted.first_at - max(counted.last_at) OVER (
                    ORDER BY counted.first_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
                )) AS pause
            FROM subscription_event AS counted
            WHERE counted.subscription_id = known.subscription_id
                AND counted.credential = known.credential
        ) AS paused
    ), false) AS is_silent,
    coalesce(least(
        told.ended_at,
        CASE WHEN told.update_reason = 'SUBSCRIPTION_INACTIVE' THEN told.updated_at END
    ) <= now(), false) AND EXISTS (
        SELECT FROM way_out
        CROSS JOIN (
            SELECT coalesce(bit_or(other.names), 0) AS names
            FROM (
                SELECT about.device_ids || ARRAY(
                    SELECT link.device_id FROM device_link AS link
                    WHERE link.linked_device_id = ANY(about.device_ids)
                ) AS device_ids
            ) AS alike
            CROSS JOIN LATERAL (
                SELECT subscription.credential, subscription.subscription_id FROM subscription
                WHERE subscription.device_id = ANY(alike.device_ids)
                UNION
                SELECT registration.credential, registration.subscription_id
                FROM subscription_registration AS registration
                WHERE registration.device_id = ANY(alike.device_ids)
            ) AS near
            CROSS JOIN LATERAL (
                SELECT
                    bit_or(said.names) AS names,
                    min(said.first_at) AS first_at,
                    max(said.ended_at) AS ended_at,
                    CASE
                        WHEN (array_agg(
                            said.update_reason
                            ORDER BY said.updated_at DESC NULLS LAST, said.update_digest DESC
                        ))[1] = 'SUBSCRIPTION_INACTIVE' THEN max(said.updated_at)
                    END AS inactive_at
                FROM (
                    SELECT
                        subscription.names, subscription.first_at, subscription.ended_at,
                        subscription.updated_at, subscription.update_digest,
                        subscription.update_reason
                    FROM subscription
                    WHERE subscription.credential = near.credential
                        AND subscription.subscription_id = near.subscription_id
                    UNION ALL
                    SELECT span.names, span.first_at, NULL, NULL, NULL, NULL
                    FROM registered_span AS span
                    WHERE span.credential = near.credential
                        AND span.subscription_id = near.subscription_id
                ) AS said
            ) AS other
            WHERE other.first_at <= now()
                AND coalesce(least(other.ended_at, other.inactive_at), 'infinity') > now()
        ) AS open_now
        WHERE way_out.names & (told.names | coalesce((
                SELECT span.names FROM registered_span AS span
                WHERE span.credential = known.credential
                    AND span.subscription_id = known.subscription_id
            ), 0)) <> 0
            AND way_out.names & open_now.names = 0
    ) AS is_uncovered
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
CROSS JOIN LATERAL (
    SELECT ARRAY(
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
    ) AS device_ids
) AS about
