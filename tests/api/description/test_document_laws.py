"""The laws of the OpenAPI: each holds for every operation, also one that is added tomorrow."""

import json
import re
from collections import Counter
from typing import Any

import jsonschema_rs
import pytest

from receiver.api.description.preamble import TAGS
from tests.support.described import (
    Operation,
    document,
    members,
    operations,
    resolve,
    schemas,
    walk,
)

JSON = re.compile(r"application/([a-z-]+\+)?json")
TIME_NAME = re.compile(
    r"(at|since|until|after|before|from|to|asOf|time|\w+(At|Since|Until|From|To|Before|After|Time))"
)
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*")
CAMEL = re.compile(r"[a-z]+([A-Z][a-z0-9]+)+")
SENTENCE = re.compile(r"[A-Z`].*[.:?`)]", re.DOTALL)
ERRORS = {"400", "401", "403", "404", "405", "408", "413", "415", "422", "429", "503", "default"}
# An error with more members than every error has; they are described, so it is a schema of its own.
RICHER_ERRORS = {"NotReady"}
# An answer that is no JSON, and a page of Prometheus is long.
WITHOUT_EXAMPLE = {"text/plain; version=0.0.4; charset=utf-8", "text/plain"}

each_operation = pytest.mark.parametrize("operation", operations(), ids=lambda one: one.name)


@each_operation
def test_an_operation_has_an_id_a_known_tag_a_summary_and_a_description(
    operation: Operation,
) -> None:
    said = operation.said
    assert CAMEL.fullmatch(said["operationId"]), said["operationId"]
    assert len(said["tags"]) == 1
    assert said["tags"][0] in TAGS
    assert re.fullmatch(r"[A-Z][^\n]{2,79}", said["summary"])
    assert not said["summary"].endswith(".")
    assert SENTENCE.fullmatch(said.get("description", "").strip())


def test_no_two_operations_share_an_id() -> None:
    ids = Counter(operation.said["operationId"] for operation in operations())
    assert [name for name, number in ids.items() if number > 1] == []


@each_operation
def test_an_operation_lists_the_errors_that_it_can_give(operation: Operation) -> None:
    said = operation.said["responses"]
    expected = {"default"}
    if operation.is_guarded:
        expected |= {"401", "403", "429", "503"}
    places = {parameter["in"] for parameter in operation.parameters}
    if operation.bodies or "query" in places:
        expected.add("400")
    if operation.bodies:
        expected |= {"408", "413"}
    bodies = [resolve(body["schema"]) for body in operation.bodies.values()]
    if "path" in places or any("device" in body.get("required", []) for body in bodies):
        expected.add("404")
    # An identifier that nobody reported is searched for all the same.
    expected -= {"404"} if operation.name == "POST /devices/forget" else set()
    assert expected - said.keys() == set()
    assert {status for status in said if status[0] not in "23"} <= ERRORS


@each_operation
def test_every_error_is_an_error_info_with_an_example_of_its_status(operation: Operation) -> None:
    for status, response in operation.said["responses"].items():
        if status[0] == "2":
            continue
        assert list(response["content"]) == ["application/json"], status
        content = response["content"]["application/json"]
        name = content["schema"]["$ref"].rsplit("/", 1)[1]
        assert name == "ErrorInfo" or name in RICHER_ERRORS
        if status == "default":
            continue
        example = content.get("example") or resolve(content["schema"])["example"]
        assert str(example["status"]) == status
        assert SENTENCE.fullmatch(response["description"].strip())


@each_operation
def test_every_answer_describes_its_correlator(operation: Operation) -> None:
    shared = document()["components"]["headers"]
    for response in operation.said["responses"].values():
        reference = response["headers"]["x-correlator"]["$ref"]
        assert shared[reference.rsplit("/", 1)[1]]["description"]


@each_operation
def test_every_answer_and_body_has_a_description_and_an_example(operation: Operation) -> None:
    for response in operation.said["responses"].values():
        assert response["description"] not in {"", "Successful Response"}
    answers = [(media, said) for status, media, said in operation.answers() if status[0] == "2"]
    for media_type, content in [*answers, *operation.bodies.items()]:
        if media_type not in WITHOUT_EXAMPLE:
            assert find_examples(content), media_type


@each_operation
def test_a_body_and_an_answer_in_json_is_a_named_schema(operation: Operation) -> None:
    contents = [(media, content) for _, media, content in operation.answers()]
    for media_type, content in [*contents, *operation.bodies.items()]:
        if JSON.fullmatch(media_type):
            assert list(content["schema"]) == ["$ref"], media_type
    named = [str(body["schema"]) for body in operation.bodies.values()]
    assert len(named) == len(set(named)), "one named schema for each media type"


@each_operation
def test_every_parameter_is_described(operation: Operation) -> None:
    for parameter in operation.parameters:
        assert SENTENCE.fullmatch(parameter.get("description", "").strip()), parameter["name"]


def test_every_schema_and_every_member_is_described() -> None:
    wordless = [
        name for name, schema in schemas().items() if not SENTENCE.fullmatch(describe(schema))
    ]
    for name, schema in schemas().items():
        wordless += [
            f"{name}.{place}"
            for place, member in members(schema)
            if not SENTENCE.fullmatch(describe(member))
        ]
    assert wordless == []


def test_nothing_is_nullable() -> None:
    nullable = [
        place
        for place, part in walk(document())
        if part.get("type") == "null"
        or (isinstance(part.get("type"), list) and "null" in part["type"])
        or part.get("nullable")
        or ("default" in part and part["default"] is None)
    ]
    assert nullable == []


