CREATE FUNCTION reporting.availability(from_time timestamptz, to_time timestamptz)
RETURNS TABLE (
    device_id uuid, day date, available_seconds numeric, unavailable_seconds numeric,
    unknown_seconds numeric
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
SELECT
    known.device_id,
    (part.day AT TIME ZONE 'UTC')::date,
    coalesce(sum(length.seconds) FILTER (WHERE known.value <> 'NOT_CONNECTED'), 0),
    coalesce(sum(length.seconds) FILTER (WHERE known.value = 'NOT_CONNECTED'), 0),
    coalesce(sum(length.seconds) FILTER (WHERE known.value IS NULL), 0)
FROM reporting.intervals('connectivity', from_time, least(to_time, now())) AS known
CROSS JOIN LATERAL generate_series(
    date_trunc('day', known.from_at, 'UTC'),
    coalesce(known.to_at, least(to_time, now())) - interval '1 microsecond',
    interval '24 hours'
) AS part (day)
CROSS JOIN LATERAL (
    SELECT extract(epoch FROM
        least(known.to_at, part.day + interval '24 hours', to_time, now())
        - greatest(known.from_at, part.day)
    ) AS seconds
) AS length
GROUP BY known.device_id, part.day;
END
