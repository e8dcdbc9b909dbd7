CREATE VIEW reporting.sender AS
SELECT
    event.credential,
    event.source,
    (event.received_at AT TIME ZONE 'UTC')::date AS day,
    count(*) AS events,
    sum(coalesce((
        SELECT event_identity.deliveries
        FROM event_identity
        WHERE event_identity.sent_at = CASE
                WHEN 'time-missing' = ANY (event.findings) THEN '-infinity'
                ELSE event.occurred_at
            END
            AND event_identity.device_id = event.device_id
            AND event_identity.digest = event.digest
    ), 1) - 1)::bigint AS duplicates,
    extract(epoch FROM percentile_disc(0.5) WITHIN GROUP (
        ORDER BY event.received_at - event.occurred_at
    )) AS lateness_p50_seconds,
    extract(epoch FROM percentile_disc(0.99) WITHIN GROUP (
        ORDER BY event.received_at - event.occurred_at
    )) AS lateness_p99_seconds,
    extract(epoch FROM max(event.received_at - event.occurred_at)) AS lateness_max_seconds,
    count(*) FILTER (WHERE event.occurred_at > event.received_at) AS ahead,
    sum(cardinality(event.findings))::bigint AS findings
FROM event
GROUP BY event.credential, event.source, day
