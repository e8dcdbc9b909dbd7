"""The columns of exported events, and the SQL of an event as the API has it.

The columns are those of `reporting.event`, in its order, so that a file and psql say the same.
"""

from sqlalchemy import ColumnElement, Text, func, literal_column
from sqlalchemy.sql import case

from receiver.store.events.columns import EVENT_COLUMNS
from receiver.store.events.stored_event import DELIVERIES
from receiver.store.events.tables import event
from receiver.store.exports.cells import (
    Cell,
    CellType,
    Member,
    flat_json,
    join,
    json_member,
    json_object,
)

# As `keys.write_event_id` writes it.
_ID = literal_column(
    "replace(replace(left(encode(uuid_send(event.device_id)"
    " || int8send((extract(epoch FROM event.stored_at) * 1000000)::bigint)"
    " || int8send(event.seq), 'base64'), -1), '+', '-'), '/', '_')",
    Text,
)

_TYPES = {
    "uuid": CellType.PLAIN,
    "text": CellType.TEXT,
    "text[]": CellType.LIST,
    "integer": CellType.NUMBER,
    "boolean": CellType.BOOLEAN,
    "timestamptz": CellType.TIME,
    "json": CellType.JSON,
    "inet": CellType.PLAIN,
}
_STORED = {column.name: _TYPES[column.type] for column in EVENT_COLUMNS if column.type in _TYPES}
# + and digits: a spreadsheet makes a number of it, and runs nothing.
_STORED["phone_number"] = CellType.PLAIN
_STORED |= {"kind": CellType.WORD, "form": CellType.WORD}


def _stored(name: str, column: str | None = None) -> Cell:
    column = column or name
    return Cell(name, _STORED[column], event.c[column], not event.c[column].nullable)


COLUMNS = (
    Cell("event_id", CellType.ID, _ID, is_known=True),
    _stored("device_id"),
    _stored("phone_number"),
    _stored("network_access_identifier"),
    _stored("kind"),
    _stored("name"),
    _stored("type"),
    _stored("form"),
    _stored("source"),
    _stored("sender_event_id", "event_id"),
    _stored("subscription_id"),
    _stored("credential"),
    _stored("occurred_at"),
    _stored("received_at"),
    Cell("deliveries", CellType.NUMBER, DELIVERIES, is_known=True),
    _stored("connectivity"),
    _stored("roaming"),
    _stored("country_code"),
    _stored("country_name"),
    _stored("connected_network_type"),
    _stored("termination_reason"),
    _stored("findings"),
    _stored("payload"),
    _stored("initiation_reason"),
    _stored("update_reason"),
    _stored("termination_description"),
    _stored("initiation_description"),
    _stored("update_description"),
    _stored("stored_at"),
)


def _member(name: str, column: str) -> Member:
    is_known = not event.c[column].nullable
    return json_member(name, _STORED[column], event.c[column], is_known=is_known)


def _address(name: str, column: str) -> Member:
    return json_member(name, CellType.PLAIN, func.host(event.c[column]))


def _object(name: str, *members: Member) -> Member:
    return [f',"{name}":', *json_object(members)]


def event_line() -> ColumnElement[str]:
    """Returns the SQL of an event as `GET /events/{id}` has it, its payload on one line."""
    has_ipv4 = func.num_nonnulls(*(event.c[name] for name in _IPV4)) > 0
    members: list[Member] = [
        json_member("id", CellType.ID, _ID, is_known=True),
        _member("deviceId", "device_id"),
        _member("kind", "kind"),
        _member("name", "name"),
        _member("type", "type"),
        _member("source", "source"),
        _member("eventId", "event_id"),
        _member("form", "form"),
        _member("subscriptionId", "subscription_id"),
        _member("credential", "credential"),
        _member("occurredAt", "occurred_at"),
        _member("receivedAt", "received_at"),
        json_member("deliveries", CellType.NUMBER, DELIVERIES, is_known=True),
        _object(
            "device",
            _member("phoneNumber", "phone_number"),
            _member("networkAccessIdentifier", "network_access_identifier"),
            [case((has_ipv4, join(_object("ipv4Address", *_ipv4_members()))))],
            _address("ipv6Address", "ipv6_address"),
        ),
        _object(
            "status",
            _member("connectivity", "connectivity"),
            _member("roaming", "roaming"),
            _member("countryCode", "country_code"),
            _member("countryName", "country_name"),
            _member("connectedNetworkType", "connected_network_type"),
            _member("terminationReason", "termination_reason"),
            _member("initiationReason", "initiation_reason"),
            _member("updateReason", "update_reason"),
            _member("terminationDescription", "termination_description"),
            _member("initiationDescription", "initiation_description"),
            _member("updateDescription", "update_description"),
        ),
        _member("findings", "findings"),
        [',"payload":', flat_json(event.c.payload)],
    ]
    return join(json_object(members))


_IPV4 = ("ipv4_public_address", "ipv4_private_address", "ipv4_public_port")


def _ipv4_members() -> tuple[Member, ...]:
    public, private, port = _IPV4
    return (
        _address("publicAddress", public),
        _address("privateAddress", private),
        _member("publicPort", port),
    )
