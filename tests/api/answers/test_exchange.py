"""What the wire and the sink hand to each other."""

from receiver.api.answers.exchange import Exchange
from receiver.api.sink.asgi import AsgiExchange
from receiver.api.wire.gathering import PendingRequest

MEMBERS = {"scope", "body", "read_body", "respond"}


def test_the_requests_of_the_wire_and_of_an_asgi_server_are_exchanges() -> None:
    assert {name for name in vars(Exchange) if not name.startswith("_")} == MEMBERS
    assert set(dir(PendingRequest)) >= MEMBERS
    # `scope` is an attribute of each.
    assert set(dir(AsgiExchange)) >= MEMBERS - {"scope"}
