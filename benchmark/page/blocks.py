"""The tables of `docs/performance.md`, each between two marks that name it."""

import re

from benchmark.machine.processes import ROOT
from benchmark.measuring.results import Results
from benchmark.page import growth, tables

PAGE = ROOT / "docs" / "performance.md"
PLOTS = ROOT / "docs" / "performance"
BLOCK = re.compile(r"<!-- (\w+) -->\n.*?<!-- /\1 -->", re.DOTALL)
BLOCKS = {
    "targets": tables.targets,
    "throughput": tables.throughput,
    "footprint": tables.footprint,
    "pieces": tables.pieces,
    "steady": tables.steady,
    "start": tables.start,
    "stall": tables.stall,
    "soak": tables.soak,
    "growth_sizes": growth.fillings,
    "growth_reads": growth.reads,
    "growth_reports": growth.reports,
    "growth_writes": growth.writes,
    "growth_beside": growth.beside,
    "machine": tables.machine,
}


def render(page: str, results: Results) -> str:
    """Returns the page with its tables made anew; what stands between them stays.

    Raises:
        KeyError: a mark of the page names no table.
    """

    def block(found: re.Match[str]) -> str:
        name = found[1]
        return f"<!-- {name} -->\n\n{BLOCKS[name](results)}\n\n<!-- /{name} -->"

    return BLOCK.sub(block, page)
