"""Faulty notifications: each has its one fault."""

import json
from datetime import UTC, datetime

import pytest

from receiver.conformance.cases.refusing import TOO_LARGE_BYTES, list_refusing
from receiver.conformance.writing import STRUCTURED, Writer

CASES = {case.name: case for case in list_refusing(Writer("run", datetime(2026, 3, 4, tzinfo=UTC)))}
WHOLE = {"id", "source", "type", "specversion", "datacontenttype", "time", "data"}


@pytest.mark.parametrize("attribute", ["id", "source", "type", "specversion", "time"])
def test_an_event_lacks_one_attribute_only(attribute: str) -> None:
    event = json.loads(CASES[f"{attribute}-missing"].requests[0].body)
    assert event.keys() == WHOLE - {attribute}


def test_what_is_no_json_is_none() -> None:
    with pytest.raises(json.JSONDecodeError):
        json.loads(CASES["not-json"].requests[0].body)


def test_other_faults_are_what_they_say() -> None:
    assert isinstance(json.loads(CASES["data-is-a-list"].requests[0].body)["data"], list)
    assert len(CASES["too-large"].requests[0].body) > TOO_LARGE_BYTES
    assert CASES["wrong-media-type"].requests[0].headers == {"content-type": "text/plain"}
    others = set(CASES) - {"wrong-media-type"}
    assert {CASES[name].requests[0].headers["content-type"] for name in others} == {STRUCTURED}