def test_no_boolean_is_a_constant() -> None:
    constant = [place for place, part in walk(document()) if isinstance(part.get("const"), bool)]
    assert constant == []


def test_every_time_is_a_date_time_and_nothing_else_is() -> None:
    wrong = [
        f"{place}: {part['name']}"
        for place, part in walk(document())
        if "in" in part and is_time(part["schema"]) != bool(TIME_NAME.fullmatch(part["name"]))
    ]
    for name, schema in schemas().items():
        wrong += [
            f"{name}.{place}"
            for place, member in members(schema)
            if is_time(member) != bool(TIME_NAME.fullmatch(place.rsplit(".", 1)[-1]))
        ]
    assert wrong == []


def test_a_name_of_a_schema_is_a_plain_noun() -> None:
    odd = [
        name
        for name in schemas()
        if not re.fullmatch(r"([A-Z][a-z0-9]+)+", name) or name.endswith("Resource")
    ]
    assert odd == []


def test_no_idea_has_two_schemas() -> None:
    bare = Counter(json.dumps(strip(schema), sort_keys=True) for schema in schemas().values())
    twice = [
        name
        for name, schema in schemas().items()
        if bare[json.dumps(strip(schema), sort_keys=True)] > 1
    ]
    assert twice == []


def test_every_schema_is_used() -> None:
    used = {part["$ref"] for _, part in walk(document()) if "$ref" in part}
    assert {f"#/components/schemas/{name}" for name in schemas()} - used == set()


def test_an_enumeration_is_named() -> None:
    inline = [
        place
        for place, part in walk(document())
        if isinstance(part.get("enum"), list)
        and not re.fullmatch(r"/components/schemas/\w+", place)
    ]
    assert inline == []


def test_an_object_with_members_is_named() -> None:
    inline = [
        place
        for place, part in walk(document())
        if isinstance(part.get("properties"), dict)
        and part.get("type") == "object"
        and not re.fullmatch(r"/components/schemas/\w+", place)
    ]
    assert inline == []


def test_an_open_enumeration_lists_its_values_for_people_and_for_programs() -> None:
    marked = [(place, part) for place, part in walk(document()) if "x-extensible-enum" in part]
    names = {place.rsplit("/", 1)[1] for place, _ in marked}
    assert names >= {
        "connectivity",
        "connectedNetworkType",
        "terminationReason",
        "initiationReason",
        "updateReason",
    }
    for place, part in marked:
        assert part["type"] == "string", place
        assert all(f"`{word}`" in part["description"] for word in part["x-extensible-enum"]), place


def test_every_example_is_what_its_schema_describes() -> None:
    for name, schema in schemas().items():
        for example in [schema["example"]] if "example" in schema else []:
            validate(name, example, schema)
    for operation in operations():
        contents = [content for _, _, content in operation.answers()]
        for content in [*contents, *operation.bodies.values()]:
            for example in find_examples(content):
                validate(operation.name, example, content["schema"])


def test_every_time_of_an_example_is_described_as_one() -> None:
    for name, schema in schemas().items():
        example = schema.get("example", {})
        members_of = example.items() if isinstance(example, dict) else ()
        times = [key for key, value in members_of if is_time_text(value)]
        assert [key for key in times if not is_time(schema["properties"][key])] == [], name


def test_a_tag_has_a_description_and_the_tags_have_their_order() -> None:
    tags = [tag["name"] for tag in document()["tags"]]
    assert tags[:4] == ["notifications", "events", "devices", "status"]
    assert all(SENTENCE.fullmatch(tag["description"]) for tag in document()["tags"])
    assert {operation.said["tags"][0] for operation in operations()} == set(tags)


def test_the_document_says_whose_it_is_and_that_it_is_served_where_it_lies() -> None:
    info = document()["info"]
    assert info["license"]["identifier"] == "Apache-2.0"
    assert info["contact"]["name"]
    assert info["description"].strip()
    assert [server["url"] for server in document()["servers"]] == ["."]


def describe(schema: dict[str, Any]) -> str:
    """The words of a member, or those of what it refers to."""
    return str(schema.get("description") or resolve(schema).get("description", "")).strip()


def is_time(schema: dict[str, Any]) -> bool:
    return schema.get("format") == "date-time"


def is_time_text(value: object) -> bool:
    return isinstance(value, str) and TIME.fullmatch(value) is not None


def find_examples(content: dict[str, Any]) -> list[Any]:
    """The examples of a body or an answer, its schema's where it has none of its own."""
    if "examples" in content:
        return [example["value"] for example in content["examples"].values()]
    schema = resolve(content.get("schema", {}))
    return [part["example"] for part in (content, schema) if "example" in part][:1]


def strip(part: Any) -> Any:
    """A schema without its words."""
    if isinstance(part, list):
        return [strip(item) for item in part]
    if not isinstance(part, dict):
        return part
    words = {"title", "description", "example", "examples"}
    return {
        key: {name: strip(member) for name, member in value.items()}
        if key == "properties"
        else strip(value)
        for key, value in part.items()
        if key not in words
    }


def validate(name: str, example: object, schema: dict[str, Any]) -> None:
    whole = {**schema, "components": document()["components"]}
    validator = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
    faults = [f"{fault.instance_path}: {fault.message}" for fault in validator.iter_errors(example)]
    assert faults == [], name
