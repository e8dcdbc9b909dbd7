"""The commands of `docs/senders.md`, run as they stand: they print what the page shows."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.documented import documented
from tests.support.paths import DOCS
from tests.support.service import Installation, Service, open_folder

PAGE = (DOCS / "senders.md").read_text(encoding="utf-8")
# Each with what the page shows of its output, if it does.
EXAMPLES = [(block.text, block.shown or "") for block in documented("docs/senders.md", "sh")]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Where a reader of the page works."""
    with open_folder() as folder:
        yield folder


@pytest.mark.parametrize(("command", "shown"), EXAMPLES, ids=["all", "some", "check", "written"])
def test_a_command_of_the_page_prints_what_the_page_shows(
    service: Service, shared_installation: Installation, folder: Path, command: str, shown: str
) -> None:
    here = command.replace("http://127.0.0.1:8000", service.address).replace(
        "/var/lib/device-status-receiver", str(shared_installation.data_dir)
    )
    ran = subprocess.run(
        ["bash", "-ec", here],  # noqa: S607 - a command of the page, as a reader runs it
        env={"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert shown in ran.stdout


def test_the_written_reports_have_the_members_of_the_page(folder: Path) -> None:
    document = json.loads((folder / "report.json").read_text())
    rows = re.findall(r"^\| (`.*?`) \| .* \|$", PAGE, re.MULTILINE)
    told = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert {*document, "lateness"} == told - {"MUST", "SHOULD", "MAY", "information"}
    assert "phone-number-without-plus" in (folder / "report.html").read_text()
