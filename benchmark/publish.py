"""`python -m benchmark.publish`: puts results into `docs/performance.md`, tables and plots."""

from pathlib import Path
from typing import Annotated

import typer

from benchmark.measuring import results
from benchmark.measuring.results import OUTPUT
from benchmark.page import plots
from benchmark.page.blocks import PAGE, PUBLISHED, rendered


def main(
    found: Annotated[Path, typer.Argument(help="What `python -m benchmark` kept.")] = OUTPUT,
) -> None:
    """Copy results beside the page, and make its tables and plots from them."""
    read = results.read(found)
    results.write(read, PUBLISHED)
    PAGE.write_text(rendered(PAGE.read_text(), read))
    for path in plots.draw(read, PUBLISHED.parent):
        typer.echo(path.name)


if __name__ == "__main__":
    typer.run(main)
