"""The initial series: each is exposed as 0 from the start, and could really be counted."""

from collections.abc import Iterator

import pytest

from receiver.api.answers.translation import ANSWERS
from receiver.api.sink.wrong_paths import WORDS
from receiver.errors import ReceiverError
from receiver.metrics.initial_series import INITIAL_SERIES
from receiver.metrics.metrics import Metrics
from receiver.metrics.reading import Reading
from tests.support.exposition import value

# Answers that are no error of the tree.
OTHER_STATUSES = {
    "ok": 204,
    "internal": 500,
    "not-ready": 503,
    **{word: status for status, word in WORDS.items()},
}


def statuses(kind: type[ReceiverError], status: int | None = None) -> Iterator[tuple[str, int]]:
    """Yields the word of each error that becomes an answer, and the status of the answer."""
    if kind in ANSWERS:
        status = int(ANSWERS[kind][0])
    if status is not None:
        yield kind.word, status
    for child in kind.__subclasses__():
        yield from statuses(child, status)


def test_every_initial_series_is_exposed_as_0() -> None:
    text = Metrics(queue_limit_notifications=10).exposition(Reading()).decode()
    for call, status, reason in INITIAL_SERIES:
        labels = {"call": call, "status": str(status), "reason": reason}
        assert value(text, "receiver_answers_total", labels) == 0


@pytest.mark.parametrize(("call", "status", "reason"), INITIAL_SERIES)
def test_an_initial_series_has_the_status_with_which_its_reason_is_answered(
    call: str, status: int, reason: str
) -> None:
    assert status == (OTHER_STATUSES | dict(statuses(ReceiverError)))[reason]


def test_no_initial_series_stands_twice() -> None:
    assert len(set(INITIAL_SERIES)) == len(INITIAL_SERIES)


def test_a_first_answer_increases_its_initial_series() -> None:
    metrics = Metrics(queue_limit_notifications=10)
    call, status, reason = INITIAL_SERIES[0]
    metrics.count_answer(call, status, reason)
    text = metrics.exposition(Reading()).decode()
    labels = {"call": call, "status": str(status), "reason": reason}
    assert value(text, "receiver_answers_total", labels) == 1
