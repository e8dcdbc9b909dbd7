import inspect

from receiver.client import Client
from receiver.client.answers.operations import Liveness
from receiver.client.describing import describe
from receiver.client.exchange import Call, read_as


def make_call(*, word: str = "a") -> Call[Liveness]:
    """Says something."""
    return Call("GET", f"/{word}", read_as(Liveness))


def test_a_method_has_the_words_and_the_parameters_of_its_call() -> None:
    def method(self: object, **_: object) -> None:
        del self

    described = describe(method, make_call, "Iterator[{}]")
    assert described is method
    assert inspect.getdoc(described) == "Says something."
    assert str(inspect.signature(described)) == (
        "(self, /, *, word: str = 'a') -> 'Iterator[Liveness]'"
    )


def test_a_method_of_a_client_has_no_self_where_it_is_called() -> None:
    with Client("http://127.0.0.1:1") as client:
        shown = str(inspect.signature(client.iterate_device_events))
    assert shown.startswith("(device_id: ")
    assert shown.endswith("-> 'Generator[Event]'")
