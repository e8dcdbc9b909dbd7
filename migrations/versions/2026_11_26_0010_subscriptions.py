"""Registrations of subscriptions, the role that may register them, and the views of both.

The lock on the credentials is not waited for long: while it waits, no token can be looked up.
"""

from alembic import op

from receiver.store.schema.commands import grant_reports

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# Each command is sent by itself, because several in one text fail on a distributed table.
TABLE = (
    """
    CREATE TABLE subscription_registration (
        credential TEXT NOT NULL,
        subscription_id TEXT NOT NULL,
        registered_at TIMESTAMP WITH TIME ZONE NOT NULL,
        starts_at TIMESTAMP WITH TIME ZONE,
        expires_at TIMESTAMP WITH TIME ZONE,
        max_events BIGINT,
        types TEXT[] DEFAULT '{}' NOT NULL,
        device_id UUID,
        phone_number TEXT,
        network_access_identifier TEXT,
        CONSTRAINT subscription_registration_pkey PRIMARY KEY (credential, subscription_id)
    )
    """,
    """
    CREATE INDEX subscription_registration_device ON subscription_registration (device_id)
    WHERE device_id IS NOT NULL
    """,
    """
    CREATE INDEX subscription_registration_network_access_identifier
    ON subscription_registration (network_access_identifier)
    WHERE network_access_identifier IS NOT NULL
    """,
    "COMMENT ON TABLE subscription_registration IS 'What was told to us of a subscription when it was made; never derived'",
    "COMMENT ON COLUMN subscription_registration.credential IS 'Name of the credential that sends its events'",
    "COMMENT ON COLUMN subscription_registration.subscription_id IS 'As the provider answered'",
    "COMMENT ON COLUMN subscription_registration.registered_at IS 'When it was first told to us'",
    "COMMENT ON COLUMN subscription_registration.starts_at IS 'When it begins, as the provider answered'",
    "COMMENT ON COLUMN subscription_registration.expires_at IS 'When it ends at the latest, as the provider answered'",
    "COMMENT ON COLUMN subscription_registration.max_events IS 'After how many events it ends'",
    "COMMENT ON COLUMN subscription_registration.types IS 'The event types it is for, as the provider answered'",
    "COMMENT ON COLUMN subscription_registration.device_id IS 'The device it is about; null: not told'",
    "COMMENT ON COLUMN subscription_registration.phone_number IS 'Of that device, as +digits'",
    "COMMENT ON COLUMN subscription_registration.network_access_identifier IS 'Of that device, as user@realm'",
)

VIEW = """
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
"""

VIEW_COMMENTS = (
    "COMMENT ON VIEW reporting.subscription IS 'What is known of each subscription, with what was registered; a little behind the events'",
    "COMMENT ON COLUMN reporting.subscription.credential IS 'Name of the credential that sends its events'",
    "COMMENT ON COLUMN reporting.subscription.subscription_id IS 'As the provider named it'",
    "COMMENT ON COLUMN reporting.subscription.state IS 'The first of ended, overdue (registered expiry passed without an end), inactive, active; is_silent says more of an active one'",
    "COMMENT ON COLUMN reporting.subscription.device_ids IS 'The devices it is about; the subscription itself where nothing else is known'",
    "COMMENT ON COLUMN reporting.subscription.names IS 'The event names it told, of those that are known'",
    "COMMENT ON COLUMN reporting.subscription.first_at IS 'When its earliest event counts'",
    "COMMENT ON COLUMN reporting.subscription.started_at IS 'When it said that it started'",
    "COMMENT ON COLUMN reporting.subscription.inactive_at IS 'Since when it is inactive; null: it is not, or it ended'",
    "COMMENT ON COLUMN reporting.subscription.ended_at IS 'When it said that it ended; null: it did not'",
    "COMMENT ON COLUMN reporting.subscription.termination_reason IS 'Why it ended, as sent'",
    "COMMENT ON COLUMN reporting.subscription.registered_at IS 'When it was registered; null: it was not'",
    "COMMENT ON COLUMN reporting.subscription.starts_at IS 'Its registered start'",
    "COMMENT ON COLUMN reporting.subscription.expires_at IS 'Its registered expiry'",
    "COMMENT ON COLUMN reporting.subscription.max_events IS 'After how many events it ends, as registered'",
    "COMMENT ON COLUMN reporting.subscription.types IS 'The registered event types'",
    "COMMENT ON COLUMN reporting.subscription.phone_number IS 'Of the registered device, as +digits'",
    "COMMENT ON COLUMN reporting.subscription.network_access_identifier IS 'Of the registered device, as user@realm'",
    "COMMENT ON COLUMN reporting.subscription.events IS 'Its stored events; counted from the events for each row, so choose rows first'",
    "COMMENT ON COLUMN reporting.subscription.charged_events IS 'Of these, those that count against max_events: all but those about the subscription itself'",
    "COMMENT ON COLUMN reporting.subscription.last_event_at IS 'When its latest event counts; read from the events for each row'",
    "COMMENT ON COLUMN reporting.subscription.is_silent IS 'Whether nothing came for three times its longest pause between two of its events, and a day at least; known from five events on'",
    "COMMENT ON COLUMN reporting.subscription.is_uncovered IS 'Whether it ended or is inactive, and no subscription that is open now tells of the same devices what it told; read from all of theirs for each row'",
)

