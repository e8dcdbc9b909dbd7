"""The headers of requests and answers in the OpenAPI."""

from typing import Any

import pytest

from receiver.api.answers.correlator import is_well_formed
from receiver.api.description.headers import HEADERS, describe_headers
from tests.support.callers import Callers


def test_every_response_refers_to_the_headers_that_it_has() -> None:
    operation: dict[str, Any] = {
        "responses": {"200": {"headers": {"Allow": {"description": "Own."}}}, "401": {}, "503": {}}
    }
    made = describe_headers([operation])
    names = {status: list(said["headers"]) for status, said in operation["responses"].items()}
    assert names == {
        "200": ["Allow", "x-correlator"],
        "401": ["x-correlator", "WWW-Authenticate"],
        "503": ["x-correlator", "Retry-After"],
    }
    assert operation["parameters"] == [{"$ref": "#/components/parameters/x-correlator"}]
    assert set(made) == {"headers", "parameters"}


@pytest.mark.parametrize("path", ["/events", "/nowhere"])
async def test_an_answer_has_the_headers_that_are_described(
    shared_callers: Callers, path: str
) -> None:
    answer = await shared_callers.nobody.get(path, headers={"x-correlator": "mine"})
    assert answer.headers["x-correlator"] == "mine"
    if answer.status_code == 401:
        assert "www-authenticate" in answer.headers


def test_the_form_of_the_correlator_is_the_one_that_is_echoed() -> None:
    assert is_well_formed(b"a.B-1:;/<>{}_") is True
    assert "<>{}" in HEADERS["x-correlator"]["schema"]["pattern"]
