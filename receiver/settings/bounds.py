"""The settings that bound the use by callers and the work of the service at a time."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode

Seconds = Annotated[float, Field(gt=0, le=3600)]
Networks = frozenset[IPv4Network | IPv6Network]


class Bounds(BaseSettings):
    """How much, how many and how long; every default is safe on a public address."""

    connection_limit: int = Field(
        default=1000,
        ge=1,
        le=100_000,
        description="Connections that a worker holds. Beyond them, the connection that waits "
        "longest for a request is closed; if none waits, the new one gets 503. `/livez` and "
        "`/readyz` are answered on 8 more.",
    )
    rate_limit: Annotated[float, Field(ge=0.01, le=1_000_000)] | None = Field(
        default=None,
        description="Requests a second to `/notifications` from one credential, for each "
        "worker; more is 429. Ten seconds' worth may come at once. Unset: no limit.",
    )
    attempts_limit: int = Field(
        default=100,
        ge=1,
        le=1_000_000,
        description="Failed authentications a minute from one address that are answered 401, "
        "for each worker; more is 429. A valid token is never refused for them.",
    )
    trusted_proxies: Annotated[Networks | None, NoDecode] = Field(
        default=None,
        description="Addresses and networks of proxies, with commas between, whose "
        "`X-Forwarded-For` and `X-Forwarded-Proto` are believed. They only decide whose failed "
        "authentication is counted, and whether the cookie of the console is for TLS alone.",
    )
    body_limit_bytes: int = Field(
        default=262_144,
        ge=1024,
        le=16_777_216,
        description="The largest request body, in bytes as received, and of a compressed one also "
        "in bytes as decompressed; more is 413.",
    )
    body_timeout_seconds: Seconds = Field(
        default=30.0, description="How long a body may take to arrive, in seconds; longer is 408."
    )
    answer_timeout_seconds: Seconds = Field(
        default=30.0,
        description="How long a caller may read nothing of its answer, in seconds, before its "
        "connection is closed.",
    )
    header_limit_bytes: int = Field(
        default=65_536,
        ge=1024,
        le=1_048_576,
        description="Request line and headers of one request, in bytes; more is 431.",
    )
    header_timeout_seconds: Seconds = Field(
        default=10.0,
        description="How long request line and headers may take, in seconds; longer is 408.",
    )
    members_limit: int = Field(
        default=1000,
        ge=1,
        le=100_000,
        description="Notifications in one CloudEvents batch; more is 413.",
    )
    queue_limit: int = Field(
        default=10_000,
        ge=1,
        description="Notifications that wait for their commit, in each worker; more is 503.",
    )
    queue_limit_bytes: int = Field(
        default=67_108_864,
        ge=1024,
        description="Payload that waits for its commit, in bytes, in each worker; more is 503.",
    )
    quarantine_limit_bytes: int = Field(
        default=1_073_741_824,
        ge=1024,
        description="The size of the quarantine of refused notifications, in bytes; a "
        "notification that would have to be kept beyond it is answered 503.",
    )
    quarantine_share: float = Field(
        default=0.25,
        gt=0,
        le=1,
        description="The part of the quarantine that the refused notifications of one credential "
        "may fill; more of them are answered 503, those of others are kept.",
    )
    quarantine_days: int = Field(
        default=90,
        ge=1,
        le=36_500,
        description="How long a refused notification is kept, in days; once reprocessing "
        "stored it, it goes within a day.",
    )
    retention_months: Annotated[int, Field(ge=1, le=1200)] | None = Field(
        default=None,
        description="How many whole months of events are kept, beside the current one, by when "
        "they were stored; older ones are dropped, and change no answer but history. Unset: all.",
    )
    batch_limit: int = Field(
        default=500, ge=1, le=10_000, description="Notifications committed in one transaction."
    )
    commit_timeout_seconds: Seconds = Field(
        default=5.0,
        description="How long a commit may take, in seconds, before those behind it begin over "
        "another connection.",
    )
    patience_seconds: Seconds = Field(
        default=10.0,
        description="How long a notification waits to be stored, in seconds, before the answer is "
        "503: while the database restarts, fails over, is locked, read-only or full, for example. "
        "Shorter than the senders wait, which is 15 to 30 seconds with most; less than "
        "`RECEIVER_COMMIT_TIMEOUT_SECONDS` counts as that.",
    )
    query_timeout_seconds: Seconds = Field(
        default=10.0, description="How long one question may take in the database, in seconds."
    )
    pool_size: int = Field(
        default=5, ge=1, le=100, description="Database connections for questions, in each worker."
    )
    pool_timeout_seconds: Seconds = Field(
        default=5.0,
        description="How long a question waits for one of these connections, in seconds, before "
        "the answer is 503.",
    )
    page_limit_bytes: int = Field(
        default=4_194_304,
        ge=1024,
        le=67_108_864,
        description="The items of one page of a list, in bytes of JSON; what does not fit comes "
        "with `nextCursor`. A page has at least one item.",
    )
    questions_limit: int = Field(
        default=4,
        ge=1,
        le=100,
        description="Questions of one credential that run at a time, in each worker, and at most "
        "one fewer than `RECEIVER_POOL_SIZE`; one more waits for "
        "`RECEIVER_POOL_TIMEOUT_SECONDS`, then it is 429.",
    )
    shutdown_timeout_seconds: int = Field(
        default=30,
        ge=1,
        le=3600,
        description="How long open requests have to finish at a stop, in seconds; more than "
        "`RECEIVER_COMMIT_TIMEOUT_SECONDS` and `RECEIVER_PATIENCE_SECONDS`.",
    )
    keep_alive_seconds: int = Field(
        default=75,
        ge=1,
        le=3600,
        description="How long an idle connection stays open, in seconds; longer than a proxy in "
        "front keeps its own, or a notification meets a closing one.",
    )

    @property
    def questions_at_once(self) -> int:
        """Questions of one credential that run at a time, so that a connection is left to others.

        Returns:
            At least 1, whatever the size of the pool.
        """
        return max(1, min(self.questions_limit, self.pool_size - 1))

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _read_networks(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            networks = frozenset(
                ip_network(part) for word in value.split(",") if (part := word.strip())
            )
        except ValueError:
            # The sentence of the library repeats the value, which an error must not.
            raise ValueError("must be addresses or networks with commas between") from None
        return networks or None

    @model_validator(mode="after")
    def _require_stop_to_outlast_commits(self) -> Self:
        if self.shutdown_timeout_seconds <= max(self.commit_timeout_seconds, self.patience_seconds):
            raise ValueError(
                "RECEIVER_SHUTDOWN_TIMEOUT_SECONDS: must be more than "
                "RECEIVER_COMMIT_TIMEOUT_SECONDS and RECEIVER_PATIENCE_SECONDS"
            )
        return self
