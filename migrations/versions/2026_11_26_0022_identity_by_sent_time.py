"""The key of an identity begins with the time that the sender gave, so that new entries are together.

The time is filled and the index built beside the work of the service; the change takes no time.
"""

import time

from alembic import op
from sqlalchemy import Connection

from receiver.store.schema.building import build_unique, execute_shortly, is_valid
from receiver.store.schema.commands import is_printed
from receiver.store.schema.filling import fill_by_blocks, fill_by_events

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

# Known identities are locked in no order, so none is waited for: a redelivery writes the time itself.
FILL = """
WITH lacking AS MATERIALIZED (
    SELECT
        identity.device_id,
        identity.digest,
        CASE
            WHEN 'time-missing' = ANY (event.findings) THEN '-infinity'
            ELSE event.occurred_at
        END AS sent_at
    FROM event JOIN event_identity AS identity USING (device_id, digest)
    WHERE event.stored_at >= %(low)s AND event.stored_at < %(high)s AND identity.sent_at IS NULL
    FOR UPDATE OF identity SKIP LOCKED
)
UPDATE event_identity AS identity SET sent_at = lacking.sent_at FROM lacking
WHERE identity.device_id = lacking.device_id AND identity.digest = lacking.digest
"""

# Those that earlier releases stored meanwhile, and those whose event is not kept any more.
FILL_REST = """
WITH lacking AS MATERIALIZED (
    SELECT device_id, digest FROM event_identity
    WHERE ctid >= %(low)s::tid AND ctid < %(high)s::tid AND sent_at IS NULL
    FOR UPDATE SKIP LOCKED
)
UPDATE event_identity AS identity SET sent_at = coalesce((
    SELECT CASE
        WHEN 'time-missing' = ANY (event.findings) THEN '-infinity'
        ELSE event.occurred_at
    END
    FROM event WHERE event.device_id = identity.device_id AND event.digest = identity.digest
    LIMIT 1
), '-infinity')
FROM lacking WHERE identity.device_id = lacking.device_id AND identity.digest = lacking.digest
"""
# A redelivery that waits for its standby may hold a row for so long.
REST_SECONDS = 0.1
LACKING = "SELECT EXISTS (SELECT FROM event_identity WHERE sent_at IS NULL)"

# It proves at once that no time is missing. Releases before 0018 store nothing from here on.
CHECK = "event_identity_sent_at_known"
CHECKED = f"""
SELECT convalidated FROM pg_constraint
WHERE conrelid = 'event_identity'::regclass AND conname = '{CHECK}'
"""  # noqa: S608 - composed of constants
DROP_CHECK = f"ALTER TABLE event_identity DROP CONSTRAINT IF EXISTS {CHECK}"
ADD_CHECK = f"""
ALTER TABLE event_identity ADD CONSTRAINT {CHECK} CHECK (sent_at IS NOT NULL) NOT VALID
"""
VALIDATE = f"ALTER TABLE event_identity VALIDATE CONSTRAINT {CHECK}"

BY_TIME = "event_identity_by_time"
KEY = "(sent_at, device_id, digest)"
BY_DEVICE = "event_identity_by_device"
KEY_BEFORE = "(device_id, digest)"
CHANGE_KEY = (
    "ALTER TABLE event_identity DROP CONSTRAINT event_identity_once",
    # Its columns are not null by now; with the check this takes no scan.
    "ALTER TABLE event_identity ADD CONSTRAINT event_identity_once PRIMARY KEY USING INDEX {}",
)

# An identity without an event was given no time; the same event came once more, with its own.
REMOVE_DOUBLES = """
DELETE FROM event_identity AS identity WHERE sent_at = '-infinity' AND EXISTS (
    SELECT FROM event_identity AS other
    WHERE other.device_id = identity.device_id AND other.digest = identity.digest
        AND other.sent_at > '-infinity'
)
"""

BY_SENT_TIME = """event_identity.sent_at = CASE
                WHEN 'time-missing' = ANY (event.findings) THEN '-infinity'
                ELSE event.occurred_at
            END
            AND event_identity.device_id = event.device_id
            AND event_identity.digest = event.digest"""
WITHOUT_TIME = "event_identity.device_id = event.device_id AND event_identity.digest = event.digest"
VIEWS = (
    """
CREATE OR REPLACE VIEW reporting.event AS
SELECT
    rtrim(translate(encode(
        uuid_send(event.device_id)
            || int8send((extract(epoch FROM event.stored_at) * 1000000)::bigint)
            || int8send(event.seq),
        'base64'), '+/', '-_'), '=') AS event_id,
    event.device_id,
    event.phone_number,
    event.network_access_identifier,
    event.kind,
    event.name,
    event.type,
    event.form,
    event.source,
    event.event_id AS sender_event_id,
    event.subscription_id,
    event.credential,
    event.occurred_at,
    event.received_at,
    coalesce((
        SELECT event_identity.deliveries
        FROM event_identity
        WHERE {identity}
    ), 1) AS deliveries,
    event.connectivity,
    event.roaming,
    event.country_code,
    event.country_name,
    event.connected_network_type,
    event.termination_reason,
    event.findings,
    event.payload::jsonb AS payload,
    event.initiation_reason,
    event.update_reason,
    event.termination_description,
    event.initiation_description,
    event.update_description,
    event.stored_at
FROM event
""",
    """
CREATE OR REPLACE VIEW reporting.sender AS
SELECT
    event.credential,
    event.source,
    (event.received_at AT TIME ZONE 'UTC')::date AS day,
    count(*) AS events,
    sum(coalesce((
        SELECT event_identity.deliveries
        FROM event_identity
        WHERE {identity}
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
""",
)


def upgrade() -> None:
    with op.get_context().autocommit_block():
        _prepare(op.get_bind())
    _change_key(BY_TIME, BY_SENT_TIME)
    op.execute(f"ALTER TABLE event_identity DROP CONSTRAINT {CHECK}")


def _prepare(connection: Connection) -> None:
    """Fills the time and builds the index; what an earlier try finished is not done again."""
    if not is_valid(connection, BY_TIME):
        fill_by_events(connection, FILL)
        build_unique(connection, BY_TIME, "event_identity", KEY)
    if is_printed(connection):
        for command in (DROP_CHECK, ADD_CHECK):
            execute_shortly(connection, command)
        fill_by_blocks(connection, "event_identity", FILL_REST)
        execute_shortly(connection, VALIDATE)
        return
    if _is_checked(connection) is None:
        execute_shortly(connection, ADD_CHECK)
    if not _is_checked(connection):
        while connection.exec_driver_sql(LACKING).scalar_one():
            fill_by_blocks(connection, "event_identity", FILL_REST)
            time.sleep(REST_SECONDS)
        execute_shortly(connection, VALIDATE)


def _is_checked(connection: Connection) -> bool | None:
    """Returns whether the check is proven; None: there is none."""
    return connection.exec_driver_sql(CHECKED).scalar()


def _change_key(index: str, condition: str) -> None:
    # The views are locked first, as a report does, or each could wait for the other.
    for view in VIEWS:
        op.execute(view.format(identity=condition))
    for command in CHANGE_KEY:
        op.execute(command.format(index))


def downgrade() -> None:
    with op.get_context().autocommit_block():
        connection = op.get_bind()
        if not is_valid(connection, BY_DEVICE):
            connection.exec_driver_sql(REMOVE_DOUBLES)
            build_unique(connection, BY_DEVICE, "event_identity", KEY_BEFORE)
    _change_key(BY_DEVICE, WITHOUT_TIME)
    op.execute("ALTER TABLE event_identity ALTER COLUMN sent_at DROP NOT NULL")
