"""Two processes that are sent the same notification at once store it once and count each time."""

import threading
from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.support.processes import workers_among
from tests.support.service import Installation, Service, bearer, notification, until
from tests.system.conftest import SEED_EVENT

TIMES = 50
ROUNDS = 4


def post_at_once(service: Service, token: str, event: dict[str, object]) -> list[int]:
    """The answers to as many posts of one event, each on its own connection."""
    barrier = threading.Barrier(TIMES)
    limits = httpx.Limits(max_connections=TIMES)
    with httpx.Client(
        base_url=service.address, headers=bearer(token), limits=limits, trust_env=False, timeout=30
    ) as client:

        def post(_: int) -> int:
            barrier.wait()
            return client.post("/notifications", json=event).status_code

        with ThreadPoolExecutor(TIMES) as senders:
            return list(senders.map(post, range(TIMES)))


def test_the_same_notification_at_two_workers_is_one_row_and_every_delivery_counts(
    installation: Installation,
) -> None:
    with installation.serve("--workers", "2") as service:
        # The address is printed before the workers are started.
        assert until(lambda: len(workers_among(service.family())) == 2)
        for number in range(ROUNDS):
            answers = post_at_once(service, installation.token("sink"), notification(f"{number}"))
            assert answers == [204] * TIMES
        rows = installation.ask(
            "SELECT event.event_id, deliveries FROM event_identity"
            " JOIN event USING (device_id, digest) ORDER BY event.event_id"
        )
        assert rows == [*(f"{number}|{TIMES}" for number in range(ROUNDS)), f"{SEED_EVENT}|1"]
