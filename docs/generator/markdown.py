"""Markdown for the pages that are made from the code."""

from collections.abc import Iterable, Sequence

MARK = (
    "<!-- Made by `python docs/generate.py`; change the code or the generator, not this page. -->\n"
)


def page(title: str, *parts: str) -> str:
    """Joins a title and its parts, with an empty line between them."""
    return (
        "\n\n".join((MARK.rstrip("\n"), f"# {title}", *(part.strip("\n") for part in parts))) + "\n"
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Writes a table.

    Args:
        rows: Markdown in every cell; a `|` in it is escaped here.
    """
    lines = [_row(head), "|" + "---|" * len(head), *map(_row, rows)]
    return "\n".join(lines)


def code(text: object) -> str:
    """Sets text as code; an empty text stays empty."""
    return f"`{text}`" if text not in ("", None) else ""


def codes(texts: Iterable[str]) -> str:
    """Sets texts as code, with commas between them."""
    return ", ".join(map(code, texts))


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(" ".join(cell.replace("|", r"\|").split()) for cell in cells) + " |"
