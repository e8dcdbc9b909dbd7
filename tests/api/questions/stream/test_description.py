"""The example of the OpenAPI is a stream."""

from receiver.api.questions import examples
from receiver.api.questions.stream.description import EXAMPLE
from tests.support.streaming import read_block


def test_the_example_shows_an_event_and_a_heartbeat() -> None:
    event, heartbeat, rest = map(read_block, EXAMPLE.split("\n\n"))
    assert (event.id, event.data) == (examples.EVENT["id"], examples.EVENT)
    assert (heartbeat.data, heartbeat.comments) == (None, ["heartbeat"])
    assert heartbeat.id is not None
    assert rest.id is None
