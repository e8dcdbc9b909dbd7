"""The tables of what dropped months said; tests compare them with the migrations."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    Interval,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from receiver.store.schema.metadata import Timestamp, metadata

retention = Table(
    "retention",
    metadata,
    Column(
        "singleton",
        Boolean,
        CheckConstraint("singleton", name="retention_singleton"),
        server_default=text("true"),
        comment="Always true: the key that allows one row",
    ),
    Column(
        "kept_from",
        Timestamp,
        nullable=False,
        comment="Events stored before it are dropped; the seeds and counts of their months count",
    ),
    Column(
        "leaving_until",
        Timestamp,
        comment="Events stored before it are being copied and counted; null: none are",
    ),
    Column("seeded_below", Uuid, comment="Of devices below it they are copied; null: of none"),
    Column("counted_below", Text, comment="Of subscriptions below it they are counted"),
    Column(
        "identities_from",
        Timestamp,
        nullable=False,
        comment="Identities of events stored before it are removed",
    ),
    PrimaryKeyConstraint("singleton", name="retention_pkey"),
    comment="From when on events are kept: one row, once months are due",
)

event_seed = Table(
    "event_seed",
    metadata,
    Column("device_id", Uuid, nullable=False, comment="As in event"),
    Column("stored_at", Timestamp, nullable=False, comment="As in event"),
    Column("seq", BigInteger, nullable=False, comment="As in event"),
    Column("digest", LargeBinary, nullable=False, comment="As in event"),
    Column("name", Text, nullable=False, comment="As in event"),
    Column("subscription_id", Text, comment="As in event"),
    Column("credential", Text, nullable=False, comment="As in event"),
    Column("occurred_at", Timestamp, nullable=False, comment="As in event"),
    Column("received_at", Timestamp, nullable=False, comment="As in event"),
    Column("phone_number", Text, comment="As in event"),
    Column("network_access_identifier", Text, comment="As in event"),
    Column("connectivity", Text, comment="As in event"),
    Column("roaming", Boolean, comment="As in event"),
    Column("country_code", Integer, comment="As in event"),
    Column("country_name", ARRAY(Text), comment="As in event"),
    Column("connected_network_type", Text, comment="As in event"),
    Column("termination_reason", Text, comment="As in event"),
    Column("update_reason", Text, comment="As in event"),
    Column("findings", ARRAY(Text), nullable=False, comment="As in event"),
    Column(
        "decides_from",
        Timestamp,
        nullable=False,
        comment="The latest retention.kept_from for which it is needed",
    ),
    PrimaryKeyConstraint("device_id", "occurred_at", "stored_at", "seq", name="event_seed_pkey"),
    # As on events: where the sender's time is not believed the arrival counts.
    Index(
        "event_seed_ahead",
        "device_id",
        "received_at",
        postgresql_where=text("occurred_at - received_at > interval '5 minutes'"),
    ),
    Index(
        "event_seed_network_access_identifier",
        "network_access_identifier",
        postgresql_where=text("network_access_identifier IS NOT NULL"),
    ),
    comment="Of dropped months the events that still decide answers, without their payload",
)

subscription_retired = Table(
    "subscription_retired",
    metadata,
    Column("credential", Text, nullable=False, comment="Name of the credential that sent them"),
    Column("subscription_id", Text, nullable=False, comment="As sent"),
    Column("name", Text, nullable=False, comment="Event name, as sent"),
    Column("month", Timestamp, nullable=False, comment="The month of stored_at: when it began"),
    Column("events", BigInteger, nullable=False, comment="How many events"),
    Column(
        "charged", BigInteger, nullable=False, comment="Without those about the subscription itself"
    ),
    Column("first_at", Timestamp, nullable=False, comment="When the earliest counts"),
    Column("last_at", Timestamp, nullable=False, comment="When the latest counts"),
    Column(
        "longest_pause",
        Interval,
        comment="From the event of the month before one of them; null: there is none",
    ),
    Column("description", Text, comment="Why it ended, in the sender's words; of the latest"),
    PrimaryKeyConstraint(
        "subscription_id", "credential", "name", "month", name="subscription_retired_pkey"
    ),
    comment="The events of subscriptions in dropped months, counted",
)
