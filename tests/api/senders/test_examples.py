"""The example of the senders is an answer that it could give."""

from receiver.api.senders import examples
from receiver.api.senders.resources import SendersResource


def test_the_example_is_an_answer_and_stands_in_the_openapi() -> None:
    answer = SendersResource.model_validate(examples.SENDERS)
    written = answer.model_dump(mode="json", by_alias=True, exclude_none=True)
    assert written == examples.SENDERS
    assert SendersResource.model_json_schema()["example"] == examples.SENDERS


def test_the_numbers_of_the_example_add_up() -> None:
    [sender] = examples.SENDERS["senders"]
    assert sum(slot["events"] for slot in sender["slots"]) == sender["events"]
    [finding] = sender["findings"]
    assert sum(day["events"] for day in finding["days"]) == finding["events"]
