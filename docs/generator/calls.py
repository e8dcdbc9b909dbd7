"""`calls.md`: every HTTP call, from the OpenAPI of the application."""

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from pydantic import SecretStr

from docs.generator import markdown
from receiver.api.access.routes import GuardedRoute
from receiver.api.sink.path import PATH
from receiver.app.application import create_app
from receiver.settings.settings import Settings
from receiver.store.credentials.credentials import Role

INTRODUCTION = """
`GET /openapi.json` describes the same calls with their schemas, and `GET /docs` shows them in a
browser. Every answer carries `x-correlator`, which repeats that of the request. Every error is an
`ErrorInfo`, also one that a call does not list:
`{"status": 401, "code": "UNAUTHENTICATED", "message": "The bearer token is not known"}`.
"""

# Who may make a call, by the role that its route asks for.
CALLERS = {
    Role.SINK: "`sink`",
    Role.READER: "`reader`, `registrar`, `admin`",
    Role.REGISTRAR: "`registrar`, `admin`",
    Role.ADMIN: "`admin`",
}
NO_TOKEN = "no token"  # noqa: S105 - the words for it


def page() -> str:
    """Returns the page."""
    # Nothing connects before the application starts.
    url = SecretStr("postgresql://database.invalid/receiver")
    app = create_app(Settings().model_copy(update={"database_url": url}))
    document = app.openapi()
    roles = dict(_roles(app))
    overview: list[tuple[str, str, str]] = []
    sections: dict[str, list[str]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            call = f"{method.upper()} {path}"
            role = roles[call]
            overview.append((f"[`{call}`](#{_anchor(call)})", role, operation["summary"]))
            sections.setdefault(operation["tags"][0], []).extend(_section(call, role, operation))
    parts = [
        part
        for tag in document["tags"]
        for part in (
            f"## {tag['name'].capitalize()}",
            tag["description"],
            *sections[tag["name"]],
        )
    ]
    return markdown.page(
        "Calls", INTRODUCTION, markdown.table(("call", "role", "answers"), overview), *parts
    )


def _section(call: str, role: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield f"### {call}"
    yield f"**{operation['summary']}** · role: {role}"
    if "description" in operation:
        yield " ".join(operation["description"].split())
    # A reference is a parameter of every call.
    parameters = [one for one in operation.get("parameters", ()) if "$ref" not in one]
    if parameters:
        yield markdown.table(("parameter", "in", "meaning"), map(_parameter, parameters))
    body = operation.get("requestBody", {}).get("content", {})
    if body:
        yield f"Body: {markdown.codes(body)}."
    yield markdown.table(("answer", "when"), _answers(operation["responses"]))


def _parameter(parameter: Mapping[str, Any]) -> tuple[str, str, str]:
    words = parameter.get("description", "")
    return markdown.code(parameter["name"]), parameter["in"], words


def _answers(responses: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for status, response in sorted(responses.items()):
        if status != "default":
            yield status, response["description"]


def _roles(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Yields who may make each call, by method and path."""
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        path = str(getattr(context, "path", "")).replace(":uuid}", "}")
        for method in getattr(context, "methods", None) or ():
            if isinstance(route, GuardedRoute):
                role = CALLERS[route.role]
            else:
                # The reception checks the token; the route of the sink only describes it.
                role = CALLERS[Role.SINK] if (method, path) == ("POST", PATH) else NO_TOKEN
            yield f"{method} {path}", role


def _anchor(heading: str) -> str:
    kept = "".join(sign for sign in heading.lower() if sign.isalnum() or sign in "-_ ")
    return kept.replace(" ", "-")
