"""The table of the quarantine; tests compare it with the migrations."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Identity,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from receiver.store.schema.metadata import Timestamp, metadata

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", BigInteger, Identity(always=True), comment="Order of refusal"),
    Column("received_at", Timestamp, nullable=False, comment="Our clock when it arrived"),
    Column("credential", Text, nullable=False, comment="Name of the credential that sent it"),
    Column("reason", Text, nullable=False, comment="Why it was refused, by the latest look"),
    Column("media_type", Text, comment="Content-Type, as sent"),
    Column("headers", JSONB, nullable=False, comment="Request headers, never Authorization"),
    Column("body", LargeBinary, nullable=False, comment="The bytes, as received"),
    Column(
        "arrival_id",
        Uuid,
        nullable=False,
        server_default=text("gen_random_uuid()"),
        comment="The arrival it is stored as, so that reprocessing it twice counts once",
    ),
    Column(
        "is_member",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="Whether the body is one member of a batch, and not all of it",
    ),
    Column(
        "state",
        Text,
        CheckConstraint("state IN ('refused', 'stored')", name="quarantine_state"),
        nullable=False,
        server_default=text("'refused'"),
        comment="refused, or stored once reprocessing understood it",
    ),
    Column("reprocessed_at", Timestamp, comment="When it was last parsed again; null: never"),
    PrimaryKeyConstraint("id", name="quarantine_pkey"),
    Index("quarantine_age", "received_at", "id"),
    Index("quarantine_stored", "id", postgresql_where=text("state = 'stored'")),
    comment="What an authenticated sender sent and we refused, kept for another look",
)
