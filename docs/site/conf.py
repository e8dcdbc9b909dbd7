"""The site that Sphinx makes of README.md, CHANGELOG.md and docs/*.md; it needs no network.

`.venv/bin/sphinx-build -W -c docs/site -d build/doctrees . build/site`
"""

import re
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path

from pygments.lexers import get_lexer_by_name
from sphinx.application import Sphinx

ROOT = Path(__file__).parents[2]
INDEX = ROOT / "docs" / "README.md"

project = "Device Status Receiver"
version = release = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
extensions = ["myst_parser"]

# The pages lie where they lie in the repository, so their links are the same.
root_doc = "README"
include_patterns = ["README.md", "CHANGELOG.md", "docs/*.md"]
exclude_patterns = [".*", "benchmark", "build", "dist", "migrations", "receiver", "tests"]

# Links lead to headings as on the pages of the repository.
myst_heading_anchors = 4
# Options of commands keep their two dashes.
smartquotes = False

html_theme = "furo"
html_title = f"{project} {version}"
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
# The summary of what is found is fetched, which no browser allows in files.
html_show_search_summary = False

LINK = re.compile(r"\[([^\]]*)\]\(([^)\s#]+)\)")
SECTION = re.compile(r"^## (.*)\n((?:(?!^## ).*\n)*)", re.MULTILINE)
LISTED = re.compile(r"^- \[[^\]]*\]\(([^)]+)\.md\)", re.MULTILINE)


def setup(app: Sphinx) -> None:
    """Tells Sphinx what is done with each page, and with the whole."""
    app.connect("source-read", read_page)
    app.connect("build-finished", write_first_page)
    app.add_lexer("sql", type(get_lexer_by_name("postgresql")))
    # A drawing of Mermaid stays the text that it is: what draws it comes from a network.
    app.add_lexer("mermaid", type(get_lexer_by_name("text")))


def read_page(app: Sphinx, page: str, source: list[str]) -> None:
    """Takes links to folders out of a page, and gives the first page the navigation."""
    folder = (ROOT / page).parent
    source[0] = LINK.sub(
        lambda link: link[1] if (folder / link[2]).is_dir() else link[0], source[0]
    )
    if page == root_doc:
        source[0] += "".join(navigation())


def navigation() -> Iterator[str]:
    """Tells the pages of each kind, in the words and the order of docs/README.md."""
    index = INDEX.relative_to(ROOT).with_suffix("")
    for kind, listed in SECTION.findall(INDEX.read_text(encoding="utf-8")):
        paths = [(INDEX.parent / name).resolve() for name in LISTED.findall(listed)]
        pages = [str(path.relative_to(ROOT)) for path in paths]
        if root_doc in pages:
            pages[pages.index(root_doc)] = "self"
            pages.append(str(index))
        lines = "\n".join(pages)
        yield f"\n```{{toctree}}\n:hidden:\n:caption: {kind}\n\n{lines}\n```\n"


def write_first_page(app: Sphinx, error: Exception | None) -> None:
    """Lets whoever opens the folder find the first page."""
    if error is None and app.builder.name == "html":
        shutil.copy(app.outdir / f"{root_doc}.html", app.outdir / "index.html")
