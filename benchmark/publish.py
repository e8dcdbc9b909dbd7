"""`python -m benchmark.publish`: puts figures into `docs/performance.md`, tables and plots.

The page and its plots are all that git keeps of a run; the results themselves stay outside.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from benchmark.measuring import results
from benchmark.measuring.results import OUTPUT
from benchmark.page import plots
from benchmark.page.blocks import PAGE, PLOTS, render
from benchmark.plan import require_all_parts
from receiver.errors import ReceiverError


def main(
    found: Annotated[Path, typer.Argument(help="What `python -m benchmark` wrote.")] = OUTPUT,
) -> None:
    """Make the tables and plots of the page from a run that took every part."""
    read = results.read(found)
    require_all_parts(read)
    PAGE.write_text(render(PAGE.read_text(), read))
    for path in plots.draw(read, PLOTS):
        typer.echo(path.name)


if __name__ == "__main__":
    try:
        typer.run(main)
    except ReceiverError as error:
        sys.exit(str(error))
