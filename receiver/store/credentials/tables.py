"""The tables of credentials, their tokens and links; tests compare them with the migrations."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from receiver.store.schema.metadata import Timestamp, metadata

credential = Table(
    "credential",
    metadata,
    Column("name", Text, comment="What people call it; never used again"),
    Column(
        "role",
        Text,
        CheckConstraint("role IN ('sink', 'reader', 'registrar', 'admin')", name="credential_role"),
        nullable=False,
        comment="sink may post notifications, reader may ask, registrar may ask and register "
        "subscriptions, admin may do all but post",
    ),
    Column(
        "created_at",
        Timestamp,
        nullable=False,
        server_default=func.now(),
        comment="When it was made",
    ),
    Column("revoked_at", Timestamp, comment="When it was revoked; null: it was not"),
    Column(
        "types",
        ARRAY(Text),
        nullable=False,
        server_default=text("'{}'"),
        comment="Patterns of the event types it may send; none: all",
    ),
    Column(
        "sources",
        ARRAY(Text),
        nullable=False,
        server_default=text("'{}'"),
        comment="Patterns of the sources it may send from; none: all",
    ),
    Column("last_used_at", Timestamp, comment="When it was last admitted, to the minute"),
    PrimaryKeyConstraint("name", name="credential_pkey"),
    comment="Who may call, and what it allows",
)

credential_token = Table(
    "credential_token",
    metadata,
    Column("token_digest", LargeBinary, comment="SHA-256 of the token"),
    Column("name", Text, nullable=False, comment="The credential it belongs to"),
    Column(
        "created_at",
        Timestamp,
        nullable=False,
        server_default=func.now(),
        comment="When it was made",
    ),
    Column("expires_at", Timestamp, comment="From when on it is refused; null: never"),
    PrimaryKeyConstraint("token_digest", name="credential_token_once"),
    ForeignKeyConstraint(["name"], ["credential.name"], name="credential_token_of"),
    Index("credential_token_name", "name"),
    comment="The bearer tokens of credentials, as digests; several while they are rotated",
)

console_link = Table(
    "console_link",
    metadata,
    Column("key_digest", LargeBinary, comment="SHA-256 of the key in the link"),
    Column("credential", Text, nullable=False, comment="Name of the credential that it signs in"),
    Column(
        "made_at",
        Timestamp,
        nullable=False,
        server_default=func.now(),
        comment="When it was made",
    ),
    Column("expires_at", Timestamp, nullable=False, comment="From when on it is refused"),
    PrimaryKeyConstraint("key_digest", name="console_link_once"),
    ForeignKeyConstraint(
        ["credential"], ["credential.name"], name="console_link_of", ondelete="CASCADE"
    ),
    comment="Links that sign in to the console once; a used one is gone",
)
