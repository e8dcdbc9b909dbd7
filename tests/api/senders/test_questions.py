"""The window that a question about senders means."""

from datetime import UTC, datetime, timedelta

import pytest

from receiver.api.senders.questions import DAY_SECONDS, HOUR_SECONDS, SendersQuestion
from receiver.errors import InvalidArgument
from receiver.store.senders.sent import SendersSelection

NOW = datetime(2026, 4, 17, 9, 30, 12, tzinfo=UTC)
TO = datetime(2026, 4, 1, tzinfo=UTC)


def ask(**members: str) -> SendersSelection:
    return SendersQuestion.model_validate(members).select(NOW)


def test_a_question_without_a_window_means_the_last_day_from_a_full_minute_on() -> None:
    assert ask() == SendersSelection(NOW - timedelta(days=1, seconds=12), None, HOUR_SECONDS)


def test_a_question_with_an_end_means_the_day_before_it() -> None:
    assert ask(to="2026-04-01T00:00:00Z") == SendersSelection(
        TO - timedelta(days=1), TO, HOUR_SECONDS
    )


def test_an_end_that_is_not_reached_is_the_present() -> None:
    assert ask(to="2027-01-01T00:00:00Z") == ask()


@pytest.mark.parametrize(("days", "step"), [(7, HOUR_SECONDS), (8, DAY_SECONDS)])
def test_long_windows_are_counted_by_day(days: int, step: int) -> None:
    start = TO - timedelta(days=days)
    assert ask(**{"from": start.isoformat(), "to": TO.isoformat()}) == SendersSelection(
        start, TO, step
    )


@pytest.mark.parametrize(
    "members",
    [
        {"from": "2026-04-17T09:30:12Z"},
        {"from": "2026-04-02T00:00:00Z", "to": "2026-04-01T00:00:00Z"},
        {"from": "2026-04-01T00:00:00Z", "to": "2026-04-01T00:00:00Z"},
        {"from": "2026-03-17T09:30:11Z"},
        {"from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:01Z"},
    ],
)
def test_a_window_without_time_or_beyond_31_days_is_refused(members: dict[str, str]) -> None:
    with pytest.raises(InvalidArgument):
        ask(**members)


def test_credentials_are_the_same_question_in_any_order() -> None:
    questions = [
        SendersQuestion.model_validate({"by": "credential", "credential": names}).select(NOW)
        for names in (["a", "b"], ["b", "a", "b"])
    ]
    assert questions[0] == questions[1]
    assert (questions[0].is_by_source, questions[0].credentials) == (False, ("a", "b"))
