CREATE VIEW reporting.finding AS
SELECT
    event.credential,
    event.source,
    event.type,
    (event.received_at AT TIME ZONE 'UTC')::date AS day,
    finding.name AS finding,
    count(*) AS events,
    min(event.received_at) AS first_received_at,
    max(event.received_at) AS last_received_at,
    (array_agg(event.event_id ORDER BY event.received_at DESC)
        FILTER (WHERE event.event_id IS NOT NULL))[1] AS last_sender_event_id
FROM event
CROSS JOIN LATERAL unnest(event.findings) AS finding (name)
GROUP BY event.credential, event.source, event.type, day, finding.name
