"""`docs/first-ten-minutes.sh`, from an empty folder: what a newcomer does first, and sees.

The long form installs the service as the script says; the short one has it installed already.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.support.between import skip_behind_pooler
from tests.support.paths import DOCS
from tests.support.service import Installation, living, open_folder, processes_of

SCRIPT = DOCS / "first-ten-minutes.sh"
NEEDED = ("bash", "curl")
# Ten minutes, of which most are for the registry of packages where that is slow.
SCRIPT_SECONDS = 600

STEPS = [
    "Install",
    "Start it in the background, on a free port, with its own Postgres",
    "Send the stories of twenty phones, which reach until now",
    "See it: open the link that was printed, which signs in once",
    "Store a notification of your own, and be told that it is stored",
    "Ask what is true of the phone now",
    "Ask for its history",
    "Report with SQL",
    "Examine the installation",
    "Stop it",
]

pytestmark = [
    skip_behind_pooler("a first start makes the embedded Postgres"),
    pytest.mark.skipif(
        any(shutil.which(program) is None for program in NEEDED),
        reason="the script needs bash and curl",
    ),
]


@pytest.fixture
def home() -> Iterator[Path]:
    """Two folders: `first`, which only its owner may enter, and `tmp` for temporary files."""
    with open_folder() as folder:
        (folder / "first").mkdir(mode=0o700)
        (folder / "tmp").mkdir()
        yield folder


def run_script(home: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """Returns what each step printed; the script leaves nothing running."""
    environment = Installation(home).environment(TMPDIR=str(home / "tmp"), **settings)
    del environment["RECEIVER_DATA_DIR"]
    ran = subprocess.run(
        ["bash", str(SCRIPT)],  # noqa: S607 - as a reader runs it
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=home / "first",
        env=environment,
        timeout=SCRIPT_SECONDS,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert living(processes_of(home)) == []
    parts = re.split(r"^== (.*)$", ran.stdout, flags=re.MULTILINE)[1:]
    return dict(zip((title.partition(";")[0] for title in parts[::2]), parts[1::2], strict=True))


def judge(told: Mapping[str, str]) -> None:
    assert list(told) == STEPS
    _, start, simulate, see, store, status, history, report, examine, stop = told.values()
    assert start.count("curl ") == 2
    assert re.search(r"^204 +400$", simulate, re.MULTILINE)
    assert see.startswith("\n200\n<title>Fleet · Device Status Receiver</title>\n")
    assert re.search(r"^For your browser: http://127\.0\.0\.1:\d+/console/enter\?key=", see, re.M)
    assert "1 checked: 1 clean" in store
    assert store.strip().endswith("\n204")
    assert '"roaming":{"value":true' in status
    assert '"countryName":["FR"]' in status
    assert '"eventId":"my-first-notification"' in history
    assert re.search(r"^ \+99999991000 +\| t +\| FR ", report, re.MULTILINE)
    assert "ok       post and read back" in examine
    assert stop == "\nstopped\n"


def test_the_first_ten_minutes_end_with_an_answer_at_every_step(home: Path) -> None:
    judge(run_script(home, {"PYTHON": sys.executable}))


@pytest.mark.long
def test_the_first_ten_minutes_begin_with_an_empty_folder(home: Path) -> None:
    told = run_script(home, {})
    assert (home / "first" / ".venv" / "bin" / "receiver").is_file()
    judge(told)
