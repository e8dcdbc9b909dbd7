"""The examples of the quarantine are answers that it could give."""

from typing import Any

import pytest

from receiver.api.answers.resource import Resource
from receiver.api.quarantine import examples
from receiver.api.quarantine.resources import (
    RefusedNotificationResource,
    RefusedNotificationWithBody,
    ReprocessingOutcome,
)
from receiver.store.quarantine.keys import read_quarantine_id

WITH_BODY = {**examples.REFUSED_NOTIFICATION, **examples.BODY}


@pytest.mark.parametrize(
    ("resource", "example"),
    [
        (RefusedNotificationResource, examples.REFUSED_NOTIFICATION),
        (RefusedNotificationWithBody, WITH_BODY),
        (ReprocessingOutcome, examples.REPROCESSING_OUTCOME),
    ],
)
def test_an_example_is_an_answer_and_stands_in_the_openapi(
    resource: type[Resource], example: dict[str, Any]
) -> None:
    answer = resource.model_validate(example)
    assert answer.model_dump(mode="json", by_alias=True, exclude_none=True) == example
    assert resource.model_json_schema()["example"] == example


def test_the_examples_are_about_one_notification() -> None:
    assert examples.REPROCESSING_OUTCOME["id"] == examples.REFUSED_NOTIFICATION["id"]
    assert read_quarantine_id(examples.REFUSED_NOTIFICATION["id"]) == 1


def test_the_size_and_the_headers_are_those_of_the_body() -> None:
    size = len(WITH_BODY["body"].encode())
    assert WITH_BODY["sizeBytes"] == size
    assert WITH_BODY["headers"]["content-length"] == str(size)
    assert WITH_BODY["headers"]["content-type"] == WITH_BODY["mediaType"]
