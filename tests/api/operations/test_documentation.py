"""`/docs`: the page and every file that it names come from this service, under a strict policy."""

import re
from hashlib import sha256
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest

from receiver.api.operations.documentation import Asset, find_assets
from tests.support.callers import Callers


class References(HTMLParser):
    """The URLs that a page names, and whether it has a script or style inside."""

    def __init__(self) -> None:
        super().__init__()
        self.urls: list[str] = []
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.urls += [url for name in ("href", "src") if (url := found.get(name))]
        if tag == "style" or (tag == "script" and "src" not in found):
            self.inline.append(tag)
        self.inline += [name for name in found if name.startswith("on") or name == "style"]


def read(page: str) -> References:
    references = References()
    references.feed(page)
    return references


async def test_the_page_and_every_url_it_names_come_from_this_service(
    shared_callers: Callers,
) -> None:
    page = await shared_callers.nobody.get("/docs")
    assert page.status_code == 200
    own = urlsplit(str(page.url)).netloc
    urls = read(page.text).urls
    assert len(urls) == 4
    for url in urls:
        absolute = urljoin(str(page.url), url)
        assert urlsplit(absolute).netloc == own
        answer = await shared_callers.nobody.get(absolute)
        assert (answer.status_code, answer.content != b"") == (200, True)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-type"].split(";")[0] in {
            "image/png",
            "text/css",
            "text/javascript",
        }


async def test_the_script_of_the_page_asks_for_the_description_of_this_service(
    shared_callers: Callers,
) -> None:
    script = (await shared_callers.nobody.get("/docs/initializer.js")).text
    found = re.search(r'url: "([^"]*)"', script)
    assert found is not None
    description = urljoin(f"{shared_callers.nobody.base_url}/docs", found[1])
    assert (await shared_callers.nobody.get(description)).json()["info"]["title"]
    assert "validatorUrl: null" in script
    assert "//" not in script


async def test_the_browser_runs_scripts_of_this_service_alone(shared_callers: Callers) -> None:
    page = await shared_callers.nobody.get("/docs")
    assert read(page.text).inline == []
    policy = page.headers["content-security-policy"]
    directives = dict(part.split(" ", 1) for part in policy.split("; "))
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == "'self'"
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "*" not in policy


@pytest.mark.parametrize("path", ["/redoc", "/docs/oauth2-redirect", "/docs/__init__.py"])
async def test_there_is_no_other_page_or_file(shared_callers: Callers, path: str) -> None:
    assert (await shared_callers.nobody.get(path)).status_code == 404


def test_the_files_are_those_that_swagger_ui_publishes() -> None:
    """The digests of `swagger-ui-dist` 5.34.0 on npm, which a new pin must meet again."""
    digests = {asset: sha256((find_assets() / asset).read_bytes()).hexdigest() for asset in Asset}
    assert digests == {
        Asset.BUNDLE: "3f6abf70480db7e07914df4c98a77385f22ea585eaf457a3e6415ba0eae2d167",
        Asset.STYLE: "c3cfe8248c4b0b89673600fb829924eafbac6de4bc4b2b06f5f5243483074d0a",
        Asset.ICON: "3ed612f41e050ca5e7000cad6f1cbe7e7da39f65fca99c02e99e6591056e5837",
    }
