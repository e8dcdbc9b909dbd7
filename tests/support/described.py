"""The OpenAPI of the application, and its parts; nothing connects."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from fastapi import FastAPI
from pydantic import SecretStr

from receiver.app.application import create_app
from receiver.settings.settings import Settings

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """One call.

    Attributes:
        name: method and path, `GET /events`.
        said: its part of the document.
    """

    name: str
    said: Json

    @property
    def parameters(self) -> list[Json]:
        """Those of its own; a shared one is a reference."""
        return [one for one in self.said.get("parameters", []) if "$ref" not in one]

    @property
    def is_guarded(self) -> bool:
        """Whether it needs a token."""
        return bool(self.said.get("security"))

    @property
    def roles(self) -> list[str]:
        """The least role that may make the call; none: anyone."""
        schemes = self.said.get("security", [])
        return [role for scheme in schemes for roles in scheme.values() for role in roles]

    @property
    def bodies(self) -> Json:
        """The request's bodies by media type."""
        bodies: Json = self.said.get("requestBody", {}).get("content", {})
        return bodies

    def answers(self) -> Iterator[tuple[str, str, Json]]:
        """Yields status, media type and content of each answer with a body."""
        for status, response in self.said["responses"].items():
            for media_type, content in response.get("content", {}).items():
                yield status, media_type, content


def make_app() -> FastAPI:
    """Returns an application that never starts."""
    url = SecretStr("postgresql://database.invalid/receiver")
    return create_app(Settings().model_copy(update={"database_url": url}))


@cache
def document() -> Json:
    """The whole document."""
    return make_app().openapi()


@cache
def operations() -> tuple[Operation, ...]:
    """Every call."""
    return tuple(
        Operation(f"{method.upper()} {path}", said)
        for path, methods in document()["paths"].items()
        for method, said in methods.items()
    )


def schemas() -> Json:
    """The named schemas."""
    named: Json = document()["components"]["schemas"]
    return named


def resolve(schema: Json) -> Json:
    """The schema itself, or the named one that it refers to."""
    reference = schema.get("$ref")
    return schema if reference is None else schemas()[reference.rsplit("/", 1)[1]]


def members(schema: Json) -> Iterator[tuple[str, Json]]:
    """Yields every member that a schema describes, nested ones by a path."""
    for name, member in schema.get("properties", {}).items():
        yield name, member
        for inner, described in members(member):
            yield f"{name}.{inner}", described
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from members(schema[key])
    for key in ("anyOf", "oneOf", "allOf"):
        for choice in schema.get(key, []):
            yield from members(choice)


def walk(part: Any, place: str = "") -> Iterator[tuple[str, Json]]:
    """Yields every object of the document with its place, examples apart."""
    if isinstance(part, list):
        for number, item in enumerate(part):
            yield from walk(item, f"{place}/{number}")
    elif isinstance(part, dict):
        yield place, part
        for key, value in part.items():
            if key not in {"example", "examples", "x-extensible-enum"}:
                yield from walk(value, f"{place}/{key}")
