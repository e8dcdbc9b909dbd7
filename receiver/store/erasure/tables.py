"""The table of erasures; tests compare it with the migrations."""

from sqlalchemy import BigInteger, Column, PrimaryKeyConstraint, Table, Text, Uuid, text

from receiver.store.schema.metadata import Timestamp, metadata


def _count(name: str, comment: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default=text("0"), comment=comment)


erasure = Table(
    "erasure",
    metadata,
    Column(
        "id",
        Uuid,
        server_default=text("gen_random_uuid()"),
        comment="Of this erasure; also in the audit line",
    ),
    Column(
        "began_at",
        Timestamp,
        nullable=False,
        server_default=text("now()"),
        comment="When it began",
    ),
    Column(
        "ended_at",
        Timestamp,
        comment="When all was removed; null: it was cut off, and is to be asked for again",
    ),
    Column(
        "credential",
        Text,
        comment="Name of the credential that asked; null: the command line",
    ),
    Column("devices", BigInteger, nullable=False, comment="The device and what stood for it"),
    _count("events", "Removed from event"),
    _count("identities", "Removed from event_identity"),
    _count("answers", "Removed from device_status, subscription and device_identifier"),
    _count("seeds", "Removed from event_seed"),
    _count("counts", "Removed from subscription_retired"),
    _count("registrations", "Removed from subscription_registration"),
    _count("quarantined", "Removed from quarantine"),
    _count("spooled", "Taken out of the spool"),
    PrimaryKeyConstraint("id", name="erasure_pkey"),
    comment="Erasures of devices: when, by whom and how much; never of whom",
)
