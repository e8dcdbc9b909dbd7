"""Reads values out of parsed JSON by their type hints.

Members that a value does not have are left out, so that an older client reads a newer service; an
optional member that is missing is the default.
"""

import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, fields
from datetime import date, datetime
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

T = TypeVar("T")

Read = Callable[[object], Any]


def read(kind: type[T], members: object) -> T:
    """Returns a dataclass out of a JSON object.

    Raises:
        ValueError: it is none, or a member is missing or of another type; no content is told.
    """
    if not isinstance(members, dict):
        raise ValueError(f"{kind.__name__}: not an object")
    values: dict[str, object] = {}
    for attribute, member, read_member, is_required in _members(kind):
        if members.get(member) is not None:
            try:
                values[attribute] = read_member(members[member])
            except ValueError as error:
                raise ValueError(f"{kind.__name__}.{member}: {error}") from None
        elif is_required:
            raise ValueError(f"{kind.__name__}.{member}: missing")
    return kind(**values)


def name_member(attribute: str) -> str:
    """Returns the name of an attribute or a parameter in the API: `as_of` is `asOf`."""
    first, *others = attribute.rstrip("_").split("_")
    return first + "".join(word.capitalize() for word in others)


def _list_members(kind: Any) -> Sequence[tuple[str, str, Read, bool]]:
    hints = get_type_hints(kind)
    return [
        (field.name, name_member(field.name), _reader(hints[field.name]), _is_required(field))
        for field in fields(kind)
    ]


_members: Callable[[Any], Sequence[tuple[str, str, Read, bool]]] = cache(_list_members)


def _is_required(field: "Field[Any]") -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _reader(hint: Any) -> Read:
    """Returns what reads a value of a type."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _read_one_of([_reader(one) for one in inner if one is not type(None)])
    if origin is tuple:
        return _read_list(_reader(inner[0]))
    if origin is Mapping:
        return _read_mapping(_reader(inner[1]))
    primitive = _PRIMITIVES.get(hint)
    return primitive or (lambda value: read(hint, value))


def _read_one_of(readers: Sequence[Read]) -> Read:
    def read_one(value: object) -> object:
        for reader in readers[:-1]:
            try:
                return reader(value)
            except ValueError:
                continue
        return readers[-1](value)

    return read_one


def _read_list(reader: Read) -> Read:
    def read_all(value: object) -> tuple[object, ...]:
        if not isinstance(value, list):
            raise ValueError("not an array")
        return tuple(map(reader, value))

    return read_all


def _read_mapping(reader: Read) -> Read:
    def read_all(value: object) -> Mapping[str, object]:
        if not isinstance(value, dict):
            raise ValueError("not an object")
        return {name: reader(member) for name, member in value.items()}

    return read_all


def _read_text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("not a string")
    return value


def _read_bool(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("not a boolean")
    return value


def _read_int(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("not an integer")
    return value


def _read_float(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("not a number")
    return float(value)


def _read_time(value: object) -> datetime:
    try:
        time = datetime.fromisoformat(_read_text(value))
    except ValueError:
        raise ValueError("not a time") from None
    if time.tzinfo is None:
        raise ValueError("a time without its zone")
    return time


def _read_date(value: object) -> date:
    try:
        return date.fromisoformat(_read_text(value))
    except ValueError:
        raise ValueError("not a day") from None


def _read_uuid(value: object) -> UUID:
    try:
        return UUID(_read_text(value))
    except ValueError:
        raise ValueError("not a UUID") from None


_PRIMITIVES: Mapping[Any, Read] = {
    str: _read_text,
    bool: _read_bool,
    int: _read_int,
    float: _read_float,
    datetime: _read_time,
    date: _read_date,
    UUID: _read_uuid,
    object: lambda value: value,
}
