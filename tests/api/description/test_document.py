"""From FastAPI's OpenAPI to the one that is served."""

from typing import Any

import pytest

from receiver.api.description.document import complete

Json = dict[str, Any]


def refer(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def document(schemas: Json, *used: str, **operation: Any) -> Json:
    """A document whose only call answers with the named schemas."""
    answer = {"application/json": {"schema": {"anyOf": [refer(name) for name in used]}}}
    good = {"description": "Successful Response", "content": answer}
    said = {"responses": {"200": good}, **operation}
    return {"paths": {"/": {"get": said}}, "components": {"schemas": schemas}}


def completed(schemas: Json, *used: str, **operation: Any) -> tuple[Json, Json]:
    """The schemas and the operation of the completed document."""
    made = complete(document(schemas, *used, **operation), {})
    return made["components"]["schemas"], made["paths"]["/"]["get"]


def test_a_component_is_named_for_its_idea() -> None:
    schemas, operation = completed({"EventResource": {"type": "object"}}, "EventResource")
    assert list(schemas) == ["Event"]
    answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
    assert answer == {"anyOf": [refer("Event")]}


def test_what_describes_itself_as_another_component_is_that_one() -> None:
    device: Json = {"type": "object", "title": "DeviceResource"}
    schemas, operation = completed(
        {"DeviceResource": device, "DeviceQuestion": device}, "DeviceResource", "DeviceQuestion"
    )
    assert list(schemas) == ["Device"]
    answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
    assert answer == {"anyOf": [refer("Device"), refer("Device")]}


def test_two_ideas_never_get_one_name() -> None:
    schemas: Json = {"Event": {"type": "object"}, "EventResource": {"type": "object"}}
    with pytest.raises(ValueError, match="one name"):
        complete(document(schemas, "Event", "EventResource"), {})


def test_what_nothing_refers_to_is_left_out_and_what_is_referred_to_by_others_is_not() -> None:
    schemas, _ = completed(
        {"A": {"items": refer("B")}, "B": {"type": "string"}, "C": {"type": "string"}}, "A"
    )
    assert list(schemas) == ["A", "B"]


def test_what_may_be_absent_is_not_nullable_and_keeps_the_rest() -> None:
    text = {"anyOf": [{"type": "string", "maxLength": 3}, {"type": "null"}], "default": None}
    either = {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]}
    members: Json = {"text": {**text, "description": "Words."}, "either": either}
    schemas, operation = completed(
        {"A": {"properties": members}}, "A", parameters=[{"name": "text", "schema": text}]
    )
    assert schemas["A"]["properties"] == {
        "text": {"type": "string", "maxLength": 3, "description": "Words."},
        "either": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
    }
    assert operation["parameters"][0]["schema"] == {"type": "string", "maxLength": 3}


def test_a_boolean_has_no_constant_and_a_text_keeps_it() -> None:
    members: Json = {"a": {"type": "boolean", "const": True}, "b": {"const": "alive"}}
    schemas, _ = completed({"A": {"properties": members}}, "A")
    assert schemas["A"]["properties"] == {"a": {"type": "boolean"}, "b": {"const": "alive"}}


def test_an_example_is_left_as_it_is() -> None:
    example = {"title": "kept", "$ref": "kept"}
    schemas, _ = completed({"A": {"type": "object", "title": "A", "example": example}}, "A")
    assert schemas["A"] == {"type": "object", "example": example}


def test_a_page_has_the_example_of_its_items() -> None:
    page: Json = {"properties": {"items": {"type": "array", "items": refer("A")}}}
    schemas, _ = completed({"Page": page, "A": {"example": {"id": "x"}}}, "Page")
    assert schemas["Page"]["example"] == {"items": [{"id": "x"}]}


def test_a_tag_without_a_call_is_left_out() -> None:
    asked = document({"A": {"type": "object"}}, "A", tags=["events"])
    made = complete({**asked, "tags": [{"name": "devices"}, {"name": "events"}]}, {})
    assert made["tags"] == [{"name": "events"}]


def test_an_enumeration_without_words_lists_its_values() -> None:
    schemas, _ = completed({"Order": {"enum": ["desc", "asc"]}}, "Order")
    assert schemas["Order"]["description"] == "One of `desc`, `asc`."


def test_every_error_is_json_whatever_the_call_answers() -> None:
    error = {"description": "No.", "content": {"text/plain": {"schema": refer("E")}}}
    _, operation = completed({"E": {"type": "object"}}, "E", responses={"default": error})
    assert operation["responses"]["default"]["content"] == {
        "application/json": {"schema": refer("E")}
    }


def test_a_schema_that_no_class_writes_is_a_component_too() -> None:
    made = complete(document({}, "Told"), {"Told": {"type": "object"}})
    assert made["components"]["schemas"] == {"Told": {"type": "object"}}
