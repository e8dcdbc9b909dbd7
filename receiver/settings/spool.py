"""The settings of the spool."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings


class SpoolSettings(BaseSettings):
    """Where notifications are kept while the database is away, and how many."""

    spool_dir: Path | None = Field(
        default=None,
        description="A private folder, made if it is missing, on a disk that outlives the process: "
        "notifications that the database does not take in time are made durable there, answered "
        "204, and stored later. Unset: they are answered 503.",
    )
    spool_after_seconds: Annotated[float, Field(gt=0, le=3600)] = Field(
        default=1.0,
        description="How long a notification waits for the database, in seconds, before it goes "
        "into the spool; at most as long as without a spool.",
    )
    spool_limit_bytes: int = Field(
        default=1_073_741_824,
        ge=1_048_576,
        description="The size of the spool, in bytes; beyond it, notifications are answered 503.",
    )
    spool_reserve_bytes: int = Field(
        default=268_435_456,
        ge=0,
        description="What the spool leaves free on its disk, in bytes; beyond it, notifications "
        "are answered 503.",
    )

    @field_validator("spool_dir")
    @classmethod
    def _find_folder(cls, value: Path | None) -> Path | None:
        try:
            return value and value.expanduser().absolute()
        except RuntimeError:
            raise ValueError("names a user that there is not") from None
