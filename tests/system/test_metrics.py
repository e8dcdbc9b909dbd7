"""Whichever worker is scraped, it shows what all of them counted, also those that died."""

import stat
from pathlib import Path
from typing import Any

from receiver.client import Client
from tests.support.exposition import value
from tests.support.processes import workers_among
from tests.support.service import Installation, Service, living, notification, until

POSTED = 40
STORED = {"call": "notifications", "status": "204", "reason": "ok"}
WORKERS = 2
# Of so many connections, one worker alone has all once in two thousand times.
SCRAPES = 12


def workers(service: Service) -> list[Any]:
    return workers_among(service.family())


def shared_dir(worker: Any) -> Path:
    return Path(worker.environ()["PROMETHEUS_MULTIPROC_DIR"])


def scrapes(service: Service) -> list[str]:
    """Many, each on its own connection, so that every worker answers some."""
    texts = []
    for _ in range(SCRAPES):
        with Client(service.address) as client:
            texts.append(client.get_metrics())
    return texts


def post_alone(service: Service, token: str) -> None:
    """Posts a notification on a connection of its own."""
    with Client(service.address, token=token) as client:
        client.post_notification(notification())


def every_scrape_shows(service: Service, name: str, labels: dict[str, str]) -> set[float | None]:
    return {value(text, name, labels) for text in scrapes(service)}


def test_two_workers_sum_up_and_a_dead_one_leaves_its_counts_only(
    installation: Installation,
) -> None:
    queue_limit = "receiver_queue_limit_notifications"
    with installation.serve("--workers", str(WORKERS), RECEIVER_QUEUE_LIMIT="100") as service:
        token = installation.token("sink")
        for _ in range(POSTED):
            post_alone(service, token)
        assert until(lambda: every_scrape_shows(service, queue_limit, {}) == {100.0 * WORKERS})
        assert every_scrape_shows(service, "receiver_answers_total", STORED) == {POSTED}
        assert every_scrape_shows(service, "receiver_batch_notifications_sum", {}) == {POSTED}
        assert every_scrape_shows(service, "receiver_partitions_ahead", {}) == {3}
        (directory,) = {shared_dir(worker) for worker in workers(service)}
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700

        victim = workers(service)[0]
        victim.kill()
        assert until(lambda: not living([victim]))
        assert until(lambda: len(workers(service)) == WORKERS)
        assert until(lambda: every_scrape_shows(service, queue_limit, {}) == {100.0 * WORKERS})
        assert every_scrape_shows(service, "receiver_answers_total", STORED) == {POSTED}
    assert not directory.exists()


def test_a_service_that_is_killed_leaves_no_directory(installation: Installation) -> None:
    with installation.serve("--workers", str(WORKERS)) as service:
        # The address is printed before the workers are started.
        assert until(lambda: len(workers(service)) == WORKERS)
        family = service.family()
        (directory,) = {shared_dir(worker) for worker in workers(service)}
        assert directory.is_dir()
        service.process.kill()
        assert until(lambda: not living(family))
    assert not directory.exists()


def test_one_process_counts_alone_whatever_the_environment_says(
    installation: Installation,
) -> None:
    nowhere = str(installation.folder / "nowhere")
    with installation.serve(PROMETHEUS_MULTIPROC_DIR=nowhere) as service:
        assert service.post(notification(), installation.token("sink")) == 204
        assert every_scrape_shows(service, "receiver_answers_total", STORED) == {1}
