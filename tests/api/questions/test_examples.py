"""The examples of questions and answers are such as readers ask and get."""

from typing import Any

import pytest
from pydantic import BaseModel

from receiver.api.questions import examples
from receiver.api.questions.event_resources import EventResource, EventWithPayload
from receiver.api.questions.filters import RetrieveDevice, RetrieveEvents
from receiver.events.examples import NOTIFICATION
from receiver.store.events.keys import read_event_id

PHONE_NUMBER = "+99999991000"


@pytest.mark.parametrize(
    ("model", "example"),
    [
        (RetrieveDevice, examples.RETRIEVE_DEVICE),
        (RetrieveEvents, examples.RETRIEVE_EVENTS),
        (EventResource, examples.EVENT),
        (EventWithPayload, {**examples.EVENT, "payload": NOTIFICATION}),
    ],
)
def test_an_example_is_accepted_by_its_model_and_stands_in_the_openapi(
    model: type[BaseModel], example: dict[str, Any]
) -> None:
    model.model_validate(example)
    assert model.model_json_schema()["example"] == example


def test_the_example_event_is_written_as_it_stands() -> None:
    written = EventResource.model_validate(examples.EVENT).model_dump(
        mode="json", by_alias=True, exclude_none=True
    )
    assert written == examples.EVENT


def test_the_id_of_the_example_is_one_of_its_device() -> None:
    assert str(read_event_id(examples.EVENT["id"]).device_id) == examples.EVENT["deviceId"]


def test_all_examples_are_about_one_device_of_a_number_that_is_nobodys() -> None:
    devices = (examples.EVENT, examples.RETRIEVE_DEVICE, examples.RETRIEVE_EVENTS)
    assert {example["device"]["phoneNumber"] for example in devices} == {PHONE_NUMBER}
