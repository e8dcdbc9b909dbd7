"""The pages: links lead somewhere, tests that are named exist, examples are the code's."""

import json
import re
from pathlib import Path

import pytest

from receiver.api.questions.examples import RETRIEVE_DEVICE
from receiver.events.examples import NOTIFICATION
from tests.support.paths import DOCS, ROOT

README = ROOT / "README.md"
INDEX = DOCS / "README.md"
PAGES = [README, ROOT / "CHANGELOG.md", *sorted(DOCS.glob("*.md"))]
ELSEWHERE = {
    "https://github.com/wg/wrk",
    "https://html.spec.whatwg.org/multipage/server-sent-events.html",
    "https://patroni.readthedocs.io",
}
NAMED = re.compile(
    r"`(tests/[\w/]+(?:\.py)?)`|`(test_\w+)`|(?<= )(tests/[\w/]+(?:\.py)?)(?=[` \n])"
)


def prose(page: Path) -> str:
    """The page without its fenced code."""
    return re.sub(
        r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE
    )


def anchors(page: Path) -> set[str]:
    """What a link to a heading of the page may end with."""
    headings = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if re.match(r"https?:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_links_that_lead_elsewhere_are_those_of_the_list() -> None:
    """No test fetches them; a person who adds one looks at it."""
    found = {
        link
        for page in PAGES
        for link in re.findall(r"(?:\]\(|<)(https?:[^)>\s]+)[)>]", prose(page))
    }
    assert found == ELSEWHERE


def test_the_readme_is_short() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 150


def test_every_page_is_listed_once_in_the_index() -> None:
    listed = re.findall(r"^- \[([\w.-]+)\]\(\1\)", INDEX.read_text(encoding="utf-8"), re.MULTILINE)
    pages = [page.name for page in DOCS.glob("*.md") if page != INDEX]
    assert sorted(pages) == sorted(listed)


@pytest.mark.parametrize("name", ["security.md", "proofs.md"])
def test_every_test_that_a_page_names_exists(name: str) -> None:
    missing = []
    found = 0
    for line in (DOCS / name).read_text(encoding="utf-8").splitlines():
        source = ""
        for quoted, test, bare in NAMED.findall(line):
            found += 1
            if path := quoted or bare:
                place = ROOT / path
                source = place.read_text(encoding="utf-8") if place.is_file() else ""
                missing += [] if place.exists() else [path]
            elif f"def {test}(" not in source:
                missing.append(test)
    assert missing == []
    assert found


def test_the_readme_shows_the_bodies_that_the_first_start_prints() -> None:
    bodies = re.findall(r"^  -d '(.*)'$", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert [json.loads(body) for body in bodies] == [NOTIFICATION, RETRIEVE_DEVICE]
