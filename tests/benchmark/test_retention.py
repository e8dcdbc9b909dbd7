"""The intake while months are dropped beside open reports, in small."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from benchmark.fleet.fleet import Shape
from benchmark.machine.postgres import Server
from benchmark.measuring.bench import Bench
from benchmark.measuring.cases import Programs
from benchmark.retention.__main__ import show_phases
from benchmark.retention.phases import DROPPING, PHASES
from tests.support.service import open_folder

WRK = shutil.which("wrk")

pytestmark = pytest.mark.skipif(WRK is None, reason="wrk is not installed")


@pytest.fixture
def bench(postgres: str) -> Iterator[Bench]:
    """A bench that drives each phase for a second."""
    with open_folder() as folder, ExitStack() as stack:
        programs = Programs(Path(str(WRK)), None)
        yield Bench(Server(postgres, None), programs, folder, 1.0, lambda _: None, stack)


def test_a_month_is_dropped_beside_reports_and_intake_and_nothing_else_is_noticed(
    bench: Bench, server: Server, prepared: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with server.make_database("retention", prepared) as url:
        phases = show_phases(bench, url, Shape(1000, 40), rounds=1)
    assert [one.what for one in phases] == list(PHASES)
    assert [len(one.counts) for one in phases] == [0, 2, 2]
    assert all(began == ended for one in phases for began, ended in one.counts)
    assert [len(one.dropped.names) for one in phases if one.dropped is not None] == [1]
    for one in phases:
        driven = one.driven
        assert (driven.refused, driven.failed, one.missing) == (0, 0, 0)
        assert driven.acknowledged > 0
    shown = " ".join(capsys.readouterr().out.split())
    assert f"p99 {DROPPING} / alone" in shown
    assert "answers about devices, changed 0 of" in shown
