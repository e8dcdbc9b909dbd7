"""The site is built without a warning, is ordered as docs/README.md, and needs no network."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from tests.support.browser import needs_browser, open_browser, open_window
from tests.support.paths import DOCS, ROOT

BUILD_SECONDS = 300
PAGES = ["README", "CHANGELOG", *(f"docs/{page.stem}" for page in sorted(DOCS.glob("*.md")))]
# Attributes that make a browser load what they name; `a` leads elsewhere when it is clicked.
LOADED = {
    "audio": "src",
    "iframe": "src",
    "img": "src",
    "link": "href",
    "object": "data",
    "script": "src",
    "source": "src",
    "video": "src",
}
# What a style sheet loads; what it holds itself is no file.
STYLED = re.compile(r"@import[^;]*|url\(\s*['\"]?(?!['\"]?data:)[^)]*")
SECTION = re.compile(r"^## (.*)\n((?:(?!^## ).*\n)*)", re.MULTILINE)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built site."""
    folder = tmp_path_factory.mktemp("site")
    built = folder / "built"
    ended = subprocess.run(
        [
            Path(sys.executable).with_name("sphinx-build"),
            *("-q", "-W", "--keep-going", "-c", "docs/site", "-d", folder / "doctrees", "."),
            built,
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=BUILD_SECONDS,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    return built


def soup(page: Path) -> BeautifulSoup:
    return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")


def test_every_page_is_there_and_the_first_one_is_found(site: Path) -> None:
    built = {str(page.relative_to(site).with_suffix("")) for page in site.rglob("*.html")}
    assert built - {"index", "search", "genindex"} == set(PAGES)
    assert (site / "index.html").read_bytes() == (site / "README.html").read_bytes()


def test_the_navigation_is_that_of_the_page_of_all_pages(site: Path) -> None:
    listed = {
        kind: re.findall(r"^- \[[^\]]*\]\(([^)]*)\.md\)", pages, re.MULTILINE)
        for kind, pages in SECTION.findall((DOCS / "README.md").read_text(encoding="utf-8"))
    }
    assert list(listed) == ["First steps", "Guides", "References", "Explanations"]
    listed["First steps"].append("README")
    tree = soup(site / "docs" / "sink.html").select_one(".sidebar-tree")
    assert tree is not None
    shown = {
        caption.get_text(): [
            str(link["href"]).removesuffix(".html").replace("#", "sink")
            for link in pages.select("a")
        ]
        for caption, pages in zip(tree.select("p.caption"), tree.select("ul"), strict=True)
    }
    assert shown == listed


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    loaded = [
        (page, str(element[LOADED[element.name]]))
        for page in site.rglob("*.html")
        for element in soup(page).find_all([*LOADED])
        # `#` is the page itself.
        if element.get(LOADED[element.name], "#") != "#"
    ]
    assert loaded
    lost = [
        (page.name, url)
        for page, url in loaded
        if re.match(r"(\w+:)?//", url) or not (page.parent / url.partition("?")[0]).is_file()
    ]
    assert lost == []


def test_no_style_loads_anything_from_elsewhere(site: Path) -> None:
    sheets = list(site.rglob("*.css"))
    assert sheets
    loading = {
        (sheet.name, found)
        for sheet in sheets
        for found in STYLED.findall(sheet.read_text(encoding="utf-8"))
    }
    assert loading == set()


@needs_browser
def test_a_browser_reads_and_searches_the_files_without_a_service(site: Path) -> None:
    with open_browser() as browser, open_window(browser, site.as_uri()) as window:
        page = window.page
        page.goto(f"{site.as_uri()}/index.html")
        page.get_by_role("link", name="The sink", exact=True).first.click()
        assert page.get_by_role("heading", level=1).inner_text().startswith("The sink")
        page.get_by_placeholder("Search").first.fill("quarantine")
        page.keyboard.press("Enter")
        # The page shows what it finds one by one.
        found = page.locator("#search-results li a")
        found.get_by_text("Operating the service > Quarantine", exact=True).wait_for()


def test_the_command_that_builds_the_site_is_the_one_of_the_pages() -> None:
    command = ".venv/bin/sphinx-build -W -c docs/site -d build/doctrees . build/site"
    for page in (DOCS / "house.md", DOCS / "site" / "conf.py"):
        assert command in page.read_text(encoding="utf-8"), page
