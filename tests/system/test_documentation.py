"""`/docs` in a real browser: it shows every call, and nothing it loads comes from elsewhere."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.service import Service

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER = next(filter(None, map(shutil.which, BROWSERS)), None)
BROWSER_SECONDS = 120

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed")


def open_page(url: str, folder: Path) -> tuple[str, str, list[dict[str, Any]]]:
    """Returns the page as rendered, what the browser logged, and the requests it began."""
    network = folder / "network.json"
    ran = subprocess.run(
        [
            str(BROWSER),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            f"--user-data-dir={folder / 'profile'}",
            # The browser itself would ask its makers for news.
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            "--no-proxy-server",
            "--enable-logging=stderr",
            f"--log-net-log={network}",
            "--virtual-time-budget=20000",
            "--dump-dom",
            url,
        ],
        capture_output=True,
        text=True,
        timeout=BROWSER_SECONDS,
        check=True,
    )
    log = json.loads(network.read_text())
    begun = log["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"]
    requests = [one["params"] for one in log["events"] if one["type"] == begun and "params" in one]
    return ran.stdout, ran.stderr, requests


def test_a_browser_shows_every_call_and_loads_nothing_from_elsewhere(
    service: Service, tmp_path: Path
) -> None:
    page, logged, requests = open_page(f"{service.address}/docs", tmp_path)
    described = service.http.get("/openapi.json").json()
    assert set(re.findall(r'data-path="([^"]*)"', page)) == set(described["paths"])
    shown = list(dict.fromkeys(re.findall(r'data-tag="([^"]*)"', page)))
    assert shown == [tag["name"] for tag in described["tags"]]
    of_the_page = {one["url"] for one in requests if one.get("initiator") == service.address}
    assert f"{service.address}/openapi.json" in of_the_page
    assert [url for url in of_the_page if not url.startswith(f"{service.address}/")] == []
    # What the policy keeps back is not requested, and is an error on the console.
    assert "Content Security Policy" not in logged
    assert [line for line in logged.splitlines() if ":CONSOLE" in line] == []
