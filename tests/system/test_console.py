"""The console in a real browser: signing in, each screen, and what a page must not do."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.between import seeded
from tests.support.browser import LOOKS, Window, needs_browser, open_browser, open_window
from tests.support.device_story import FILE, PHONE_NUMBER, WEEK
from tests.support.lengths import lengths
from tests.support.paths import ROOT
from tests.support.service import Installation, Service, notification

pytestmark = needs_browser

# A revoked credential is out after this time, and the request that finds out.
REFRESH_SECONDS = 0.5
EVENTS = 60


@pytest.fixture(scope="module")
def looked_at(seed: Path) -> Iterator[tuple[Installation, Service]]:
    """An installation whose devices the simulator made, and its service."""
    with seeded(seed) as installation:
        refresh = {"RECEIVER_CREDENTIAL_REFRESH_SECONDS": str(REFRESH_SECONDS)}
        with installation.serve(**refresh) as service:
            for told in (
                installation.run("simulate", "--count", str(EVENTS)),
                installation.run("import", str(FILE), "--credential", "first-sink"),
            ):
                assert told.returncode == 0, told.stderr
            installation.create("boss", "admin")
            assert service.post({}, installation.token("sink")) == 400
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
    made = installation.run_here("console", *options)
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
    token = installation.create("leaver", "reader")
    with open_window(browser, url) as window:
        page = window.page
        page.goto("/console/fleet")
        sign_in(page, token)
        expect(page).to_have_url(f"{url}/console/fleet")
        installation.run_here("credential", "revoke", "leaver")
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
PLACES = [
    ("fleet", "Fleet now", 200),
    ("fleet?roaming=true", "Fleet now", 200),
    ("live", "Live", 200),
    ("senders", "Senders", 200),
    ("senders/sources?credential=first-sink", "first-sink", 200),
    ("senders/findings/phone-number-without-plus", "", 200),
    ("quarantine", "Quarantine", 200),
    ("subscriptions?show=all", "Subscriptions", 200),
    ("subscriptions/one?credential=first-sink&subscription=reachability-1", "reachability-1", 200),
    ("subscriptions/tell", "Register a subscription", 200),
    ("nowhere", "404", 404),
]


@pytest.mark.parametrize("looks", lengths(2, len(LOOKS)))
def test_each_screen_is_for_everybody_in_light_and_dark_on_a_desk_and_on_a_phone(
    installation: Installation, url: str, browser: Browser, looks: int
) -> None:
    chosen = LOOKS[:looks]
    with signed_in(installation, url, browser, "--credential", "boss") as window:
        page, faults = window.page, {}
        for place, heading, status in PLACES:
            answer = page.goto(f"/console/{place}")
            assert answer is not None
            assert (place, answer.status) == (place, status)
            expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
            faults[place] = window.find_faults(chosen)
            if status != 200:
                window.take_complaints()
        find_device(page, PHONE_NUMBER)
        faults["device"] = window.find_faults(chosen)
        page.goto(f"{page.url}{WEEK}")
        faults["week"] = window.find_faults(chosen)
        page.get_by_role("row").nth(1).get_by_role("link").first.click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        faults["event"] = window.find_faults(chosen)
        assert {place: found for place, found in faults.items() if found} == {}


def find_device(page: Page, identifier: str) -> None:
    """Types an identifier into the bar at the top."""
    page.set_viewport_size({"width": 1400, "height": 900})
    page.get_by_role("searchbox").fill(identifier)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(identifier)


def test_a_simulated_device_is_found_from_the_fleet_and_by_its_number(
    installation: Installation, url: str, browser: Browser, looked_at: tuple[Installation, Service]
) -> None:
    with signed_in(installation, url, browser) as window:
        page = window.page
        simulated = page.locator("table.devices th a", has_text="+").filter(
            has_not_text=PHONE_NUMBER
        )
        number = simulated.first.inner_text()
        simulated.first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text(number)
        place = page.url
        page.goto("/console/fleet")
        find_device(page, number)
        expect(page).to_have_url(place)
        expect(page.locator("svg.desk")).to_be_visible()
        reader = looked_at[1].ask_as(installation.token("reader"))
        roaming = reader.get_status(place.rsplit("/", 1)[1]).roaming
        word = "Unknown" if roaming.unknown else "Roaming" if roaming.value else "Home"
        expect(page.locator(".card", has_text="Roaming").first).to_contain_text(word)


def test_a_device_is_found_and_its_week_is_drawn_with_bands_and_countries(
    installation: Installation, url: str, browser: Browser
) -> None:
    with signed_in(installation, url, browser) as window:
        page = window.page
        find_device(page, PHONE_NUMBER)
        assert PHONE_NUMBER[1:] not in page.url
        page.goto(f"{page.url}{WEEK}")
        drawing = page.locator("svg.desk")
        expect(drawing).to_be_visible()
        titles = drawing.locator("title").all_text_contents()
        for word in ("Data", "Not connected", "France", "Spain", "5G", "Unknown"):
            assert any(f": {word}" in title for title in titles), word
        expect(page.get_by_role("table").last).to_contain_text("phone number without plus")
        page.get_by_role("link", name="2026-04-15 21:14:00").click()
        expect(page.locator("main")).to_contain_text("phone-number-without-plus")
        expect(page.locator("pre").first).to_contain_text("99999992000")


def test_an_event_arrives_live_and_waits_while_the_page_is_paused(
    installation: Installation, url: str, browser: Browser, looked_at: tuple[Installation, Service]
) -> None:
    service, sink = looked_at[1], installation.token("sink")
    with signed_in(installation, url, browser) as window:
        page = window.page
        page.goto("/console/live?name=roaming-status")
        expect(page.get_by_role("status")).to_have_text("Listening.")
        assert service.post(notification(phone_number="+99999990871"), sink) == 204
        expect(page.get_by_role("row").nth(1)).to_contain_text("+99999990871")
        page.get_by_role("button", name="Pause").click()
        assert service.post(notification(phone_number="+99999990872"), sink) == 204
        expect(page.get_by_role("status")).to_have_text("Paused: 1 more arrived.")
        expect(page.get_by_role("row").nth(1)).to_contain_text("+99999990871")
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_role("row").nth(1)).to_contain_text("+99999990872")


def test_whoever_watches_with_a_revoked_token_is_told(
    installation: Installation, url: str, browser: Browser
) -> None:
    installation.create("watcher", "reader")
    with signed_in(installation, url, browser, "--credential", "watcher") as window:
        window.page.goto("/console/live")
        expect(window.page.get_by_role("status")).to_have_text("Listening.")
        installation.run_here("credential", "revoke", "watcher")
        expect(window.page.get_by_role("status")).to_contain_text("session is over")


def test_an_admin_has_a_refused_notification_looked_at_again(
    installation: Installation, url: str, browser: Browser
) -> None:
    phone = "+99999990873"
    understood = json.dumps(notification("by-now", phone)).replace("'", "''")
    installation.ask(
        f"UPDATE quarantine SET body = convert_to('{understood}', 'UTF8') WHERE id = 1"  # noqa: S608 - from above
    )
    with signed_in(installation, url, browser, "--credential", "boss") as window:
        page = window.page
        page.goto("/console/senders")
        page.get_by_role("link", name="Quarantine").click()
        page.locator("td.time a").first.click()
        page.get_by_role("button", name="Look at it again").click()
        expect(page.get_by_role("status")).to_contain_text("Understood and stored")
        page.get_by_role("status").get_by_role("link").click()
        expect(page.locator("main")).to_contain_text(phone)


HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(1)>{{7*7}}\u202e'


def test_whatever_a_sender_writes_is_text_on_every_screen(
    installation: Installation, url: str, browser: Browser, looked_at: tuple[Installation, Service]
) -> None:
    service, sink = looked_at[1], installation.token("sink")
    event = notification(HOSTILE, "+99999990874")
    event["type"] = f"org.example.{HOSTILE}"
    event["source"] = f"https://operator.invalid/{HOSTILE}"
    event["data"]["subscriptionId"] = HOSTILE
    event["data"]["countryName"] = [HOSTILE]
    event["data"]["terminationDescription"] = HOSTILE
    event["data"]["device"]["networkAccessIdentifier"] = f"{HOSTILE}@operator.invalid"
    event["data"][HOSTILE] = HOSTILE
    # The status of the first says that its type is not one of ours.
    assert service.post(event, sink) == 204
    event["id"], event["type"] = "2", notification()["type"]
    assert service.post(event, sink) == 204
    with signed_in(installation, url, browser, "--credential", "boss") as window:
        page = window.page
        find_device(page, "+99999990874")
        places = [page.url]
        page.get_by_role("row").nth(1).get_by_role("link").first.click()
        places += [page.url, *(f"{url}/console/{place}" for place, *_ in PLACES[:9])]
        subscription = quote(HOSTILE)
        places.append(
            f"{url}/console/subscriptions/one?credential=first-sink&subscription={subscription}"
        )
        for place in places:
            page.goto(place)
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            assert page.locator("main script, main img").count() == 0, place
            assert "49" not in page.locator("bdi").all_text_contents()


# The picture of the README. It is written anew with RECEIVER_PICTURES set.
PICTURE = ROOT / "docs" / "pictures" / "device.png"


def test_the_picture_of_the_readme_is_the_page_of_a_device(
    installation: Installation, url: str, browser: Browser
) -> None:
    with signed_in(installation, url, browser) as window:
        page = window.page
        find_device(page, PHONE_NUMBER)
        page.set_viewport_size({"width": 1400, "height": 800})
        page.goto(f"{page.url}{WEEK}")
        bottom = page.locator("svg.desk").bounding_box()
        assert bottom is not None
        size = {"x": 0, "y": 0, "width": 1400, "height": bottom["y"] + bottom["height"] + 52}
        picture = page.screenshot(clip=size, full_page=True)  # type: ignore[arg-type]
        if "RECEIVER_PICTURES" in os.environ:
            PICTURE.write_bytes(picture)
        # Width and height stand in the first chunk of a PNG; letters differ between machines.
        assert PICTURE.read_bytes()[16:20] == picture[16:20]


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
