"""The one row of this installation: the namespace of its device ids."""

from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    PrimaryKeyConstraint,
    Table,
    Uuid,
    func,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.store.connections.engine import asking
from receiver.store.schema.metadata import Timestamp, metadata

installation = Table(
    "installation",
    metadata,
    Column(
        "singleton",
        Boolean,
        CheckConstraint("singleton", name="installation_singleton"),
        server_default=text("true"),
        comment="Always true: the key that allows one row",
    ),
    Column(
        "namespace",
        Uuid,
        nullable=False,
        server_default=text("gen_random_uuid()"),
        comment="The secret namespace of every device id; never changes",
    ),
    Column(
        "made_at",
        Timestamp,
        nullable=False,
        server_default=func.now(),
        comment="When this installation was made",
    ),
    PrimaryKeyConstraint("singleton", name="installation_pkey"),
    comment="This installation: one row",
)


async def read_namespace(engine: AsyncEngine) -> UUID:
    """Returns the secret namespace, which is the same for every replica and for ever."""
    async with asking(engine) as connection:
        namespace = (await connection.execute(select(installation.c.namespace))).scalar_one()
        return UUID(str(namespace))
