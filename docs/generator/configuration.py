"""`configuration.md`: every environment variable that the settings read."""

from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from docs.generator import markdown
from receiver.settings.inspection import compose_default, group_fields
from receiver.settings.settings import variable_name

INTRODUCTION = """
Environment variables configure the service and its commands. A bad value stops the start with one
line that names the variable and never repeats the value. An unset or empty variable has its
default; an empty default means that there is none. What Kubernetes injects for a Service named
`receiver`, such as `RECEIVER_PORT=tcp://10.43.1.2:8000`, is no setting.
[operating.md](operating.md#configuration) says which variables to look at first.
"""

# Units by the end of a field's name, and of the fields whose name does not say theirs.
SUFFIXES = {"_seconds": "seconds", "_bytes": "bytes", "_days": "days"}
UNITS = {
    "expired_token_grace": "seconds",
    "rate_limit": "requests a second",
    "attempts_limit": "attempts a minute",
    "connection_limit": "connections",
    "members_limit": "notifications",
    "queue_limit": "notifications",
    "batch_limit": "notifications",
    "pool_size": "connections",
    "quarantine_share": "part",
    "questions_limit": "questions",
    "prepare_threshold": "executions",
    "workers": "processes",
}
TITLES = {
    "Settings": "The service",
    "Bounds": "Bounds",
    "SpoolSettings": "The spool",
    "AccessTokenSettings": "Access tokens of an authorization server",
    "RetrieveSettings": "Retrieve calls",
}
BOUNDS = ("ge", "gt", "le")


def page() -> str:
    """Returns the page."""
    parts = []
    for declaring, fields in group_fields():
        rows = [_row(name, field) for name, field in fields]
        head = ("variable", "meaning", "unit and range", "default")
        parts += [f"## {TITLES.get(declaring, declaring)}", markdown.table(head, rows)]
    return markdown.page("Configuration", INTRODUCTION, *parts)


def _row(name: str, field: FieldInfo) -> tuple[str, str, str, str]:
    return (
        markdown.code(variable_name(name)),
        field.description or "",
        ", ".join(filter(None, (_unit(name), _range(field)))),
        "" if (default := compose_default(field)) is None else markdown.code(default),
    )


def _unit(name: str) -> str:
    ends = (unit for suffix, unit in SUFFIXES.items() if name.endswith(suffix))
    return UNITS.get(name) or next(ends, "")


def _range(field: FieldInfo) -> str:
    """Writes the words that a field takes, or the bounds of its number."""
    if get_origin(field.annotation) is Literal:
        return markdown.codes(get_args(field.annotation))
    bounds = {name: value for part in _constraints(field) for name, value in _bounds(part)}
    lowest = [_number(bounds["ge"])] if "ge" in bounds else []
    lowest += [f"above {_number(bounds['gt'])}"] if "gt" in bounds else []
    if "le" in bounds:
        return " to ".join([*lowest, _number(bounds["le"])])
    return f"{lowest[0]} or more" if lowest else ""


def _constraints(field: FieldInfo) -> Iterator[Any]:
    """Yields what pydantic was told of a field: beside it, and inside `Annotated[…] | None`."""
    yield from field.metadata
    for part in get_args(field.annotation):
        for inner in getattr(part, "__metadata__", ()):
            yield from getattr(inner, "metadata", ())


def _bounds(constraint: object) -> Iterator[tuple[str, float]]:
    for name in BOUNDS:
        value = getattr(constraint, name, None)
        if isinstance(value, int | float):
            yield name, value


def _number(value: float) -> str:
    return f"{value:g}" if isinstance(value, float) and not value.is_integer() else f"{int(value)}"
