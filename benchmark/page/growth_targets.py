"""The targets of the growth part; see `targets`."""

from collections.abc import Callable, Iterable, Sequence

from benchmark.measuring.growth import (
    BY_ID,
    CLIENTS,
    MONTH,
    MONTH_OF_TABLE,
    REPORT,
    Growth,
    Written,
)
from benchmark.page.verdicts import Verdict, verdict

NOTHING = Growth([], [], [], [], [])


def judge(growth: Growth | None) -> list[Verdict]:
    """Returns a verdict on every target of the part.

    Of the targets that each question must meet, the worst question decides.
    """
    found = growth or NOTHING
    refused = [float(sum(one.refused for one in found.asked))] if found.asked else []
    dense = "worst p99 of a page that finds 50 in the newest 100,000, against one event by id"
    return [
        verdict("questions refused (503), all sizes", 0, False, "", refused),
        _worst("worst p50 of a question, largest size against the next", 2, compare_p50(found)),
        _worst(dense, 10, _compare_dense(found)),
        _grown(found, "rate", 0.8, lambda one: one.rate, at_least=True),
        _grown(found, "CPU of Postgres an event", 1.5, lambda one: one.postgres_cpu_us),
        _grown(found, "WAL an event", 3.3, lambda one: one.wal_bytes_each),
        verdict(
            "a month's count through reporting.event, against the table",
            2,
            False,
            "×",
            _compare_month(found),
        ),
        *(
            verdict(
                f"p99 of the intake beside {what}, against alone",
                2,
                False,
                "×",
                _compare_beside(found, what),
            )
            for what in (REPORT, CLIENTS)
        ),
    ]


def compare_p50(growth: Growth) -> dict[str, float]:
    """Returns for each question its p50 on the largest size against that on the next."""
    largest, smaller = growth.largest, growth.next_largest
    if largest is None or smaller is None:
        return {}
    p50 = {(one.question, one.size): one.p50_ms for one in growth.asked}
    questions = dict.fromkeys(one.question for one in growth.asked)
    return {
        question: p50[question, largest.title] / p50[question, smaller.title]
        for question in questions
    }


def _compare_dense(growth: Growth) -> dict[str, float]:
    by_id = {one.size: one.p99_ms for one in growth.asked if one.question == BY_ID}
    return {
        f"{one.question}, {one.size}": one.p99_ms / by_id[one.size]
        for one in growth.asked
        if one.is_dense
    }


def _compare_month(growth: Growth) -> list[float]:
    largest = growth.largest
    seconds = {
        (one.report, one.round): one.seconds
        for one in growth.reports
        if largest is not None and one.size == largest.title
    }
    return [
        seconds[MONTH, round_] / seconds[MONTH_OF_TABLE, round_]
        for report, round_ in seconds
        if report == MONTH
    ]


def _compare_beside(growth: Growth, what: str) -> list[float]:
    alone = {one.round: one.p99_ms for one in growth.beside if not one.what}
    return [one.p99_ms / alone[one.round] for one in growth.beside if one.what == what]


def _grown(
    growth: Growth,
    what: str,
    bound: float,
    read: Callable[[Written], float | None],
    *,
    at_least: bool = False,
) -> Verdict:
    """Returns the verdict on the insert alone: on the largest size against the empty one."""
    largest, empty = growth.largest, growth.empty
    ratios: list[float] = []
    if largest is not None and empty is not None:
        large, small = (_by_round(growth.written, one.title, read) for one in (largest, empty))
        ratios = [large[round_] / small[round_] for round_ in large if round_ in small]
    return verdict(f"insert, largest size against empty: {what}", bound, at_least, "×", ratios)


def _by_round(
    written: Iterable[Written], size: str, read: Callable[[Written], float | None]
) -> dict[int, float]:
    values = {one.round: read(one) for one in written if one.size == size and not one.derives}
    return {round_: value for round_, value in values.items() if value}


def _worst(what: str, bound: float, ratios: dict[str, float]) -> Verdict:
    values: Sequence[float] = list(ratios.values())
    if not values:
        return verdict(what, bound, False, "×", [])
    return Verdict(what, bound, False, "×", max(values), min(values), max(values))
