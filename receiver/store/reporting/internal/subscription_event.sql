CREATE VIEW subscription_event AS
SELECT
    event.credential,
    event.subscription_id,
    1::bigint AS events,
    CASE WHEN event.kind <> 'subscription' THEN 1 ELSE 0 END::bigint AS charged,
    event_time.at AS first_at,
    event_time.at AS last_at,
    NULL::interval AS longest_pause
FROM event
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN event.occurred_at - event.received_at > interval '5 minutes' THEN event.received_at
        ELSE event.occurred_at
    END AS at
) AS event_time
WHERE event.subscription_id IS NOT NULL
    AND event.stored_at >= coalesce((SELECT retention.kept_from FROM retention), '-infinity')
UNION ALL
SELECT
    retired.credential,
    retired.subscription_id,
    retired.events,
    retired.charged,
    retired.first_at,
    retired.last_at,
    retired.longest_pause
FROM subscription_retired AS retired
WHERE retired.month < (SELECT retention.kept_from FROM retention)
