"""Writes the references of `docs/` from the code; `--check` only says which are stale.

`.venv/bin/python docs/generate.py [--check]`; exit status 1 when `--check` finds a stale page.
"""

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS.parent))

from docs.generator import (  # noqa: E402 - found once the path is set
    calls,
    commands,
    configuration,
    findings,
    metrics,
    reporting,
    scaling,
    understood,
)

PAGES: Mapping[str, Callable[[], str]] = {
    "understood.md": understood.page,
    "findings.md": findings.page,
    "configuration.md": configuration.page,
    "metrics.md": metrics.page,
    "commands.md": commands.page,
    "calls.md": calls.page,
    "reporting.md": reporting.page,
    "scaling.md": scaling.page,
}


def stale() -> list[str]:
    """Returns the names of the pages that differ from what the code says."""
    return [name for name, page in PAGES.items() if _written(DOCS / name) != page()]


def write() -> None:
    """Writes every page."""
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")


def main() -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(description="Writes the references of docs/.")
    parser.add_argument("--check", action="store_true", help="say which pages are stale")
    if not parser.parse_args().check:
        write()
        return 0
    names = stale()
    for name in names:
        sys.stderr.write(f"docs/{name} is stale; python docs/generate.py writes it\n")
    return 1 if names else 0


def _written(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


if __name__ == "__main__":
    sys.exit(main())
