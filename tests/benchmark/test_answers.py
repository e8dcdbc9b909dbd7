"""The measurement of answers in small: facts, rebuild, every question, lag, and the hold."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from benchmark.answers import facts, projecting
from benchmark.answers.__main__ import READER_TOKEN, take_answers
from benchmark.answers.asking import Reader
from benchmark.contenders import ours
from benchmark.contenders.contender import Instance, Place, post
from benchmark.load.notifications import new_series
from benchmark.machine.postgres import Server, ask_number, connect
from tests.support.service import open_folder

EVENTS, DEVICES = 1000, 40
STATUSES = "SELECT count(DISTINCT device_id) FROM device_status"


@pytest.fixture(scope="module")
def measured(postgres: str) -> Iterator[tuple[str, Instance]]:
    """The URL of a database with facts, all derived, and a service on it."""
    with open_folder() as folder, Server(postgres, None).make_database("answers") as url:
        ours.prepare(url)
        ours.make_credential(url, "reader", READER_TOKEN)
        facts.fill(url, EVENTS, DEVICES, lambda _: None)
        taken, _ = projecting.rebuild(url)
        assert taken > 0
        with ours.start(Place(url, Path(folder))) as running:
            yield url, running


def test_every_event_of_every_device_is_written_and_derived(
    measured: tuple[str, Instance],
) -> None:
    url, _ = measured
    assert ask_number(url, "SELECT count(*) FROM event WHERE credential = 'benchmark'") == EVENTS
    assert ask_number(url, STATUSES) >= DEVICES


def test_every_question_is_asked_and_answered(measured: tuple[str, Instance]) -> None:
    _, running = measured
    with closing(Reader(running.address, READER_TOKEN)) as reader:
        found = list(take_answers(reader, DEVICES, 10))
    assert {taken.count for taken in found} == {10, 1}
    assert all(0 < taken.p50_ms <= taken.p99_ms <= taken.max_ms for taken in found)


def test_the_lag_is_seen_while_the_projector_is_held_and_gone_afterwards(
    measured: tuple[str, Instance],
) -> None:
    url, running = measured
    projecting.catch_up(url)
    with projecting.held(url):
        assert post(running.address, running.token, new_series()) == 204
        assert lag(url) > 0
    projecting.catch_up(url)
    lags = projecting.sample_lag(
        url, running.address, running.token, new_series(), rate=50, seconds=1
    )
    assert len(lags) > 1


def lag(url: str) -> float:
    with connect(url) as connection:
        row = connection.execute(projecting.LAG).fetchone()
    assert row is not None
    return float(row[0])