# What registrations say, for the views of 0009: of links and of coverage.
REGISTERED_SPAN = """
CREATE VIEW registered_span AS
SELECT
    credential,
    subscription_id,
    device_id,
    coalesce((
        SELECT bit_or(bit.value)
        FROM unnest(types) AS registered (type)
        JOIN (VALUES
            ('connectivity-data', 1), ('reachability-data', 1),
            ('connectivity-sms', 2), ('reachability-sms', 2),
            ('connectivity-disconnected', 4), ('reachability-disconnected', 4),
            ('connectivity', 8),
            ('roaming-status', 16),
            ('roaming-on', 32),
            ('roaming-off', 64),
            ('roaming-change-country', 128),
            ('network-type-changed', 256)
        ) AS bit (name, value)
            ON bit.name = replace(lower(substring(registered.type FROM '[^.]*$')), '_', '-')
    ), 0) AS names,
    coalesce(starts_at, registered_at) AS first_at
FROM subscription_registration
"""

SUBSCRIPTION_LINK = """
CREATE OR REPLACE VIEW subscription_link AS
SELECT weaker.device_id, stronger.device_id AS linked_device_id
FROM subscription AS weaker
JOIN subscription AS stronger USING (credential, subscription_id)
WHERE weaker.strength = 1 AND stronger.strength > 1 AND NOT EXISTS (
    SELECT FROM subscription AS other
    WHERE other.credential = weaker.credential
        AND other.subscription_id = weaker.subscription_id
        AND other.strength > 1
        AND other.device_id <> stronger.device_id
) AND NOT EXISTS (
    SELECT FROM subscription_registration AS registered
    WHERE registered.credential = weaker.credential
        AND registered.subscription_id = weaker.subscription_id
        AND registered.device_id <> stronger.device_id
)
UNION ALL
SELECT weaker.device_id, registered.device_id
FROM subscription AS weaker
JOIN subscription_registration AS registered USING (credential, subscription_id)
WHERE weaker.strength = 1 AND registered.device_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM subscription AS other
    WHERE other.credential = weaker.credential
        AND other.subscription_id = weaker.subscription_id
        AND other.strength > 1
)
"""

DEVICE_MEMBER = """
CREATE OR REPLACE VIEW device_member AS
SELECT seen.device_id, seen.device_id AS member_id
FROM device_status AS seen
WHERE seen.axis = 'seen'
    AND NOT EXISTS (
        SELECT FROM identifier_link AS link WHERE link.device_id = seen.device_id
    )
    AND NOT EXISTS (
        SELECT FROM subscription_link AS link
        WHERE link.device_id = seen.device_id AND NOT EXISTS (
            SELECT FROM identifier_link AS further
            WHERE further.device_id = link.linked_device_id
        )
    )
UNION ALL
SELECT link.linked_device_id, link.device_id
FROM identifier_link AS link
UNION ALL
SELECT link.linked_device_id, link.device_id
FROM subscription_link AS link
WHERE NOT EXISTS (
    SELECT FROM identifier_link AS further WHERE further.device_id = link.linked_device_id
)
UNION ALL
SELECT DISTINCT link.linked_device_id, link.linked_device_id
FROM subscription_link AS link
WHERE NOT EXISTS (
    SELECT FROM device_status AS seen
    WHERE seen.device_id = link.linked_device_id AND seen.axis = 'seen'
)
"""

SUBSCRIPTION_SPAN = """
CREATE OR REPLACE VIEW subscription_span AS
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
"""

REGISTERED_SPAN_COMMENTS = (
    "COMMENT ON VIEW registered_span IS 'What was registered of each subscription, as coverage counts it'",
    "COMMENT ON COLUMN registered_span.credential IS 'Name of the credential that sends its events'",
    "COMMENT ON COLUMN registered_span.subscription_id IS 'As the provider answered'",
    "COMMENT ON COLUMN registered_span.device_id IS 'The device it is about; null: not told'",
    "COMMENT ON COLUMN registered_span.names IS 'The event names it is for, a bit each'",
    "COMMENT ON COLUMN registered_span.first_at IS 'Its registered start, or when it was registered'",
)

