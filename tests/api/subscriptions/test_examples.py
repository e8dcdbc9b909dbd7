"""The examples are such as registrars tell and readers get."""

from typing import Any

import pytest
from pydantic import BaseModel

from receiver.api.subscriptions import examples
from receiver.api.subscriptions.filters import RegisterSubscription
from receiver.api.subscriptions.resources import SubscriptionResource


@pytest.mark.parametrize(
    ("model", "example"),
    [
        (RegisterSubscription, examples.REGISTER_SUBSCRIPTION),
        (SubscriptionResource, examples.SUBSCRIPTION),
    ],
)
def test_an_example_is_accepted_by_its_model_and_stands_in_the_openapi(
    model: type[BaseModel], example: dict[str, Any]
) -> None:
    written = model.model_validate(example).model_dump(
        mode="json", by_alias=True, exclude_none=True
    )
    assert written == example
    assert model.model_json_schema()["example"] == example
