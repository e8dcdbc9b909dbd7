"""The tables of events and their identities; tests compare them with the migrations."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Sequence,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, INET, JSON

from receiver.store.schema.metadata import Timestamp, TransactionId, metadata

event_identity = Table(
    "event_identity",
    metadata,
    Column(
        "sent_at",
        Timestamp,
        nullable=False,
        comment="The time that the sender gave; -infinity: it gave none",
    ),
    Column("device_id", Uuid, nullable=False, comment="The device the event belongs to"),
    Column("digest", LargeBinary, nullable=False, comment="16 bytes of what the event says"),
    Column(
        "deliveries", Integer, nullable=False, comment="How often the sender delivered the event"
    ),
    Column(
        "last_arrival",
        Uuid,
        nullable=False,
        comment="The latest arrival counted, so that a commit tried again counts once",
    ),
    # What the sender sent lately stands together, so that few pages of the index change.
    PrimaryKeyConstraint("sent_at", "device_id", "digest", name="event_identity_once"),
    comment="Which events are known, one small row each; makes a redelivery a redelivery",
)

# An event is stored soon after its arrival, and never before. Displaced are those that waited in
# the quarantine or the spool, and those of a machine whose clock is ahead of the database's.
STORED_AFTER = "interval '-1 minute'"
STORED_BEFORE = "interval '1 hour'"
IS_DISPLACED = (
    f"(stored_at - received_at < {STORED_AFTER} OR stored_at - received_at > {STORED_BEFORE})"
)

event_sequence = Sequence("event_seq", metadata=metadata)

event = Table(
    "event",
    metadata,
    Column("device_id", Uuid, nullable=False, comment="The device the event belongs to"),
    Column(
        "stored_at",
        Timestamp,
        nullable=False,
        comment="The database's clock when it was stored; decides the partition",
    ),
    Column(
        "seq",
        BigInteger,
        nullable=False,
        server_default=event_sequence.next_value(),
        comment="Order of insertion within one transaction",
    ),
    Column(
        "xact",
        TransactionId,
        nullable=False,
        comment="The transaction that stored it; with seq the position in the feed",
    ),
    Column(
        "digest", LargeBinary, nullable=False, comment="What the event says; see event_identity"
    ),
    Column(
        "kind",
        Text,
        nullable=False,
        comment="connectivity, roaming, network-type, subscription or unrecognised",
    ),
    Column("name", Text, nullable=False, comment="Event name: the last segment of the type"),
    Column("type", Text, nullable=False, comment="CloudEvents type or legacy eventType, as sent"),
    Column("form", Text, nullable=False, comment="cloudevents or legacy"),
    Column("source", Text, comment="CloudEvents source, as sent"),
    Column("event_id", Text, comment="The sender's own id of the event"),
    Column("subscription_id", Text, comment="The subscription that caused the notification"),
    Column("credential", Text, nullable=False, comment="Name of the credential that sent it"),
    Column("occurred_at", Timestamp, nullable=False, comment="The sender's time of the event"),
    Column("received_at", Timestamp, nullable=False, comment="Our clock when it first arrived"),
    Column("phone_number", Text, comment="As +digits"),
    Column("network_access_identifier", Text, comment="user@realm, the realm in lower case"),
    Column("ipv4_public_address", INET, comment="Public IPv4 address of the device or its NAT"),
    Column("ipv4_private_address", INET, comment="IPv4 address behind the NAT"),
    Column("ipv4_public_port", Integer, comment="Public port, 1 to 65535"),
    Column("ipv6_address", INET, comment="IPv6 address of the device"),
    Column(
        "connectivity",
        Text,
        comment="CONNECTED_DATA, CONNECTED_SMS, NOT_CONNECTED, or CONNECTED where it does not say",
    ),
    Column("roaming", Boolean, comment="Whether the device roams"),
    Column("country_code", Integer, comment="As sent: an MCC, from some senders a calling code"),
    Column("country_name", ARRAY(Text), comment="As sent: ISO 3166 alpha-2, or names"),
    Column("connected_network_type", Text, comment="2G, 3G, 4G, 5G or UNKNOWN"),
    Column("termination_reason", Text, comment="Why the subscription ended"),
    Column("initiation_reason", Text, comment="Why the subscription started"),
    Column("update_reason", Text, comment="How the subscription changed"),
    Column("termination_description", Text, comment="Why it ended, in the sender's words"),
    Column("initiation_description", Text, comment="Why it started, in the sender's words"),
    Column("update_description", Text, comment="How it changed, in the sender's words"),
    Column("findings", ARRAY(Text), nullable=False, comment="What the sender got wrong, by name"),
    Column("payload", JSON, nullable=False, comment="The notification, to the letter"),
    # Arrival first: new entries are all at its end, and it gives the order of arrival too.
    PrimaryKeyConstraint("stored_at", "seq", "device_id", name="event_pkey"),
    Index(
        "event_subscription_arrival",
        "subscription_id",
        "stored_at",
        "seq",
        postgresql_where=text("subscription_id IS NOT NULL"),
    ),
    Index("event_device_history", "device_id", "occurred_at", "stored_at", "seq"),
    Index(
        "event_network_access_identifier_history",
        "network_access_identifier",
        "occurred_at",
        "stored_at",
        "seq",
        postgresql_where=text("network_access_identifier IS NOT NULL"),
    ),
    # Port and private address stand behind the order of a page, so that this one index answers with
    # and without them: those that differ are passed over in the index.
    Index(
        "event_ipv4_port_history",
        "ipv4_public_address",
        "occurred_at",
        "stored_at",
        "seq",
        "ipv4_public_port",
        "ipv4_private_address",
        postgresql_where=text("ipv4_public_address IS NOT NULL"),
    ),
    Index(
        "event_ipv6_history",
        "ipv6_address",
        "occurred_at",
        "stored_at",
        "seq",
        postgresql_where=text("ipv6_address IS NOT NULL"),
    ),
    Index("event_feed", "xact"),
    # Few events, which a question by arrival does not find between its bounds of stored_at.
    Index("event_displaced", "stored_at", "seq", postgresql_where=text(IS_DISPLACED)),
    # Reports of some days; the expression is what they group by.
    Index(
        "event_received",
        "received_at",
        text("((received_at AT TIME ZONE 'UTC')::date)"),
        postgresql_using="brin",
    ),
    # Of an event whose time is not believed the arrival counts.
    Index(
        "event_ahead",
        "device_id",
        "received_at",
        postgresql_where=text("occurred_at - received_at > interval '5 minutes'"),
    ),
    postgresql_partition_by="RANGE (stored_at)",
    comment="Every event, once; partitioned by month of stored_at",
)