WIDER_COMMENTS = (
    "COMMENT ON VIEW subscription_link IS 'What only a subscription identifies, and the one device that the same subscription names or is registered for'",
    "COMMENT ON COLUMN subscription_span.names IS 'The event names it told or is registered for, a bit each'",
    "COMMENT ON COLUMN subscription_span.first_at IS 'When its earliest event counts, or its registered start if that is earlier'",
)

COMMENTS_BEFORE = (
    "COMMENT ON VIEW subscription_link IS 'What only a subscription identifies, and the one device that the same subscription names'",
    "COMMENT ON COLUMN subscription_span.names IS 'The event names it told, a bit each'",
    "COMMENT ON COLUMN subscription_span.first_at IS 'When its earliest event counts'",
)

SUBSCRIPTION_LINK_BEFORE = """
CREATE OR REPLACE VIEW subscription_link AS
SELECT weaker.device_id, stronger.device_id AS linked_device_id
FROM subscription AS weaker
JOIN subscription AS stronger USING (credential, subscription_id)
WHERE weaker.strength = 1 AND stronger.strength > 1 AND NOT EXISTS (
    SELECT FROM subscription AS other
    WHERE other.credential = weaker.credential
        AND other.subscription_id = weaker.subscription_id
        AND other.strength > 1
        AND other.device_id <> stronger.device_id
)
"""

DEVICE_MEMBER_BEFORE = """
CREATE OR REPLACE VIEW device_member AS
SELECT seen.device_id, seen.device_id AS member_id
FROM device_status AS seen
WHERE seen.axis = 'seen'
    AND NOT EXISTS (
        SELECT FROM identifier_link AS link WHERE link.device_id = seen.device_id
    )
    AND NOT EXISTS (
        SELECT FROM subscription_link AS link
        WHERE link.device_id = seen.device_id AND NOT EXISTS (
            SELECT FROM identifier_link AS further
            WHERE further.device_id = link.linked_device_id
        )
    )
UNION ALL
SELECT link.linked_device_id, link.device_id
FROM identifier_link AS link
UNION ALL
SELECT link.linked_device_id, link.device_id
FROM subscription_link AS link
WHERE NOT EXISTS (
    SELECT FROM identifier_link AS further WHERE further.device_id = link.linked_device_id
)
"""

SUBSCRIPTION_SPAN_BEFORE = """
CREATE OR REPLACE VIEW subscription_span AS
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
        member.device_id,
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
    FROM device_member AS member
    JOIN subscription AS told ON told.device_id = member.member_id
    GROUP BY member.device_id, told.credential, told.subscription_id
) AS merged
"""

REPORTING_GRANT = "GRANT SELECT ON reporting.subscription TO receiver_reporting"

# Last, so that the exclusive lock is held for this alone: credentials are few.
ROLES = (
    "ALTER TABLE credential DROP CONSTRAINT credential_role",
    """
    ALTER TABLE credential ADD CONSTRAINT credential_role
    CHECK (role IN ('sink', 'reader', 'registrar', 'admin'))
    """,
    "COMMENT ON COLUMN credential.role IS 'sink may post notifications, reader may ask, registrar may ask and register subscriptions, admin may do all but post'",
)

DROP = (
    SUBSCRIPTION_SPAN_BEFORE,
    DEVICE_MEMBER_BEFORE,
    SUBSCRIPTION_LINK_BEFORE,
    *COMMENTS_BEFORE,
    "DROP VIEW reporting.subscription",
    "DROP VIEW registered_span",
    "DROP TABLE subscription_registration",
)

# A registrar is left with what the older release knows of it: it may ask.
ROLES_BEFORE = (
    "ALTER TABLE credential DROP CONSTRAINT credential_role",
    "UPDATE credential SET role = 'reader' WHERE role = 'registrar'",
    """
    ALTER TABLE credential ADD CONSTRAINT credential_role
    CHECK (role IN ('sink', 'reader', 'admin'))
    """,
    "COMMENT ON COLUMN credential.role IS 'sink may post notifications, reader may ask, admin may do both but post'",
)


def upgrade() -> None:
    for command in (
        *TABLE,
        REGISTERED_SPAN,
        *REGISTERED_SPAN_COMMENTS,
        SUBSCRIPTION_LINK,
        DEVICE_MEMBER,
        SUBSCRIPTION_SPAN,
        *WIDER_COMMENTS,
        VIEW,
        *VIEW_COMMENTS,
    ):
        op.execute(command)
    # Without the role an administrator was told to grant all tables of the schema, these too.
    grant_reports(op.get_bind(), REPORTING_GRANT)
    for command in ROLES:
        op.execute(command)


def downgrade() -> None:
    for command in (*DROP, *ROLES_BEFORE):
        op.execute(command)
