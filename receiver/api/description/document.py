"""From FastAPI's OpenAPI to the one that is served: rules that hold for every operation.

- A component is named for its idea: `EventResource` is `Event`. What describes itself as another
  component, by its title, is that other. What nothing refers to is left out.
- A member or parameter that may be absent is optional, and never null. A boolean has no constant.
- Every error is JSON, and every response describes the headers that it carries.
- A tag without a call is left out.
- A good answer is described by what it holds, and a page has the example of its items.
"""

from collections.abc import Iterator
from typing import Any

from receiver.api.description.headers import describe_headers

Json = dict[str, Any]

# What the name of a class says beside its idea.
SUFFIX = "Resource"

_SCHEMAS = "#/components/schemas/"
_JSON = "application/json"
# FastAPI's word where a route says none.
_UNSAID = "Successful Response"
_NULL = {"type": "null"}
# Their values are data, whatever their members are called.
_EXAMPLES = {"example", "examples"}


def complete(document: Json, described: Json) -> Json:
    """Returns the OpenAPI document with every rule applied.

    Args:
        described: the schemas that no class writes, by name.

    Raises:
        ValueError: two components would have one name.
    """
    components = document["components"]
    classes = {**components["schemas"], **described}
    names = _name(classes)
    schemas = {
        names[name]: _rewrite(schema, names)
        for name, schema in classes.items()
        if not _is_another(name, schema, classes)
    }
    paths = _rewrite(document["paths"], names)
    operations = [said for methods in paths.values() for said in methods.values()]
    for schema in schemas.values():
        _complete_schema(schema, schemas)
    for operation in operations:
        for status, response in operation["responses"].items():
            _complete_response(status, response, schemas)
    used = _reach(paths, schemas)
    made = {name: schema for name, schema in sorted(schemas.items()) if name in used}
    told = {tag for said in operations for tag in said.get("tags", [])}
    return {
        **document,
        "tags": [tag for tag in document.get("tags", []) if tag["name"] in told],
        "paths": paths,
        "components": {**components, "schemas": made, **describe_headers(operations)},
    }


def _name(schemas: Json) -> dict[str, str]:
    """Returns the name of each component in the finished document."""
    names = {
        name: (schema["title"] if _is_another(name, schema, schemas) else name).removesuffix(SUFFIX)
        for name, schema in schemas.items()
    }
    own = [names[name] for name in schemas if not _is_another(name, schemas[name], schemas)]
    if len(own) != len(set(own)):
        raise ValueError("two components would have one name")
    return names


def _is_another(name: str, schema: Json, schemas: Json) -> bool:
    title = schema.get("title", name)
    return title != name and title in schemas


def _rewrite(part: Any, names: dict[str, str]) -> Any:
    """Returns a part of the document with the new names, no titles, and nothing nullable."""
    if isinstance(part, list):
        return [_rewrite(item, names) for item in part]
    if not isinstance(part, dict):
        return part
    made = {
        key: value if key in _EXAMPLES else _rewrite(value, names)
        for key, value in part.items()
        if key != "title" or not isinstance(value, str)
    }
    reference = made.get("$ref")
    if isinstance(reference, str):
        made["$ref"] = _SCHEMAS + names[_find_name(reference)]
    if isinstance(made.get("const"), bool):
        # openapi-generator makes an enumeration of texts of it, which the boolean never is.
        del made["const"]
    return _require_a_value(made)


def _require_a_value(schema: Json) -> Json:
    choices = schema.get("anyOf")
    if not isinstance(choices, list) or _NULL not in choices:
        return schema
    kept = [choice for choice in choices if choice != _NULL]
    rest = {
        key: value
        for key, value in schema.items()
        if key != "anyOf" and (key, value) != ("default", None)
    }
    return {"anyOf": kept, **rest} if len(kept) > 1 else {**kept[0], **rest}


def _complete_schema(schema: Json, schemas: Json) -> None:
    """Adds the words of an enumeration that has none, and the example of a page."""
    if "enum" in schema:
        values = ", ".join(f"`{value}`" for value in schema["enum"])
        schema.setdefault("description", f"One of {values}.")
    item = schema.get("properties", {}).get("items", {}).get("items")
    if item is not None and "example" not in schema:
        example = _resolve(item, schemas).get("example")
        schema |= {} if example is None else {"example": {"items": [example]}}


def _complete_response(status: str, response: Json, schemas: Json) -> None:
    content: Json = response.get("content", {})
    if not status.startswith("2"):
        # FastAPI gives an error the media type of the good answer.
        response["content"] = {
            _JSON: {key: value for said in content.values() for key, value in said.items()}
        }
    elif response["description"] == _UNSAID:
        said: Json = next(iter(content.values()), {})
        holds = _resolve(said.get("schema", {}), schemas)
        response["description"] = holds.get("description", "Done.")


def _resolve(schema: Json, schemas: Json) -> Json:
    """Returns the schema itself, or the component that it refers to."""
    named: Json = schemas[_find_name(schema["$ref"])] if "$ref" in schema else schema
    return named


def _find_name(reference: str) -> str:
    return reference.removeprefix(_SCHEMAS)


def _reach(paths: Json, schemas: Json) -> set[str]:
    """Returns the names of the components that the paths refer to, by others too."""
    used: set[str] = set()
    ahead = [*_refer(paths)]
    while ahead:
        name = ahead.pop()
        if name not in used:
            used.add(name)
            ahead.extend(_refer(schemas[name]))
    return used


def _refer(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for item in part:
            yield from _refer(item)
    elif isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield _find_name(part["$ref"])
        for key, value in part.items():
            if key not in _EXAMPLES:
                yield from _refer(value)
