"""The derived tables and the position up to which they are; tests compare with the migrations."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from receiver.store.schema.metadata import Timestamp, metadata

projection = Table(
    "projection",
    metadata,
    Column(
        "singleton",
        Boolean,
        CheckConstraint("singleton", name="projection_singleton"),
        server_default=text("true"),
        comment="Always true: the key that allows one row",
    ),
    Column(
        "position",
        Text,
        comment="A pg_snapshot: all that it sees is derived; null: the position is a time",
    ),
    Column("position_at", Timestamp, nullable=False, comment="When the position was current"),
    Column(
        "system_identifier",
        BigInteger,
        comment="The cluster in which the snapshot means something; null: the position is a time",
    ),
    Column(
        "epoch_at",
        Timestamp,
        nullable=False,
        comment="By a snapshot, the feed reads events stored since; a rebuild derives the older "
        "ones",
    ),
    Column(
        "derivation",
        Integer,
        nullable=False,
        comment="The version of what all devices have; 0: none",
    ),
    Column("rebuilding", Integer, comment="The version that a rebuild makes; null: there is none"),
    Column("rebuilt_below", Uuid, comment="Devices below it are rebuilt; null: none is"),
    Column(
        "derived_before",
        Timestamp,
        comment="A time: what was stored before is derived; null: the position is a snapshot",
    ),
    PrimaryKeyConstraint("singleton", name="projection_pkey"),
    CheckConstraint("num_nonnulls(position, derived_before) = 1", name="projection_one_position"),
    comment="How far the derived tables are: one row",
)

device_status = Table(
    "device_status",
    metadata,
    Column("device_id", Uuid, nullable=False, comment="The device"),
    Column(
        "axis", Text, nullable=False, comment="connectivity, roaming, country, network-type or seen"
    ),
    Column(
        "value", Text, nullable=False, comment="By the latest event; country: empty means at home"
    ),
    Column("country_code", Integer, comment="Axis country: as sent"),
    Column("country_name", ARRAY(Text), comment="Axis country: as sent"),
    Column("effective_at", Timestamp, nullable=False, comment="When the latest event counts"),
    Column(
        "specificity",
        SmallInteger,
        nullable=False,
        comment="Of events of one moment, the more specific one counts",
    ),
    Column("digest", LargeBinary, nullable=False, comment="What the latest event says"),
    Column("stored_at", Timestamp, nullable=False, comment="With seq and device the event's key"),
    Column("seq", BigInteger, nullable=False, comment="With stored_at and device the event's key"),
    Column(
        "other_at",
        Timestamp,
        nullable=False,
        comment="When the latest event with another value counts; -infinity: there is none",
    ),
    Column("other_specificity", SmallInteger, nullable=False, comment="Of that event"),
    Column("other_digest", LargeBinary, nullable=False, comment="Of that event"),
    Column("first_at", Timestamp, nullable=False, comment="When the earliest event counts"),
    Column(
        "since_at",
        Timestamp,
        comment="When the value began; null: the events tell, as another value came late",
    ),
    PrimaryKeyConstraint("device_id", "axis", name="device_status_pkey"),
    Index("device_status_value", "axis", "value", "device_id"),
    Index(
        "device_status_country_code",
        "country_code",
        "device_id",
        postgresql_where=text("country_code IS NOT NULL"),
    ),
    Index(
        "device_status_countries",
        "device_id",
        postgresql_where=text("cardinality(country_name) > 1"),
    ),
    # Most updates change no indexed column: with room on the page they touch no index.
    postgresql_with={"fillfactor": "70", "autovacuum_vacuum_scale_factor": "0.02"},
    comment="The registers: of each device and axis the event that decides",
)

subscription = Table(
    "subscription",
    metadata,
    Column("device_id", Uuid, nullable=False, comment="The device that its events report"),
    Column("credential", Text, nullable=False, comment="Name of the credential that sent them"),
    Column("subscription_id", Text, nullable=False, comment="As sent"),
    Column(
        "strength",
        SmallInteger,
        nullable=False,
        comment="What identifies the device: 3 a phone number, 2 a network access identifier, "
        "1 the subscription itself",
    ),
    Column("names", Integer, nullable=False, comment="The event names it told, a bit each"),
    Column("first_at", Timestamp, nullable=False, comment="When its earliest event counts"),
    Column("started_at", Timestamp, comment="When it said that it started"),
    Column("ended_at", Timestamp, comment="When it said that it ended; null: it did not"),
    Column("end_digest", LargeBinary, comment="Of the event that said so"),
    Column("end_reason", Text, comment="Why it ended, as sent"),
    Column("updated_at", Timestamp, comment="When it last said that it became active or inactive"),
    Column("update_digest", LargeBinary, comment="Of the event that said so"),
    Column("update_reason", Text, comment="What it said, as sent"),
    PrimaryKeyConstraint("device_id", "credential", "subscription_id", name="subscription_pkey"),
    Index("subscription_key", "credential", "subscription_id"),
    Index(
        "subscription_weaker",
        "credential",
        "subscription_id",
        postgresql_where=text("strength = 1"),
    ),
    postgresql_with={"fillfactor": "90"},
    comment="What the events of each subscription say about it",
)

device_identifier = Table(
    "device_identifier",
    metadata,
    Column("device_id", Uuid, nullable=False, comment="The device whose event reported it"),
    Column("kind", Text, nullable=False, comment="phone-number or network-access-identifier"),
    Column("value", Text, nullable=False, comment="Normalised"),
    Column("strength", SmallInteger, nullable=False, comment="As in subscription"),
    PrimaryKeyConstraint("device_id", "kind", "value", name="device_identifier_pkey"),
    Index("device_identifier_value", "kind", "value"),
    comment="Which identifiers were reported with which device",
)
