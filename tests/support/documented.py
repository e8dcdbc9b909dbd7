"""Fenced blocks of the pages: what a reader runs, and what is only shown.

A test that runs blocks takes them from `documented`, with arguments that are written out, so that
tests/docs/test_block_laws.py sees which blocks no test takes.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from textwrap import dedent

from tests.support.paths import DOCS, ROOT

PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.glob("*.md"))]
FENCED = re.compile(r"^( *)```([^\n]*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block.

    Attributes:
        page: its path in the repository.
        line: of its first fence.
        tag: the language that the fence names.
        heading: the last one before it.
        shown: the text of the block that follows at once, if it is one that shows what comes out.
    """

    page: str
    line: int
    tag: str
    heading: str
    text: str
    shown: str | None = None

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


# Tags of blocks that are run, and of those that show what comes out, or how a thing looks.
RUN = {"sh", "sql", "python"}
SHOWN = {"json", "text", "mermaid"}


@cache
def blocks(path: Path) -> tuple[Block, ...]:
    """Returns the fenced blocks of a page, in their order."""
    text = path.read_text(encoding="utf-8")
    page = str(path.relative_to(ROOT))
    fenced = list(FENCED.finditer(text))
    found = []
    for number, match in enumerate(fenced):
        after = fenced[number + 1] if number + 1 < len(fenced) else None
        follows = after is not None and not text[match.end() : after.start()].strip()
        shown = after[3] if after and follows and after[2] in SHOWN else None
        headings = HEADING.findall(FENCED.sub("", text[: match.start()]))
        found.append(
            Block(
                page=page,
                line=text.count("\n", 0, match.start()) + 1,
                tag=match[2],
                heading=headings[-1] if headings else "",
                text=dedent(match[3]),
                shown=shown,
            )
        )
    return tuple(found)


def documented(page: str, tag: str, *beginnings: str) -> list[Block]:
    """Returns the blocks of a page with a tag, in their order.

    Args:
        page: its path in the repository.
        beginnings: of the blocks that are meant; none: all of them.

    Raises:
        LookupError: there is no such block.
    """
    found = [
        block
        for block in blocks(ROOT / page)
        if block.tag == tag and (not beginnings or block.text.startswith(beginnings))
    ]
    for beginning in beginnings or ("",):
        if not any(block.text.startswith(beginning) for block in found):
            raise LookupError(f"{page} has no block of {tag} that begins with {beginning!r}")
    return found
