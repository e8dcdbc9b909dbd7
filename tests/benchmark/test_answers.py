"""The measurement of answers in small: every question, the lag, and the hold."""

from contextlib import closing

from benchmark.answers.__main__ import take_answers
from benchmark.contenders.contender import post
from benchmark.fleet import projecting
from benchmark.fleet.asking import READER_TOKEN, Reader
from benchmark.load.notifications import new_series
from benchmark.machine.postgres import connect
from tests.support.fleet import FilledFleet


def test_every_question_is_asked_and_answered(filled: FilledFleet) -> None:
    with closing(Reader(filled.running.address, READER_TOKEN)) as reader:
        found = list(take_answers(reader, filled.fleet, 10))
    assert {taken.count for taken in found} == {10, 1}
    assert all(0 < taken.p50_ms <= taken.p99_ms <= taken.max_ms for taken in found)


def test_the_lag_is_seen_while_the_projector_is_held_and_gone_afterwards(
    filled: FilledFleet,
) -> None:
    url, running = filled.url, filled.running
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
