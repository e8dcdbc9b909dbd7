"""The subscriptions of a device as lines."""

from receiver.api.console.device.timeline.lines import LINES_MAX, draw_lines
from tests.support.drawn import at, event, subscription, week, write


def test_a_line_goes_from_the_start_to_the_end_with_its_events() -> None:
    ended = subscription("s-1", 5, 60, startedAt=write(at(4)))
    events = [event(1, 10), event(2, 20, subscriptionId="s-2"), event(3, 30, credential="other")]
    [line], left_out = draw_lines([ended], events, week())
    assert (line.start, line.end, line.ended_at) == (at(4), at(60), at(60))
    assert (line.reason, line.is_start_told, left_out) == ("subscription expired", True, 0)
    assert [one["id"] for one in line.events] == ["e-1"]


def test_a_start_that_was_not_told_is_the_first_event() -> None:
    [line], _ = draw_lines([subscription("s-1", 5)], [], week())
    assert (line.start, line.is_start_told, line.ended_at) == (at(5), False, None)
    assert line.end == week().end


def test_one_that_lies_elsewhere_is_not_drawn() -> None:
    lines, left_out = draw_lines(
        [
            subscription("before", -50, -1),
            subscription("after", 200),
            subscription("only-registered", 0) | {"firstAt": None},
        ],
        [],
        week(),
    )
    assert (lines, left_out) == ([], 0)


def test_one_that_ends_behind_the_window_goes_on_in_it() -> None:
    [line], _ = draw_lines([subscription("s-1", -10, 200)], [], week())
    assert (line.start, line.end, line.ended_at) == (week().start, week().end, None)


def test_those_heard_of_last_are_drawn_and_the_rest_is_counted() -> None:
    many = [subscription(f"s-{number}", number, number + 1) for number in range(1, 40)]
    lines, left_out = draw_lines(many, [], week())
    assert (len(lines), left_out) == (LINES_MAX, len(many) - LINES_MAX)
    assert [line.name for line in lines] == [f"s-{number}" for number in range(28, 40)]
