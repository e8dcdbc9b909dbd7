"""The import law runs with the tests."""

import subprocess
import sys
from pathlib import Path

from tests.support.paths import ROOT


def test_a_floor_stands_only_on_the_floors_below_it() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    checked = subprocess.run(
        [lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout


def test_no_room_is_longer_than_250_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in (ROOT / "receiver").rglob("*.py")
        if (lines := len(path.read_text().splitlines())) > 250
    }
    assert long == {}
