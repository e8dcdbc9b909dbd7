"""The table of registrations; tests compare it with the migrations."""

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from receiver.store.schema.metadata import Timestamp, metadata

subscription_registration = Table(
    "subscription_registration",
    metadata,
    Column("credential", Text, comment="Name of the credential that sends its events"),
    Column("subscription_id", Text, comment="As the provider answered"),
    Column(
        "registered_at",
        Timestamp,
        nullable=False,
        comment="When it was first told to us",
    ),
    Column("starts_at", Timestamp, comment="When it begins, as the provider answered"),
    Column("expires_at", Timestamp, comment="When it ends at the latest, as the provider answered"),
    Column("max_events", BigInteger, comment="After how many events it ends"),
    Column(
        "types",
        ARRAY(Text),
        nullable=False,
        server_default=text("'{}'"),
        comment="The event types it is for, as the provider answered",
    ),
    Column("device_id", Uuid, comment="The device it is about; null: not told"),
    Column("phone_number", Text, comment="Of that device, as +digits"),
    Column("network_access_identifier", Text, comment="Of that device, as user@realm"),
    PrimaryKeyConstraint("credential", "subscription_id", name="subscription_registration_pkey"),
    Index(
        "subscription_registration_device",
        "device_id",
        postgresql_where=text("device_id IS NOT NULL"),
    ),
    Index(
        "subscription_registration_network_access_identifier",
        "network_access_identifier",
        postgresql_where=text("network_access_identifier IS NOT NULL"),
    ),
    comment="What was told to us of a subscription when it was made; never derived",
)
