"""The parts of `docs/performance.md` that are made from results, between marks."""

import re

from benchmark.machine.processes import ROOT
from benchmark.measuring.results import Results
from benchmark.page import tables

PAGE = ROOT / "docs" / "performance.md"
PUBLISHED = ROOT / "docs" / "performance" / "results.json"
COMMAND = "python -m benchmark.publish"
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
    "machine": tables.machine,
}


def rendered(page: str, results: Results) -> str:
    """The page with its tables made anew.

    Raises:
        KeyError: it has a mark that names none of them.
    """

    def block(found: re.Match[str]) -> str:
        name = found[1]
        return f"<!-- {name} -->\n\n{BLOCKS[name](results)}\n\n<!-- /{name} -->"

    return BLOCK.sub(block, page)
