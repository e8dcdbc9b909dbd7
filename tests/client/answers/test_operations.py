import pytest

from receiver.client import (
    Erasure,
    Liveness,
    QuarantinePage,
    Readiness,
    RefusedNotification,
    RefusedNotificationWithBody,
    ReprocessingOutcome,
)
from receiver.client.parsing import read
from tests.support.described import schemas

KINDS = [
    Erasure,
    Liveness,
    QuarantinePage,
    Readiness,
    RefusedNotification,
    RefusedNotificationWithBody,
    ReprocessingOutcome,
]


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_of_an_answer_is_read(kind: type) -> None:
    assert read(kind, schemas()[kind.__name__]["example"])


def test_a_service_that_warns_of_nothing_has_no_warnings() -> None:
    assert read(Readiness, {"version": "1"}).warnings == ()
