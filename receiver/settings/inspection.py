"""Every setting with its value and where the value comes from; no secret among them."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit, urlunsplit

from psycopg.conninfo import conninfo_to_dict
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from receiver.settings.database_url import read_database_url
from receiver.settings.service_links import SettingsSource, is_service_link
from receiver.settings.settings import Fault, Settings, find_faults, variable_name

PREFIX = "RECEIVER_"
# Variables with the prefix that commands read themselves, not through the settings.
OTHER_VARIABLES = frozenset({"RECEIVER_TOKEN"})

# What stands for a part of a URL that is not shown.
HIDDEN = "***"

_DATABASE_URLS = frozenset({"database_url", "database_direct_url"})


class Origin(StrEnum):
    """Where the value of a setting comes from; no file holds settings."""

    ENVIRONMENT = "environment"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Entry:
    """One setting.

    Attributes:
        variable: its name in the environment.
        value: as the variable says it, without secrets; None: it has none, or it is wrong.
        origin: where the value comes from.
        fault: what is wrong with it, never the value; None: it is understood.
    """

    variable: str
    value: str | None
    origin: Origin
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Inspection:
    """The configuration of this process.

    Attributes:
        entries: every setting, in the order of their page in the documentation.
        faults: what is wrong, in the words with which a start is refused.
        unknown: the variables with the prefix that are no setting.
    """

    entries: tuple[Entry, ...]
    faults: tuple[str, ...]
    unknown: tuple[str, ...]


def inspect(defaults: Mapping[str, str]) -> Inspection:
    """Returns the settings as the environment and their defaults make them.

    Args:
        defaults: by field, where the declaration leaves the default to those who use it.
    """
    faults = find_faults()
    wrong = {fault.variable: fault for fault in faults if fault.variable is not None}
    source = SettingsSource(Settings)
    entries = (
        _inspect_field(source, name, field, wrong.get(variable_name(name)), defaults)
        for _, fields in group_fields()
        for name, field in fields
    )
    return Inspection(tuple(entries), tuple(map(str, faults)), tuple(find_unknown()))


def group_fields() -> Iterator[tuple[str, list[tuple[str, FieldInfo]]]]:
    """Yields the classes of the settings with the fields that each declares itself."""
    for kind in Settings.__mro__:
        if issubclass(kind, BaseSettings) and kind is not BaseSettings:
            declared = filter(Settings.model_fields.__contains__, kind.__annotations__)
            yield kind.__name__, [(name, Settings.model_fields[name]) for name in declared]


def find_unknown() -> list[str]:
    """Returns the variables with the prefix that are no setting, and that nothing else explains."""
    known = {variable_name(field) for field in Settings.model_fields} | OTHER_VARIABLES
    return sorted(
        name
        for name, value in os.environ.items()
        if value
        and name.upper().startswith(PREFIX)
        and name.upper() not in known
        and not is_service_link(name.upper(), value)
    )


def describe_unknown(names: Sequence[str]) -> str:
    """Returns the sentence about variables that are no setting."""
    return f"{', '.join(names)}: no such setting; correct the name or remove it"


def _inspect_field(
    source: SettingsSource,
    name: str,
    field: FieldInfo,
    fault: Fault | None,
    defaults: Mapping[str, str],
) -> Entry:
    variable = variable_name(name)
    written, _, _ = source.get_field_value(field, name)
    if fault is not None:
        return Entry(variable, None, Origin.ENVIRONMENT, fault.message)
    if not isinstance(written, str) or not written.strip():
        value = defaults.get(name) or compose_default(field)
        return Entry(variable, value, Origin.DEFAULT)
    return Entry(variable, _hide(name, written.strip()), Origin.ENVIRONMENT)


def compose_default(field: FieldInfo) -> str | None:
    """Returns the default of a setting as its variable would say it; None: it has none."""
    value = field.default
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _hide(name: str, written: str) -> str:
    if name in _DATABASE_URLS:
        return _hide_login(written)
    return _hide_query(written) if name.endswith("_url") else written


def _hide_login(url: str) -> str:
    """Returns the hosts, ports and database of a URL that libpq takes.

    User and password are left out, and the parameters, which may hold either.
    """
    parameters = conninfo_to_dict(read_database_url(url))
    hosts = str(parameters.pop("host", None) or parameters.pop("hostaddr", "")).split(",")
    ports = str(parameters.pop("port", None) or "").split(",")
    if len(ports) == 1:
        ports *= len(hosts)
    places = ",".join(
        f"{f'[{host}]' if ':' in host else host}{port and f':{port}'}"
        for host, port in zip(hosts, ports, strict=True)
    )
    database = parameters.pop("dbname", "")
    has_login = "user" in parameters or "password" in parameters
    has_more = bool(parameters.keys() - {"user", "password"})
    login = f"{HIDDEN}@" if has_login else ""
    return f"postgresql://{login}{places}/{database}{f'?{HIDDEN}' if has_more else ''}"


def _hide_query(url: str) -> str:
    """Returns a URL without what may be a key in its query or its fragment."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query=HIDDEN if parts.query else "", fragment=""))
