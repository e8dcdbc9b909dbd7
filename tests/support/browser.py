"""A real browser before the service: Debian's Chromium, which reaches this machine alone.

What a page logs, breaks, is refused by its policy, or asks of others is a complaint. A window that
closes with complaints fails its test.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request
from playwright.sync_api import sync_playwright as start_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)

needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")

OPTIONS = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    # The browser itself would ask its makers for news.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--no-proxy-server",
)
TIMEOUT_MILLISECONDS = 30_000

Scheme = Literal["light", "dark"]

# Pixels: of a desk and of a phone, each with a height.
Size = tuple[int, int]
WIDE, NARROW = (1400, 900), (390, 844)

# What a page is looked at in. The first two have each size and each scheme once.
Look = tuple[Size, Scheme]
LOOKS: Sequence[Look] = (
    (WIDE, "light"),
    (NARROW, "dark"),
    (WIDE, "dark"),
    (NARROW, "light"),
)

# What axe-core calls worse than a detail.
IMPACTS = {"moderate", "serious", "critical"}
RUN_AXE = "axe.run(document, {resultTypes: ['violations']})"

# How many pixels the page is wider than its window.
OVERHANG = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

# The texts of pictures that reach out of their picture, by a pixel and more.
CUT_OFF = """
[...document.querySelectorAll('svg text')].filter(text => {
  const inner = text.getBoundingClientRect(), outer = text.ownerSVGElement.getBoundingClientRect();
  return inner.width > 0 && (inner.left < outer.left - 1 || inner.right > outer.right + 1
    || inner.top < outer.top - 1 || inner.bottom > outer.bottom + 1);
}).map(text => text.textContent)
"""


@dataclass(slots=True)
class Window:
    """A window of a person of their own: nobody else has its cookies.

    Attributes:
        page: what Playwright drives; its paths are those of the service.
        complaints: in the order of their coming.
    """

    page: Page
    complaints: list[str] = field(default_factory=list)

    def take_complaints(self) -> list[str]:
        """Returns the complaints so far, which a test expected."""
        taken, self.complaints = self.complaints, []
        return taken

    def find_faults(self, looks: Sequence[Look] = LOOKS) -> list[str]:
        """Returns what is wrong with the page in light and dark, on a desk and on a phone.

        That is each rule of axe-core that is broken, a page wider than its window, and text that
        is cut off at the edge of its picture.
        """
        faults = []
        self.page.evaluate(Axe().axe_script)
        for (width, height), scheme in looks:
            self.page.set_viewport_size({"width": width, "height": height})
            self.page.emulate_media(color_scheme=scheme)
            found = [
                f"{one['id']} ({one['impact']}): {node['html']}"
                for one in self.page.evaluate(RUN_AXE)["violations"]
                if one["impact"] in IMPACTS
                for node in one["nodes"]
            ]
            faults += [f"{scheme}, {width}: {one}" for one in found]
            overhang = self.page.evaluate(OVERHANG)
            if overhang > 0:
                faults.append(f"{width}: {overhang} pixels wider than the window")
            faults += [f"{width}: cut off: {text}" for text in self.page.evaluate(CUT_OFF)]
        return faults


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Runs a browser without a screen, for the length of the block."""
    with start_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=list(OPTIONS), timeout=TIMEOUT_MILLISECONDS
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def open_window(browser: Browser, url: str, **options: Any) -> Iterator[Window]:
    """Opens a window on a service, for the length of the block.

    Args:
        url: of the service.
        options: of Playwright's `new_context`, such as `java_script_enabled`.

    Raises:
        AssertionError: a complaint is left.
    """
    width, height = WIDE
    context: BrowserContext = browser.new_context(
        base_url=url, viewport={"width": width, "height": height}, **options
    )
    try:
        context.set_default_timeout(TIMEOUT_MILLISECONDS)
        window = Window(context.new_page())
        _listen(window, url)
        yield window
        complaints = window.complaints
        assert complaints == [], complaints
    finally:
        context.close()


def _listen(window: Window, url: str) -> None:
    def note_message(message: ConsoleMessage) -> None:
        window.complaints.append(f"{message.type}: {message.text}")

    def note_error(error: Any) -> None:
        window.complaints.append(f"script: {error}")

    def note_request(request: Request) -> None:
        if not request.url.startswith(f"{url}/"):
            window.complaints.append(f"elsewhere: {request.url}")

    window.page.on("console", note_message)
    window.page.on("pageerror", note_error)
    window.page.on("request", note_request)
