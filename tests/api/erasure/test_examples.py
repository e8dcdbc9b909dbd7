"""The example of an erasure is one."""

from receiver.api.erasure.examples import ERASURE
from receiver.api.erasure.resources import ErasureResource


def test_the_example_is_an_answer() -> None:
    made = ErasureResource.model_validate(ERASURE)
    assert made.model_dump(mode="json", by_alias=True) == ERASURE
