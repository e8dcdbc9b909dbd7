"""The form that tells of a subscription."""

import pytest

from receiver.api.console.subscriptions.registering import Told
from receiver.errors import InvalidArgument


def test_a_form_becomes_the_question_of_the_call() -> None:
    form = {"credential": "operator", "subscription": '{"id": "s-1"}', "phoneNumber": ""}
    assert Told.read(form).ask() == {"credential": "operator", "subscription": {"id": "s-1"}}
    form["phoneNumber"] = "+99999991000"
    assert Told.read(form).ask()["device"] == {"phoneNumber": "+99999991000"}


@pytest.mark.parametrize("text", ["", "{", "nonsense"])
def test_what_is_no_json_is_said(text: str) -> None:
    with pytest.raises(InvalidArgument, match="not JSON"):
        Told("operator", text).ask()
