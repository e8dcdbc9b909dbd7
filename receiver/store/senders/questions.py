"""The questions about senders, each in the order of an index and over a bounded number of rows."""

from receiver.store.events.columns import sent_at

# Events that are looked at, the newest of a window: they take Postgres half a second of a core, of
# which the look-ups of deliveries are a third.
LOOKED_EVENTS = 50_000

# Refused notifications likewise; the newest ones.
LOOKED_REFUSALS = 10_000

# Senders of one answer. Some providers put a subscription into `source`, and have one for each.
SENDERS_MAX = 100

# Reasons of one answer; they differ by numbers alone, which are taken out.
REASONS_MAX = 200

# Credentials of one answer.
ADMITTED_MAX = 500

# Of each question. What is looked at fits into memory, and one answer is made at a time.
LIMITS = """
SELECT set_config('statement_timeout', %(milliseconds)s, true), set_config('work_mem', '16MB', true)
"""

# What is looked at is read once, and counted in three ways. `place` is 1 for the newest event, and
# `written` tells a source from another, none included. Deliveries are looked up one by one: a join
# would read all identities. A credential is looked for among what was read: otherwise a question
# for one that sends nothing would read everything. There is a row also where there is no sender.
EVENTS = f"""
WITH read AS MATERIALIZED (
    SELECT row_number() OVER (ORDER BY stored_at DESC, seq DESC) AS place,
        credential, source, coalesce('=' || source, '') AS own,
        stored_at, seq, device_id, received_at, findings,
        extract(epoch FROM received_at - occurred_at)::float8 AS lateness,
        coalesce((
            SELECT deliveries FROM event_identity
            WHERE event_identity.sent_at = {sent_at("event")}
                AND event_identity.device_id = event.device_id
                AND event_identity.digest = event.digest
        ), 1) - 1 AS duplicates
    FROM event
    WHERE stored_at >= %(start)s AND stored_at < %(end)s
    ORDER BY stored_at DESC, seq DESC
    LIMIT %(limit)s
), looked AS MATERIALIZED (
    SELECT *, CASE WHEN %(is_by_source)s THEN own ELSE '' END AS written
    FROM read
    WHERE cardinality(%(credentials)s::text[]) = 0 OR credential = ANY (%(credentials)s::text[])
), total AS (
    SELECT count(*) AS looked_events, min(stored_at) AS looked_from FROM read
), pauses AS (
    SELECT credential, written,
        stored_at - lag(stored_at) OVER (PARTITION BY credential, written ORDER BY place DESC)
            AS pause
    FROM looked
), longest AS (
    SELECT credential, written, max(pause) AS pause FROM pauses GROUP BY credential, written
), senders AS (
    SELECT credential, written, CASE WHEN %(is_by_source)s THEN min(source) END AS source,
        count(DISTINCT CASE WHEN NOT %(is_by_source)s THEN own END) AS sources,
        count(*) AS events,
        sum(duplicates)::bigint AS duplicates,
        count(*) FILTER (WHERE lateness < 0) AS ahead,
        min(received_at) AS first_at,
        max(received_at) AS last_at,
        max(stored_at) AS last_stored_at,
        percentile_disc(ARRAY[0.5, 0.99, 1]) WITHIN GROUP (ORDER BY lateness) AS lateness
    FROM looked
    GROUP BY credential, written
), shown AS (
    SELECT *, count(*) OVER () AS senders
    FROM senders ORDER BY events DESC, credential, written LIMIT %(senders)s
), counted AS (
    SELECT credential, written,
        date_bin(%(step)s * interval '1 second', stored_at, '1970-01-01Z') AS at,
        count(*) AS events
    FROM looked GROUP BY credential, written, at
), slots AS MATERIALIZED (
    SELECT credential, written,
        array_agg(at ORDER BY at) AS slots_at, array_agg(events ORDER BY at) AS slots_events
    FROM counted GROUP BY credential, written
), found AS (
    SELECT looked.credential, looked.written, finding.name,
        (stored_at AT TIME ZONE 'UTC')::date AS day, count(*) AS events, min(place) AS place
    FROM looked CROSS JOIN LATERAL unnest(findings) AS finding (name)
    GROUP BY looked.credential, looked.written, finding.name, day
), findings AS MATERIALIZED (
    SELECT found.credential, found.written,
        json_agg(json_build_array(
            name, day, events, looked.device_id, looked.stored_at, looked.seq, looked.received_at
        ) ORDER BY name, day) AS findings
    FROM found JOIN looked USING (place)
    GROUP BY found.credential, found.written
)
SELECT looked_events, looked_from, shown.*, longest.pause, slots_at, slots_events, findings
FROM total
LEFT JOIN shown ON true
LEFT JOIN longest USING (credential, written)
LEFT JOIN slots USING (credential, written)
LEFT JOIN findings USING (credential, written)
ORDER BY events DESC, credential, written
"""  # noqa: S608 - composed of constants

# Reasons hold numbers of what was sent, such as a column; without them there are as many as there
# are kinds.
REFUSALS = r"""
WITH looked AS MATERIALIZED (
    SELECT id, received_at, credential, state,
        regexp_replace(reason, '(?<!RFC |UTF-)\m[0-9]+', 'N', 'g') AS reason
    FROM quarantine
    WHERE received_at >= %(start)s AND received_at < %(end)s
    ORDER BY received_at DESC, id DESC
    LIMIT %(limit)s
), total AS (
    SELECT count(*) AS looked FROM looked
)
SELECT credential, reason, looked,
    count(*) AS notifications,
    count(*) FILTER (WHERE state = 'refused') AS waiting,
    max(received_at) AS latest_at,
    (array_agg(id ORDER BY received_at DESC, id DESC))[1] AS latest_key
FROM looked CROSS JOIN total
WHERE cardinality(%(credentials)s::text[]) = 0 OR credential = ANY (%(credentials)s::text[])
GROUP BY credential, reason, looked
ORDER BY notifications DESC, credential, reason
LIMIT %(reasons)s
"""

# Whenever they came; what is stored by now is swept soon.
WAITING = """
SELECT now() AS as_of, (
    SELECT count(*) FROM (
        SELECT FROM quarantine WHERE state = 'refused' LIMIT %(limit)s
    ) AS waiting
) AS waiting
"""

ADMITTED = """
SELECT name, last_used_at FROM credential
WHERE role = 'sink' AND revoked_at IS NULL AND EXISTS (
    SELECT FROM credential_token
    WHERE credential_token.name = credential.name
        AND (expires_at IS NULL OR expires_at > now())
)
ORDER BY name LIMIT %(limit)s
"""
