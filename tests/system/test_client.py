"""The client of programs beside a service that is killed: it waits, resumes, and tells once."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from itertools import islice
from uuid import uuid4

from receiver.client import Client
from tests.support.ports import free_port
from tests.support.service import COMMAND_SECONDS, Installation, notification, until

EVENTS = 5


def post(client: Client, source: str) -> list[str]:
    """Posts events of a source, and returns their ids."""
    sent = [notification() | {"source": source} for _ in range(EVENTS)]
    for one in sent:
        client.post_notification(one)
    return [str(one["id"]) for one in sent]


def test_a_follower_is_told_each_event_once_while_the_service_is_killed(
    installation: Installation,
) -> None:
    told: list[str] = []

    def follow(client: Client, last_event_id: str, number: int) -> None:
        with closing(client.follow(source=source, last_event_id=last_event_id)) as events:
            for event in islice(events, number):
                told.append(str(event.event_id))

    source = f"https://operator.invalid/{uuid4()}"
    place = replace(installation, port=str(free_port()))
    sink = Client(f"http://127.0.0.1:{place.port}", token=installation.token("sink"))
    with sink, ThreadPoolExecutor(1) as pool:
        reader = sink.with_options(token=installation.token("reader"))
        with place.serve() as service:
            sent = post(sink, source)
            [*_, first] = reader.iterate_events(source=source)
            following = pool.submit(follow, reader, first.id, 3 * EVENTS)
            sent += post(sink, source)
            assert until(lambda: len(told) == 2 * EVENTS or following.done(), COMMAND_SECONDS)
            service.process.kill()
            service.wait()
        with place.serve():
            sent += post(sink, source)
            following.result(COMMAND_SECONDS)
    assert told == sent
