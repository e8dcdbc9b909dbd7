"""What the wire and the sink hand to each other."""

from receiver.api.answers.exchange import Exchange
from receiver.api.sink.asgi import AsgiExchange
from receiver.api.wire.request import Request

MEMBERS = {"scope", "headers", "body", "read_body", "respond"}
# Attributes of an object, not of its class.
OF_EACH = {"headers", "body"}


def test_the_requests_of_the_wire_and_of_an_asgi_server_are_exchanges() -> None:
    assert {name for name in vars(Exchange) if not name.startswith("_")} == MEMBERS
    assert set(dir(Request)) >= MEMBERS - OF_EACH
    assert set(dir(AsgiExchange)) >= MEMBERS - OF_EACH - {"scope"}
