"""The columns of `event`, written once; the INSERT and the select list are composed of them.

The declaration of the table, the views and the migrations are frozen text:
tests/store/events/test_columns.py holds them equal to these columns.
"""

from dataclasses import dataclass

from receiver.events.event import Device, Status
from receiver.events.findings import Finding


@dataclass(frozen=True, slots=True)
class EventColumn:
    """A column of `event`.

    Attributes:
        name: in SQL; an arrival's row and `StoredEvent` have the same one.
        type: in SQL.
        value: the SQL expression that the INSERT stores; None: the column's default.
        row_type: the SQL type of the member in an arrival's row; None: the database makes the
            value.
    """

    name: str
    type: str
    value: str | None
    row_type: str | None


def _sent(name: str, type_: str) -> EventColumn:
    """Returns a column whose value an arrival brings."""
    return EventColumn(name, type_, value=name, row_type=type_)


def _made(name: str, type_: str, value: str | None) -> EventColumn:
    """Returns a column whose value the database makes."""
    return EventColumn(name, type_, value=value, row_type=None)


def _described(name: str) -> EventColumn:
    """Returns a column of a description, which an arrival brings in its member `described`.

    Few events have one, and each member of a row costs Postgres half a microsecond an event.
    """
    return EventColumn(name, "text", value=f"described ->> '{name}'", row_type=None)


EVENT_COLUMNS = (
    _sent("device_id", "uuid"),
    # Once a statement, and after its locks, which `paging.horizon` relies on: now() is before them.
    _made("stored_at", "timestamptz", "(SELECT clock_timestamp())"),
    _made("seq", "bigint", None),
    _made("xact", "xid8", "pg_current_xact_id()"),
    _sent("digest", "bytea"),
    _sent("kind", "text"),
    _sent("name", "text"),
    _sent("type", "text"),
    _sent("form", "text"),
    _sent("source", "text"),
    _sent("event_id", "text"),
    _sent("subscription_id", "text"),
    _sent("credential", "text"),
    _sent("occurred_at", "timestamptz"),
    _sent("received_at", "timestamptz"),
    _sent("phone_number", "text"),
    _sent("network_access_identifier", "text"),
    _sent("ipv4_public_address", "inet"),
    _sent("ipv4_private_address", "inet"),
    _sent("ipv4_public_port", "integer"),
    _sent("ipv6_address", "inet"),
    _sent("connectivity", "text"),
    _sent("roaming", "boolean"),
    _sent("country_code", "integer"),
    _sent("country_name", "text[]"),
    _sent("connected_network_type", "text"),
    _sent("termination_reason", "text"),
    _sent("initiation_reason", "text"),
    _sent("update_reason", "text"),
    _described("termination_description"),
    _described("initiation_description"),
    _described("update_description"),
    _sent("findings", "text[]"),
    # A payload travels as a text, because JSON inside JSON would not keep its bytes.
    EventColumn("payload", "json", value="payload::json", row_type="text"),
)

IDENTIFIERS = Device._fields
STATUS = Status._fields

# A known identity is *written* (never DO NOTHING), so that under synchronous replication its answer
# waits as well. The constraint is named, because its columns are others until 0022 is applied;
# until then a known identity may lack its time.
COUNT_KNOWN = """ON CONFLICT ON CONSTRAINT event_identity_once DO UPDATE SET
        sent_at = excluded.sent_at,
        deliveries = event_identity.deliveries + CASE
            WHEN event_identity.last_arrival = excluded.last_arrival THEN 0
            ELSE excluded.deliveries
        END,
        last_arrival = excluded.last_arrival"""


def sent_at(row: str) -> str:
    """Returns the SQL of the time that the sender of an event gave; -infinity: it gave none.

    The time leads the key of the identity, so that what is new stands together. It must be equal
    for whatever says the same: the digest covers the text of the time, and the text has one reading
    for ever. Where the time of arrival stands in, a redelivery would have another one.

    Args:
        row: the name of a row that has the columns of an event.
    """
    return (
        f"CASE WHEN '{Finding.TIME_MISSING}' = ANY ({row}.findings) THEN '-infinity'"
        f" ELSE {row}.occurred_at END"
    )
