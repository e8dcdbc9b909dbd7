import pytest

from receiver.client import Subscription, SubscriptionPage
from receiver.client.parsing import read
from tests.support.described import schemas


@pytest.mark.parametrize("kind", [Subscription, SubscriptionPage])
def test_the_example_of_an_answer_is_read(kind: type) -> None:
    assert read(kind, schemas()[kind.__name__]["example"])


def test_what_is_not_said_of_a_subscription_is_not_so() -> None:
    example = schemas()["Subscription"]["example"]
    members = {
        name: value for name, value in example.items() if name not in ("uncovered", "replaced")
    }
    subscription = read(Subscription, members)
    assert (subscription.uncovered, subscription.replaced) == (False, False)
