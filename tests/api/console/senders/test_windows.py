"""The windows of the screen."""

from datetime import UTC, datetime, timedelta

import pytest

from receiver.api.console.senders.windows import WINDOWS, choose_window
from receiver.api.senders.questions import LONGEST, SendersQuestion

NOW = datetime(2026, 4, 17, 9, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize("name", WINDOWS)
def test_a_window_begins_at_a_full_minute_and_is_one_that_can_be_asked_for(name: str) -> None:
    chosen = choose_window(name, NOW)
    assert (chosen.start.second, chosen.start.microsecond) == (0, 0)
    assert timedelta() <= WINDOWS[name][1] - (NOW - chosen.start) < timedelta(minutes=1)
    assert WINDOWS[name][1] <= LONGEST
    question = SendersQuestion.model_validate({"from": chosen.start.isoformat()})
    assert question.select(NOW).start == chosen.start


@pytest.mark.parametrize("name", [None, "", "year"])
def test_any_other_name_means_a_day(name: str | None) -> None:
    assert choose_window(name, NOW).name == "day"
