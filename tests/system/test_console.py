"""The console in a real browser: signing in, each screen, and what a page must not do."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import Window, needs_browser, open_browser, open_window
from tests.support.service import Installation, Service, copy, open_folder

pytestmark = needs_browser

# A revoked credential is out after this time, and the request that finds out.
REFRESH_SECONDS = 0.5
EVENTS = 60


@pytest.fixture(scope="module")
def looked_at(seed: Path) -> Iterator[tuple[Installation, Service]]:
    """An installation whose devices the simulator made, and its service."""
    with open_folder() as folder:
        installation = Installation(folder)
        copy(seed, installation.data_dir)
        refresh = {"RECEIVER_CREDENTIAL_REFRESH_SECONDS": str(REFRESH_SECONDS)}
        with installation.serve(**refresh) as service:
            told = installation.run("simulate", "--count", str(EVENTS))
            assert told.returncode == 0, told.stderr
            yield installation, service


@pytest.fixture(scope="module")
def installation(looked_at: tuple[Installation, Service]) -> Installation:
    return looked_at[0]


@pytest.fixture(scope="module")
def url(looked_at: tuple[Installation, Service]) -> str:
    return looked_at[1].address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


def make_link(installation: Installation, *options: str) -> str:
    """What `receiver console` prints."""
    made = installation.run("console", *options)
    assert made.returncode == 0, made.stderr
    return made.stdout.strip()


@contextmanager
def signed_in(
    installation: Installation, url: str, browser: Browser, *options: str
) -> Iterator[Window]:
    """Opens a window at the fleet, for whom the options of `receiver console` name."""
    with open_window(browser, url) as window:
        window.page.goto(make_link(installation, *options))
        expect(window.page).to_have_url(f"{url}/console/fleet")
        yield window


def sign_in(page: Page, token: str) -> None:
    """Types a token where it is asked for."""
    page.get_by_label("Token").fill(token)
    page.keyboard.press("Enter")


def test_a_person_enters_by_a_link_looks_around_and_signs_out(
    installation: Installation, url: str, browser: Browser
) -> None:
    link = make_link(installation)
    with open_window(browser, url) as window:
        page = window.page
        page.goto(link)
        expect(page).to_have_url(f"{url}/console/fleet")
        expect(page.get_by_role("heading", level=1)).to_have_text("Fleet now")
        expect(page.get_by_role("banner")).to_contain_text("first-reader")
        page.get_by_role("button", name="Sign out").click()
        expect(page).to_have_url(f"{url}/console/sign-in")
        page.go_back()
        expect(page.get_by_label("Token")).to_be_visible()
        page.goto(link)
        expect(page.get_by_role("alert")).to_contain_text("used already")
        [complaint] = window.take_complaints()
        assert "401" in complaint


def test_links_on_pages_of_other_sites_lead_in_and_on(
    installation: Installation, url: str, browser: Browser
) -> None:
    with open_window(browser, url) as window:
        page = window.page
        for target in (make_link(installation), f"{url}/console/fleet?roaming=true"):
            page.goto("about:blank")
            page.set_content(f'<a href="{target}">Look</a>')
            page.get_by_role("link").click()
            expect(page.get_by_role("heading", level=1)).to_have_text("Fleet now")
        expect(page).to_have_url(f"{url}/console/fleet?roaming=true")


def test_a_revoked_token_is_out_within_seconds(
    installation: Installation, url: str, browser: Browser
) -> None:
    token = installation.run("credential", "create", "leaver", "--role", "reader").stdout.strip()
    with open_window(browser, url) as window:
        page = window.page
        page.goto("/console/fleet")
        sign_in(page, token)
        expect(page).to_have_url(f"{url}/console/fleet")
        installation.run("credential", "revoke", "leaver")
        page.wait_for_timeout(REFRESH_SECONDS * 2000)
        page.reload()
        expect(page.get_by_label("Token")).to_be_visible()
        sign_in(page, token)
        expect(page.get_by_role("alert")).to_be_visible()
        [complaint] = window.take_complaints()
        assert "401" in complaint


def test_the_pages_work_without_script(
    installation: Installation, url: str, browser: Browser
) -> None:
    with open_window(browser, url, java_script_enabled=False) as window:
        window.page.goto("/console/fleet")
        sign_in(window.page, installation.token("reader"))
        expect(window.page.get_by_role("heading", level=1)).to_have_text("Fleet now")


def test_signing_in_is_for_everybody_in_light_and_dark_on_a_desk_and_on_a_phone(
    url: str, browser: Browser
) -> None:
    with open_window(browser, url) as window:
        window.page.goto("/console/sign-in")
        assert window.find_faults() == []


# Below the prefix; each with the beginning of its heading and the status of its answer.
PLACES = [("fleet", "Fleet now", 200), ("nowhere", "404", 404)]


def test_each_screen_is_for_everybody_in_light_and_dark_on_a_desk_and_on_a_phone(
    installation: Installation, url: str, browser: Browser
) -> None:
    with signed_in(installation, url, browser) as window:
        faults = {}
        for place, heading, status in PLACES:
            answer = window.page.goto(f"/console/{place}")
            assert answer is not None
            assert answer.status == status
            expect(window.page.get_by_role("heading", level=1)).to_contain_text(heading)
            faults[place] = window.find_faults()
            if status != 200:
                window.take_complaints()
        assert {place: found for place, found in faults.items() if found} == {}


def test_what_a_page_must_not_do_is_noticed_and_kept_from_it(url: str, browser: Browser) -> None:
    foreign = """
        document.body.insertAdjacentHTML('beforeend', '<p style="color: red">'
            + '<img src="https://elsewhere.invalid/x.png" onerror="alert(1)">');
    """
    with open_window(browser, url) as window:
        window.page.goto("/console/sign-in")
        window.page.evaluate(foreign)
        window.page.wait_for_timeout(200)
        complaints = "\n".join(window.take_complaints())
        assert complaints.count("Content Security Policy") >= 2, complaints
