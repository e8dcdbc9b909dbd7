"""The intake with and without a pooler, in small."""

import shutil
from contextlib import ExitStack
from pathlib import Path

import pytest

from benchmark.machine.postgres import Server
from benchmark.measuring.bench import Bench
from benchmark.measuring.cases import Programs
from benchmark.pooler.__main__ import DIRECT, POOLED, compare
from tests.support.pooler import find_pgbouncer
from tests.support.service import open_folder

WRK = shutil.which("wrk")

pytestmark = pytest.mark.skipif(WRK is None, reason="wrk is not installed")


def test_both_ways_are_driven_in_each_round_and_nothing_is_lost(
    postgres: str, capsys: pytest.CaptureFixture[str]
) -> None:
    find_pgbouncer()
    with open_folder() as folder, ExitStack() as stack:
        programs = Programs(Path(str(WRK)), None)
        bench = Bench(Server(postgres, None), programs, folder, 1.0, lambda _: None, stack)
        drives = compare(bench, 1, connections=4)
    for way in (DIRECT, POOLED):
        [one] = drives[way]
        assert (one.refused, one.missing) == (0, 0)
        assert one.rate > 0
    [direct], [pooled] = drives[DIRECT], drives[POOLED]
    assert pooled.cpu_microseconds[2] >= direct.cpu_microseconds[2]
    shown = capsys.readouterr().out
    assert "rate, through / directly" in shown
    assert "CPU an event, through / directly" in shown
