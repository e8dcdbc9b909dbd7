"""The part as a whole: fill, ask, report, write, and write beside readers."""

from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace

from benchmark.contenders import catalogue
from benchmark.fleet.asking import READER_TOKEN, Reader
from benchmark.growth import beside, reading, reporting, writing
from benchmark.growth.questions import list_questions
from benchmark.growth.stock import Stock, list_shapes, make_url, require_room, stock
from benchmark.measuring.bench import Bench
from benchmark.measuring.growth import Asked, Growth

EVENTS = (0, 1_000_000, 20_000_000)
EVENTS_QUICK = (0, 20_000, 200_000)


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is asked.

    Attributes:
        events: of each size.
        count: answers to each question on each size, at most.
        question_seconds: for each question on each size.
        report_seconds: after which a report is given up.
    """

    events: Sequence[int] = EVENTS
    rounds: int = 3
    count: int = 400
    question_seconds: float = 3.0
    report_seconds: float = 60.0


QUICK = Effort(EVENTS_QUICK, rounds=1, count=60, question_seconds=0.2, report_seconds=10.0)


def choose_effort(events: Sequence[int] | None, rounds: int | None, *, quick: bool) -> Effort:
    """Returns the usual effort, or the quick one, with other sizes and rounds where given."""
    usual = QUICK if quick else Effort()
    return replace(usual, events=events or usual.events, rounds=rounds or usual.rounds)


def describe(effort: Effort, seconds: float) -> str:
    """Returns the effort in words; `seconds` are those of each run of the intake."""
    sizes = ", ".join(f"{one:,}" for one in effort.events)
    return f"events: {sizes}; rounds: {effort.rounds}, {seconds:g} s each"


def take(bench: Bench, effort: Effort) -> Growth:
    """Measures everything on every size; the benchmark's stack keeps the databases until its end.

    The intake is driven for the benchmark's own seconds.

    Raises:
        ConfigurationError: the disk has too little room.
    """
    shapes = list_shapes(effort.events)
    require_room(bench.folder, shapes)
    pairs = [stock(bench, make_url(bench), shape) for shape in shapes]
    stocks = [stocked for stocked, _ in pairs]
    filled = [one for one in stocks if one.fleet.shape.events]
    growing = [one for one in stocks if not one.fleet.shape.is_even]
    growth = Growth([filling for _, filling in pairs], [], [], [], [])
    growth.asked.extend(_ask(bench, filled, effort))
    for report in reporting.take(filled, effort.rounds, effort.report_seconds):
        bench.say(f"round {report.round}  {report.size:24} {report.report} {report.seconds:.3f} s")
        growth.reports.append(report)
    growth.written.extend(writing.take(bench, growing, effort.rounds))
    if filled:
        growth.beside.extend(beside.take(bench, growing[-1], effort.rounds))
    return growth


def _ask(bench: Bench, stocks: Sequence[Stock], effort: Effort) -> list[Asked]:
    found: list[Asked] = []
    with ExitStack() as stack:
        readers: dict[str, Reader] = {}
        for one in stocks:
            running = stack.enter_context(catalogue.OURS.start(one.place(bench.folder)))
            reader = Reader(running.address, READER_TOKEN)
            readers[one.title] = stack.enter_context(closing(reader))
        questions = {one.title: list_questions(one.url, one.fleet) for one in stocks}
        for asked in reading.take(
            readers, questions, count=effort.count, seconds=effort.question_seconds
        ):
            bench.say(
                f"{asked.question:48} {asked.size:24} p50 {asked.p50_ms:8.1f} ms"
                f" p99 {asked.p99_ms:8.1f} ms{f', {asked.refused} × 503' if asked.refused else ''}"
            )
            found.append(asked)
    return found
