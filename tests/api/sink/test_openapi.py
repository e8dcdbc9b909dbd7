"""The sink in the OpenAPI."""

import json
from datetime import UTC, datetime

import pytest

from receiver.api.sink.openapi import REQUEST_BODY
from receiver.api.sink.path import PATH
from receiver.events import registry
from receiver.events.event import Kind
from receiver.intake.modes import Mode, open_content, read_mode
from tests.support.callers import Callers

NOW = datetime(2026, 4, 18, tzinfo=UTC)
EXAMPLES = [
    (media_type, described["example"]) for media_type, described in REQUEST_BODY["content"].items()
]


@pytest.mark.parametrize(("media_type", "example"), EXAMPLES)
def test_every_example_is_understood_without_a_finding(media_type: str, example: object) -> None:
    headers = {"content-type": media_type}
    body = json.dumps(example).encode()
    for member in open_content(headers, body, len(body)).split():
        event = registry.understand(member.read(), NOW)
        assert event.kind is not Kind.UNRECOGNISED
        assert event.findings == ()


def test_the_described_media_types_are_those_of_the_modes_without_headers() -> None:
    described = {read_mode({"content-type": media_type}) for media_type in REQUEST_BODY["content"]}
    assert described == {Mode.STRUCTURED, Mode.BATCH}


async def test_the_described_path_is_the_sinks(callers: Callers) -> None:
    openapi = (await callers.nobody.get("/openapi.json")).json()
    assert set(openapi["paths"][PATH]) == {"post", "options"}
    assert (await callers.nobody.post(PATH)).status_code == 401
