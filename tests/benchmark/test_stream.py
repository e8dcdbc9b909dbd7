"""The intake beside those who listen, in small."""

import pytest

from benchmark.contenders import ours
from benchmark.contenders.contender import Instance
from benchmark.fleet.asking import READER_TOKEN
from benchmark.stream.__main__ import show_costs, show_run, take


def test_every_listener_is_told_all_that_is_stored_beside_it(
    served: tuple[str, Instance], capsys: pytest.CaptureFixture[str]
) -> None:
    url, running = served
    ours.make_credential(url, "reader", READER_TOKEN)
    runs = list(take(running, (0, 2), rate=50, rounds=1, seconds=1))
    assert [(run.listeners, run.stored, run.told, run.ended) for run in runs] == [
        (0, 50, 0, 0),
        (2, 50, 100, 0),
    ]
    for run in runs:
        show_run(run)
    show_costs(runs)
    shown = capsys.readouterr().out
    assert "0 not told, 0 ended" in shown
    assert "for each listener" in shown
