"""`scaling.md`: its table of sizes, computed from the figures of `performance.md`."""

import math
import re
from pathlib import Path
from typing import NamedTuple

from docs.generator import markdown

PAGE = Path(__file__).parent.parent / "scaling.md"
FIGURES = PAGE.with_name("performance.md")
BLOCK = re.compile(r"<!-- sizes -->\n.*?<!-- /sizes -->", re.DOTALL)

RATES = (1_000, 10_000, 100_000, 1_000_000)

# The size of which the figures are taken: the largest that was measured.
SIZE = "20 M of 200 k devices"

# A core is planned to be busy for so much of the time; the rest is for peaks and for readers.
BUSY = 0.6

# The projector lets its core rest for less, since it may fall behind for a while.
PROJECTOR_BUSY = 0.8

# An assumption: a phone loses and finds its connection eight times a day, and one thing more is
# told of it.
NOTIFICATIONS_A_DAY = 17

DAY_SECONDS = 86_400
GIB = 2**30

HEAD = (
    "sustained",
    "phones",
    "cores of the service",
    "databases",
    "cores of Postgres, in all",
    "write-ahead log, in all",
    "disk a day",
)


class Cost(NamedTuple):
    """What one event costs in a database that has millions.

    Attributes:
        server: CPU of the service, in seconds.
        insert: CPU of Postgres for the insert, in seconds.
        projection: CPU of Postgres for the status behind it, in seconds; of one session.
        log: bytes of the write-ahead log.
        disk: bytes of tables and indexes.
    """

    server: float
    insert: float
    projection: float
    log: float
    disk: float


def page() -> str:
    """Returns the page with its table made anew; what stands around it stays."""
    cost = read_cost(FIGURES.read_text(encoding="utf-8"))
    block = f"<!-- sizes -->\n\n{table(cost)}\n\n<!-- /sizes -->"
    return BLOCK.sub(lambda _: block, PAGE.read_text(encoding="utf-8"))


def table(cost: Cost) -> str:
    """Returns what serves each rate."""
    return markdown.table(HEAD, [_row(rate, cost) for rate in RATES])


def read_cost(figures: str) -> Cost:
    """Reads the cost of an event from the tables of `performance.md`.

    Raises:
        ValueError: a table lacks the size that is looked for.
    """
    server, insert, _, _ = _cells(figures, "growth_writes", SIZE, "insert alone")[-4:]
    _, derived, log, _ = _cells(figures, "growth_writes", SIZE, "with the projector")[-4:]
    events, _, _, _, gibibytes = _cells(figures, "growth_sizes", SIZE)
    return Cost(
        server=server / 1e6,
        insert=insert / 1e6,
        projection=(derived - insert) / 1e6,
        log=log,
        disk=gibibytes * GIB / events,
    )


def databases(rate: float, cost: Cost) -> int:
    """Returns how many databases it takes: each has one projector, which has one core."""
    return math.ceil(rate * cost.projection / PROJECTOR_BUSY)


def _row(rate: int, cost: Cost) -> list[str]:
    postgres = rate * cost.insert / BUSY + rate * cost.projection / PROJECTOR_BUSY
    return [
        f"{rate:,}/s",
        _short(rate * DAY_SECONDS / NOTIFICATIONS_A_DAY, ("", " thousand", " million", " billion")),
        _cores(rate * cost.server / BUSY),
        str(databases(rate, cost)),
        _cores(postgres),
        _short(rate * cost.log, (" B/s", " kB/s", " MB/s", " GB/s")),
        _short(rate * DAY_SECONDS * cost.disk, (" B", " kB", " MB", " GB", " TB")),
    ]


def _cores(cores: float) -> str:
    return f"{cores:.1f}" if cores < 10 else f"{cores:.0f}"


def _short(value: float, units: tuple[str, ...]) -> str:
    step = min(int(math.log10(value) // 3), len(units) - 1)
    value /= 1000**step
    return f"{value:.1f}{units[step]}" if value < 10 else f"{value:.0f}{units[step]}"


def _cells(figures: str, block: str, *labels: str) -> list[float]:
    """Returns the numbers of the row that begins with these labels."""
    found = re.search(rf"<!-- {block} -->\n(.*?)<!-- /{block} -->", figures, re.DOTALL)
    start = "| " + " | ".join(labels) + " | "
    for line in (found[1] if found else "").splitlines():
        if line.startswith(start):
            return [float(cell.replace(",", "")) for cell in _numbers(line[len(start) :])]
    raise ValueError(f"the table {block} has no row {' '.join(labels)}")


def _numbers(line: str) -> list[str]:
    """Returns the cells of a line that are one number."""
    cells = [cell.strip() for cell in line.split("|")]
    return [cell for cell in cells if re.fullmatch(r"[\d,.]+(e[+-]?\d+)?", cell)]
