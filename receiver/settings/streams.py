"""The settings of the live stream."""

from pydantic import Field
from pydantic_settings import BaseSettings


class StreamSettings(BaseSettings):
    """How many may listen at a time."""

    stream_limit: int = Field(
        default=400,
        ge=1,
        le=100_000,
        description="Live streams that a worker serves at a time; more is 503. Each takes one of "
        "`RECEIVER_CONNECTION_LIMIT`, and up to 1 MiB while its caller reads slowly.",
    )
    stream_credential_limit: int = Field(
        default=200,
        ge=1,
        le=100_000,
        description="Live streams of one credential at a time, in each worker; more is 429.",
    )
