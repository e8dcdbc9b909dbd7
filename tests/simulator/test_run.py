"""A run sends its plan to a real server, and shows its progress to a terminal alone."""

import io
import socket

import pytest
from rich.console import Console
from starlette.responses import Response

from receiver.simulator.notification import Fault
from receiver.simulator.plan import Plan
from receiver.simulator.run import CONCURRENCY, run_plan
from receiver.simulator.sending import Summary
from tests.support.judging import judge_status
from tests.support.reading import UNTIL
from tests.support.sink import TOKEN, Sink


def run(plan: Plan, url: str, *, is_terminal: bool = False) -> tuple[Summary, str]:
    """The summary of a run, and what was shown meanwhile."""
    screen = Screen(is_terminal)
    console = Console(file=screen, force_terminal=is_terminal)
    summary = run_plan(plan, url=url, token=TOKEN, rate=None, console=console)
    return summary, screen.getvalue()


class Screen(io.StringIO):
    """A file that is a terminal, or not."""

    def __init__(self, is_terminal: bool) -> None:
        super().__init__()
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


async def judge(body: bytes, headers: dict[str, str]) -> Response:
    return Response(status_code=judge_status(body, headers))


def test_the_whole_plan_is_sent(sink: Sink) -> None:
    plan = Plan(until=UNTIL, count=150)
    summary, shown = run(plan, sink.url)
    bodies = sorted(notification.body for notification in plan.make_notifications())
    assert bodies == sorted(body for body, _ in sink.received)
    assert (summary.answers, summary.is_as_expected, shown) == ({204: 150}, True, "")
    assert sink.most_under_way["all"] <= CONCURRENCY


def test_faults_are_answered_as_expected_by_our_own_reading(sink: Sink) -> None:
    sink.answer = judge
    summary, _ = run(Plan(until=UNTIL, count=400, faults=True), sink.url)
    assert summary.is_as_expected
    assert {exchange.fault for exchange in summary.exchanges} == {None, *Fault}


def test_a_terminal_sees_the_progress_in_events(sink: Sink) -> None:
    _, shown = run(Plan(until=UNTIL, count=60, batch=5), sink.url, is_terminal=True)
    assert "sending" in shown
    assert "100%" in shown


def test_nobody_listens() -> None:
    with socket.socket() as unlistened:
        unlistened.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unlistened.getsockname()[1]}/sink"
        summary, _ = run(Plan(until=UNTIL, count=20), url)
    assert summary.answers == {"connect error": 1}


@pytest.mark.parametrize("rate", [1000.0, None])
def test_a_rate_changes_nothing_but_the_pace(sink: Sink, rate: float | None) -> None:
    console = Console(file=Screen(False))
    summary = run_plan(
        Plan(until=UNTIL, count=20), url=sink.url, token=TOKEN, rate=rate, console=console
    )
    assert summary.answers == {204: 20}
