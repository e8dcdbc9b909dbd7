"""The house: the import law, the size of rooms, a test file for each module."""

import ast
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


def test_no_module_is_longer_than_250_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in (ROOT / "receiver").rglob("*.py")
        if (lines := len(path.read_text().splitlines())) > 250
    }
    assert long == {}


def test_no_room_but_the_command_line_has_more_than_twelve_files() -> None:
    rooms: dict[str, int] = {}
    for path in (ROOT / "receiver").rglob("*.py"):
        room = str(path.parent.relative_to(ROOT))
        rooms[room] = rooms.get(room, 0) + 1
    del rooms["receiver/cli"]
    assert {room: files for room, files in rooms.items() if files > 12} == {}


def test_every_module_has_the_test_file_that_its_name_says() -> None:
    modules = [path.relative_to(ROOT / "receiver") for path in (ROOT / "receiver").rglob("*.py")]
    missing = [
        str(module)
        for module in modules
        if not module.name.startswith("__")
        and not (ROOT / "tests" / module.parent / f"test_{module.name}").is_file()
    ]
    assert missing == []


def test_no_test_waits_for_a_table_in_the_loop_that_may_hold_it() -> None:
    """`tests.support.tables` changes tables beside the loop."""
    waiting = []
    for path in (ROOT / "tests").rglob("test_*.py"):
        tests = (
            node
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.AsyncFunctionDef)
        )
        calls = (
            node
            for test in tests
            for node in ast.walk(test)
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "connection.execute"
        )
        waiting += [
            f"{path.relative_to(ROOT)}:{call.lineno}"
            for call in calls
            if ast.unparse(call.args[0]).lstrip("f").startswith(("'ALTER TABLE", "'DROP TABLE"))
        ]
    assert waiting == []
