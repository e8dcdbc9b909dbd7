"""The intake at full speed: alone, beside open reports, and while a month is dropped as well."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

from benchmark.contenders import ours
from benchmark.contenders.contender import Instance, post
from benchmark.fleet.fleet import MONTHS
from benchmark.load.notifications import new_series
from benchmark.load.wrk import WrkRun
from benchmark.measuring import accounting
from benchmark.retention.dropping import Dropped, drop
from benchmark.retention.reports import Counts, open_reports

ALONE, REPORTS, DROPPING = "alone", "beside two reports", "while a month is dropped"
PHASES = (ALONE, REPORTS, DROPPING)
# The months before the current one, but the last, which a fleet needs to be kept from.
ROUNDS_MAX = MONTHS - 2
# Of a phase: the reports end in it, so that the month can go while notifications arrive. A month of
# 33,000 events took 47 seconds to go on two cores that others used as well.
REPORTS_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase of one round.

    Attributes:
        missing: notifications that were answered 204 and are not stored.
        counts: of the reports; see `reports`.
        dropped: None: nothing was.
    """

    what: str
    round: int
    driven: WrkRun
    missing: int
    counts: Counts
    dropped: Dropped | None

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.driven.acknowledged / self.driven.seconds


Drive = Callable[..., WrkRun]


def take(
    url: str, running: Instance, drive: Drive, *, rounds: int, seconds: float
) -> Iterator[Phase]:
    """Takes every phase in each round; every other round goes backwards.

    Args:
        drive: sends a series, as `wrk.drive`.
        rounds: each drops the oldest month that is left; `ROUNDS_MAX` at most.
        seconds: of one phase.
    """
    sent = partial(drive, address=running.address, token=running.token, seconds=seconds)
    sent(series=new_series())
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        # The process has started once it answers.
        pool.submit(int).result()
        for round_ in range(1, rounds + 1):
            for what in PHASES if round_ % 2 else reversed(PHASES):
                start = partial(pool.submit, drop, url, MONTHS - 1 - round_)
                yield _take_one(url, running, sent, what, round_, seconds, start)


def _take_one(
    url: str,
    running: Instance,
    sent: Drive,
    what: str,
    round_: int,
    seconds: float,
    start: Callable[[], Future[Dropped]],
) -> Phase:
    series = new_series()
    counts: Counts = []
    dropped: Future[Dropped] | None = None
    with ExitStack() as stack:
        if what != ALONE:
            end = stack.enter_context(open_reports(url))
            timer = threading.Timer(seconds * REPORTS_SHARE, lambda: counts.extend(end()))
            timer.start()
            stack.callback(timer.join)
        if what == DROPPING:
            dropped = start()
        driven = sent(series=series)
    # Requests still open at the end of wrk are stored all the same; this one comes after them.
    post(running.address, running.token, new_series())
    return Phase(
        what,
        round_,
        driven,
        accounting.count(url, ours.STORED, series).count_missing(driven.acknowledged),
        counts,
        None if dropped is None else dropped.result(),
    )
