"""The tables of the handlers, as a first version of them looks."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Text, UniqueConstraint, create_engine
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from benchmark.contenders.contender import to_psycopg_url

STORED = "SELECT event_id FROM notification"
STORED_ONCE = "SELECT event_id FROM notification_once"


class Base(DeclarativeBase):
    """The base of both tables."""

    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's form
        str: Text,
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
    }


class Notification(Base):
    """A row for each notification, repetitions included."""

    __tablename__ = "notification"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    event_id: Mapped[str]
    source: Mapped[str]
    type: Mapped[str] = mapped_column(index=True)
    time: Mapped[datetime]
    phone_number: Mapped[str | None] = mapped_column(index=True)
    subscription_id: Mapped[str | None]
    payload: Mapped[dict[str, Any]]


class NotificationOnce(Base):
    """A row for each notification, once for an id and a source."""

    __tablename__ = "notification_once"
    __table_args__ = (UniqueConstraint("source", "event_id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    event_id: Mapped[str]
    source: Mapped[str]
    type: Mapped[str]
    time: Mapped[datetime]
    phone_number: Mapped[str | None] = mapped_column(index=True)
    subscription_id: Mapped[str | None]
    payload: Mapped[dict[str, Any]]


def make(url: str) -> None:
    """Makes the tables."""
    engine = create_engine(to_psycopg_url(url))
    Base.metadata.create_all(engine)
    engine.dispose()
