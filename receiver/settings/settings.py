"""Every setting with its unit, meaning and default.

Commands and workers read the environment once, at their start; every other part gets values.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from receiver.errors import ConfigurationError
from receiver.settings.access_tokens import AccessTokenSettings
from receiver.settings.bounds import Bounds, Seconds
from receiver.settings.database_url import read_database_url
from receiver.settings.retrieve_calls import RetrieveSettings
from receiver.settings.service_links import SettingsSource
from receiver.settings.spool import SpoolSettings
from receiver.settings.streams import StreamSettings

# A statement that stores events may take twice as long as its commit is waited for, and the feed
# that overlaps reads what was open for less than 30 seconds.
OVERLAPPED_COMMIT_SECONDS = 12.0

_ORIGIN = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*(:[0-9]{1,5})?|\*")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a setting.

    Attributes:
        variable: its name; None: several do not fit together, and the message names them.
        message: in words that never repeat the value.
    """

    variable: str | None
    message: str

    def __str__(self) -> str:
        """Returns the fault as a start is refused with it."""
        return self.message if self.variable is None else f"{self.variable}: {self.message}"


class Settings(Bounds, SpoolSettings, AccessTokenSettings, RetrieveSettings, StreamSettings):
    """The configuration of one process; an error names the bad variable, never its value."""

    model_config = SettingsConfigDict(
        env_prefix="RECEIVER_",
        env_ignore_empty=True,
        env_parse_none_str="none",
        frozen=True,
        hide_input_in_errors=True,
    )

    database_url: SecretStr | None = Field(
        default=None,
        validation_alias="DATABASE_URL",
        description="Postgres 15 or newer, `postgresql://…`, several hosts allowed. "
        "Without it the service runs its own Postgres.",
    )
    database_direct_url: SecretStr | None = Field(
        default=None,
        validation_alias="DATABASE_DIRECT_URL",
        description="The same database without a transaction pooler between. Migrations and "
        "background tasks go there; only `psql --reports` and `dsn --reports` need it.",
    )
    data_dir: Path | None = Field(
        default=None,
        description="Where the embedded Postgres and the first credentials live. Default: the "
        "user's data directory, as root `/var/lib/device-status-receiver`.",
    )
    data_must_exist: bool = Field(
        default=False,
        description="Refuse to begin with an empty `RECEIVER_DATA_DIR`, as where its disk is not "
        "mounted: every sender would be a stranger there. `receiver migrate` begins all the same.",
    )
    host: str = Field(
        default="127.0.0.1",
        description="The address to listen on; `0.0.0.0`: every IPv4 address, `::`: every IPv6 and "
        "IPv4 address.",
    )
    port: int = Field(
        default=8000, ge=0, le=65535, description="The port to listen on; 0 picks a free one."
    )
    workers: int = Field(default=1, ge=1, le=64, description="Processes that serve requests.")
    feed: Literal["snapshot", "overlap"] = Field(
        default="snapshot",
        description="How new events are found for the answers. `snapshot`: by transaction ids, "
        "none is missed. `overlap`: by time, those of the last 30 seconds again with each step; "
        "for a database of several servers, which share no transaction ids. The same for all "
        "processes of one database.",
    )
    console: bool = Field(
        default=True,
        description="Serve the console for people at `/console`; only who signs in sees more than "
        "the page to sign in.",
    )
    allowed_origins: Annotated[frozenset[str] | None, NoDecode] = Field(
        default=None,
        description="Senders to which the CloudEvents handshake consents: host names as in "
        "`WebHook-Request-Origin`, with commas between; `*`: any. Unset: no handshake.",
    )
    prepare_threshold: int | None = Field(
        default=5,
        ge=0,
        description="Executions before a statement is prepared; `none`: never. Behind a pooler, "
        "which the service notices by itself, none is prepared.",
    )
    credential_refresh_seconds: Seconds = Field(
        default=2.0,
        description="How often, in seconds, a worker reads the credentials again: the longest "
        "time that a revoked token goes on working.",
    )
    credential_trust_seconds: Annotated[float, Field(gt=0, le=604_800)] = Field(
        default=3600.0,
        description="How long known tokens go on working, in seconds, while the database is away; "
        "unknown tokens get 503 meanwhile.",
    )
    expired_token_grace: Annotated[float, Field(ge=0, le=2_592_000)] = Field(
        default=0.0,
        description="How long an expired token is still accepted, in seconds, with a warning in "
        "the log; 0: not at all.",
    )
    log_format: Literal["auto", "console", "json"] = Field(
        default="auto", description="`auto` is `console` on a terminal and `json` elsewhere."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least severe line that is logged."
    )

    @model_validator(mode="after")
    def _require_commits_to_end_within_the_overlap(self) -> Self:
        if self.feed == "overlap" and self.commit_timeout_seconds > OVERLAPPED_COMMIT_SECONDS:
            raise ValueError(
                "RECEIVER_COMMIT_TIMEOUT_SECONDS: must be at most"
                f" {OVERLAPPED_COMMIT_SECONDS:g} where RECEIVER_FEED is overlap"
            )
        return self

    @field_validator("database_url", "database_direct_url")
    @classmethod
    def _require_postgres(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None or not value.get_secret_value().strip():
            return None
        return SecretStr(read_database_url(value.get_secret_value()))

    @field_validator("allowed_origins", mode="before")
    @classmethod
    def _read_host_names(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        origins = frozenset(part for word in value.split(",") if (part := word.strip().lower()))
        if not all(map(_ORIGIN.fullmatch, origins)):
            raise ValueError("must be host names with commas between, without https://")
        return origins or None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Reads arguments and the environment, and no file."""
        return init_settings, SettingsSource(settings_cls)

    @classmethod
    def from_environment(cls) -> Self:
        """Reads the environment.

        Raises:
            ConfigurationError: names every variable that is wrong, never its value.
        """
        try:
            return cls()
        except ValidationError as error:
            raise ConfigurationError("; ".join(map(str, _read_faults(error)))) from None

    @property
    def database_conninfo(self) -> str | None:
        """The connection string for libpq; None: the embedded Postgres is used."""
        return _secret(self.database_url)

    @property
    def direct_conninfo(self) -> str | None:
        """The same past a transaction pooler, for what a pooler cannot carry."""
        return _secret(self.database_direct_url) or self.database_conninfo


def variable_name(field: str) -> str:
    """Returns the environment variable of a field, such as `RECEIVER_PORT`."""
    declared = Settings.model_fields.get(field)
    if declared is not None and isinstance(declared.validation_alias, str):
        return declared.validation_alias
    return field if field.isupper() else f"RECEIVER_{field.upper()}"


def find_faults() -> list[Fault]:
    """Returns what is wrong in the environment; each wrong variable is named, never its value."""
    try:
        Settings()
    except ValidationError as error:
        return _read_faults(error)
    return []


def _read_faults(error: ValidationError) -> list[Fault]:
    return [
        Fault(variable_name(str(fault["loc"][0])) if fault["loc"] else None, fault["msg"])
        for fault in error.errors()
    ]


def _secret(url: SecretStr | None) -> str | None:
    return None if url is None else url.get_secret_value()
