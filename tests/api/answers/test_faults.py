"""What is wrong with a question, in sentences of our own."""

from typing import Annotated, Any

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core._pydantic_core import list_all_errors

from receiver.api.answers.faults import ELSE, FAULTS_MAX, describe_faults, expected
from receiver.store.connections.keyset import Order
from tests.support.framework_words import find_framework_words

SECRET = "+99999991000"  # noqa: S105 - a phone number


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"type": "uuid_parsing", "loc": ("path", "id"), "msg": SECRET}, "id: must be a UUID"),
        ({"type": "json_invalid", "loc": ("body", 3), "msg": SECRET}, "body: not JSON"),
        ({"type": "extra_forbidden", "loc": ("query", "limt"), "msg": ""}, "limt: unknown"),
        ({"type": "extra_forbidden", "loc": ("query", SECRET), "msg": ""}, "…: unknown"),
        ({"type": "missing", "loc": ("query", "axis"), "msg": ""}, "axis: is required"),
        (
            {"type": "missing", "loc": ("body",), "msg": "Field required"},
            "body: must be a JSON object, sent as application/json",
        ),
        ({"type": "value_error", "loc": ("query", "x"), "msg": SECRET}, f"x: {ELSE}"),
    ],
)
def test_a_fault_names_its_place_and_never_the_value(fault: dict[str, Any], said: str) -> None:
    assert describe_faults([fault]) == said


@pytest.mark.parametrize("error", list_all_errors(), ids=lambda error: error["type"])
@pytest.mark.parametrize("place", [("body",), ("query", "limit")], ids=["body", "parameter"])
def test_no_fault_is_told_in_the_words_of_the_framework(error: Any, place: tuple[str, ...]) -> None:
    fault = {"type": error["type"], "loc": place, "msg": error["message_template_python"]}
    if error["example_context"] is not None:
        fault["ctx"] = error["example_context"]
    said = describe_faults([fault])
    assert find_framework_words(said) == []
    assert "$" not in said, "a limit that pydantic does not tell"


def refuse(text: str) -> str:
    if text == SECRET:
        int(text + "x")  # its error holds the text
    raise expected("must be a phone number")


class Asked(BaseModel):
    """A question with one parameter of each kind."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(default=1, ge=1, le=10)
    order: Order = "desc"
    names: list[str] = Field(default=[], max_length=1)
    word: str = Field(default="", max_length=3)
    phone: Annotated[str, AfterValidator(refuse)] = ""


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"limit": 0}, "limit: must be 1 or more"),
        ({"limit": 11}, "limit: must be 10 or less"),
        ({"limit": "many"}, "limit: must be a whole number"),
        ({"limit": 1.5}, "limit: must be a whole number"),
        ({"order": "sideways"}, "order: must be 'desc' or 'asc'"),
        ({"names": ["a", "b"]}, "names: must have 1 values or fewer"),
        ({"names": [1]}, "names.0: must be a string"),
        ({"word": "four"}, "word: must have 3 characters or fewer"),
        ({"phone": "x"}, "phone: must be a phone number"),
        ({"phone": SECRET}, f"phone: {ELSE}"),
    ],
)
def test_a_fault_says_what_is_expected(asked: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Asked.model_validate(asked)
    faults = [{**fault, "loc": ("query", *fault["loc"])} for fault in refused.value.errors()]
    assert describe_faults(faults) == said


def test_a_message_names_few_of_many_faults() -> None:
    faults = [{"type": "missing", "loc": ("query", f"a{number}")} for number in range(9)]
    assert describe_faults(faults).count("is required") == FAULTS_MAX
