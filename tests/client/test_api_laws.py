"""The client and the API have the same calls, parameters and members."""

import inspect
import types
from collections.abc import Iterator
from dataclasses import MISSING, fields
from typing import Any, get_type_hints

import pytest

import receiver.client
from receiver.client import AsyncClient, Client
from receiver.client.calls.arguments import EventFilters, Identifiers
from receiver.client.calls.events import HistoryFilters
from receiver.client.parsing import name_member
from tests.support.described import Operation, operations, resolve, schemas

# The methods of every call that is not CAMARA's; `test_every_call_has_its_methods` says which is
# missing.
METHODS: dict[str, list[str]] = {
    "POST /notifications": ["post_notification"],
    "OPTIONS /notifications": ["request_consent"],
    "POST /devices/retrieve": ["retrieve_device"],
    "GET /devices/{deviceId}": ["get_device"],
    "DELETE /devices/{deviceId}": ["forget_device"],
    "POST /devices/forget": ["forget_device_by_identifier"],
    "GET /devices": ["list_devices", "iterate_devices"],
    "GET /devices/summary": ["summarize_fleet"],
    "POST /status/retrieve": ["retrieve_status"],
    "GET /devices/{deviceId}/status": ["get_status"],
    "GET /devices/{deviceId}/intervals": ["list_intervals", "iterate_intervals"],
    "GET /devices/{deviceId}/roaming-sessions": [
        "list_roaming_sessions",
        "iterate_roaming_sessions",
    ],
    "GET /devices/{deviceId}/availability": ["get_availability", "iterate_availability"],
    "GET /events/export": ["export_events", "iterate_exported_events"],
    "GET /events/stream": ["follow"],
    "GET /events": ["list_events", "iterate_events"],
    "GET /events/{id}": ["get_event"],
    "GET /devices/{deviceId}/events": ["list_device_events", "iterate_device_events"],
    "POST /events/retrieve": ["retrieve_events", "iterate_history"],
    "GET /subscriptions": ["list_subscriptions", "iterate_subscriptions"],
    "POST /subscriptions": ["register_subscription"],
    "GET /quarantine": ["list_refused_notifications", "iterate_refused_notifications"],
    "GET /quarantine/{id}": ["get_refused_notification"],
    "POST /quarantine/{id}/reprocess": ["reprocess_refused_notification"],
    "GET /senders": ["list_senders"],
    "GET /livez": ["get_liveness"],
    "GET /readyz": ["get_readiness"],
    "GET /metrics": ["get_metrics"],
}

# Schemas of which one value is made.
VALUES = {
    "ConnectivityValue": "Connectivity",
    "UnknownConnectivity": "Connectivity",
    "RoamingValue": "Roaming",
    "UnknownRoaming": "Roaming",
    "NetworkTypeValue": "NetworkType",
    "UnknownNetworkType": "NetworkType",
    "KnownInterval": "Interval",
    "UnknownInterval": "Interval",
}

# An event and a refused notification each have an id, and Python has a function of this name.
IDS = {"GET /events/{id}", "GET /quarantine/{id}", "POST /quarantine/{id}/reprocess"}


def own_operations() -> list[Operation]:
    """Every call but those of CAMARA's APIs."""
    return [one for one in operations() if one.said["tags"] != ["retrieve"]]


def public_methods(kind: type) -> set[str]:
    """The names of the methods that send something."""
    return {
        name
        for name, member in vars(kind).items()
        if not name.startswith("_") and isinstance(member, types.FunctionType)
    }


def schemas_within(schema: dict[str, Any]) -> Iterator[str]:
    """Yields the names of the object schemas of a schema, and of those within."""
    reference = schema.get("$ref")
    if reference is not None and resolve(schema).get("type") == "object":
        yield reference.rsplit("/", 1)[1]
    inner = resolve(schema)
    parts = [*inner.get("properties", {}).values(), *inner.get("anyOf", [])]
    for part in (*parts, inner.get("items", {}), inner.get("additionalProperties", {})):
        if isinstance(part, dict) and part.get("$ref") != reference:
            yield from schemas_within(part)


def answer_schemas() -> list[str]:
    """The names of the object schemas of all answers."""
    return sorted(
        {
            name
            for one in own_operations()
            for status, _, content in one.answers()
            if status.startswith("2")
            for name in schemas_within(content.get("schema", {}))
        }
    )


def names_of_parameters(kind: type, method: str) -> set[str]:
    """The parameters of a method by their names in the API."""
    names = set()
    for parameter in inspect.signature(getattr(kind, method)).parameters.values():
        if parameter.kind is not inspect.Parameter.VAR_KEYWORD:
            names.add(parameter.name)
        elif "HistoryFilters" in str(parameter.annotation):
            names |= set(get_type_hints(HistoryFilters)) - set(get_type_hints(Identifiers))
        elif "EventFilters" in str(parameter.annotation):
            names |= set(get_type_hints(EventFilters))
    return set(map(name_member, names))


def test_every_call_has_its_methods() -> None:
    assert {one.name for one in own_operations()} == METHODS.keys()
    of_calls = {method for methods in METHODS.values() for method in methods}
    assert public_methods(Client) == of_calls
    assert public_methods(AsyncClient) == of_calls


@pytest.mark.parametrize("operation", own_operations(), ids=lambda one: one.name)
def test_every_parameter_of_a_call_is_one_of_its_methods(operation: Operation) -> None:
    asked = {one["name"] for one in operation.parameters if one["in"] != "header"}
    asked -= {"id"} if operation.name in IDS else set()
    if operation.name != "POST /notifications":
        for content in operation.bodies.values():
            asked |= set(resolve(content["schema"])["properties"])
    for kind in (Client, AsyncClient):
        for method in METHODS[operation.name]:
            missing = asked - names_of_parameters(kind, method)
            # An identifier stands for the device object, and all of an export is in one format.
            assert missing <= {"device", "format"}, method


@pytest.mark.parametrize("name", answer_schemas())
def test_every_member_of_an_answer_is_an_attribute(name: str) -> None:
    kind = getattr(receiver.client, VALUES.get(name, name))
    attributes = {name_member(field.name): field for field in fields(kind)}
    assert set(schemas()[name]["properties"]) <= attributes.keys()


@pytest.mark.parametrize("name", answer_schemas())
def test_what_may_be_absent_has_a_default(name: str) -> None:
    kind = getattr(receiver.client, VALUES.get(name, name))
    required = set(schemas()[name].get("required", ()))
    needed = {
        name_member(field.name)
        for field in fields(kind)
        if field.default is MISSING and field.default_factory is MISSING
    }
    assert needed <= required


def test_there_are_answers_to_hold_it_to() -> None:
    assert len(answer_schemas()) > 50
