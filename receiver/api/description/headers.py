"""The headers of requests and answers in the OpenAPI, each described once and referred to."""

from collections.abc import Iterable
from typing import Any

CORRELATOR = "x-correlator"

# The form of Commonalities r4.2, CAMARA_common.yaml.
_FORM = r"^[a-zA-Z0-9\-_:;.\/<>{}]{0,256}$"

PARAMETERS: dict[str, Any] = {
    CORRELATOR: {
        "name": CORRELATOR,
        "in": "header",
        "description": "A word of the caller's own for this request; the answer repeats it. One "
        "that is not well formed is taken as absent.",
        "schema": {"type": "string"},
        "example": "b4333c46-49c0-4f62-80d7-f0ef930f1c46",
    },
}

HEADERS: dict[str, Any] = {
    CORRELATOR: {
        "description": "As the request has it, or made where it has none. The log lines of the "
        "request carry it.",
        "required": True,
        "schema": {"type": "string", "pattern": _FORM},
    },
    "Retry-After": {
        "description": "In how many seconds another try is worth it.",
        "required": True,
        "schema": {"type": "integer", "minimum": 0},
    },
    "WWW-Authenticate": {
        "description": "How to authenticate: with a bearer token.",
        "required": True,
        "schema": {"type": "string"},
    },
}

# By status, those that an answer has beside the correlator.
_OF_STATUS = {"401": ["WWW-Authenticate"], "429": ["Retry-After"], "503": ["Retry-After"]}


def describe_headers(operations: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Makes the operations and their responses refer to the headers that they have.

    Returns:
        The components that are referred to.
    """
    for operation in operations:
        parameter = {"$ref": f"#/components/parameters/{CORRELATOR}"}
        operation["parameters"] = [*operation.get("parameters", []), parameter]
        for status, response in operation["responses"].items():
            names = [CORRELATOR, *_OF_STATUS.get(status, [])]
            shared = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
            response["headers"] = {**response.get("headers", {}), **shared}
    return {"headers": HEADERS, "parameters": PARAMETERS}
