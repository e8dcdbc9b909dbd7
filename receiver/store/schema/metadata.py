"""The metadata that all tables share, and their types that SQLAlchemy lacks."""

from sqlalchemy import DateTime, MetaData
from sqlalchemy.types import UserDefinedType


class TransactionId(UserDefinedType[int]):
    """`xid8`, the 64-bit transaction id."""

    cache_ok = True

    def get_col_spec(self, **_options: object) -> str:
        return "xid8"


Timestamp = DateTime(timezone=True)

metadata = MetaData()
