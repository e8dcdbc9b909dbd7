"""`receiver spool list` tells how much lies where, and nothing of what was sent."""

import asyncio
import json
from pathlib import Path

import pytest

from tests.support.arrivals import arrival
from tests.support.command_line import error_of, run
from tests.support.spooling import spool_in


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "spool"
    monkeypatch.setenv("RECEIVER_SPOOL_DIR", str(folder))
    return folder


async def fill(folder: Path, *counts: int) -> None:
    """Leaves files with so many records."""
    spool = spool_in(folder)
    for count in counts:
        await spool.append([arrival(number) for number in range(count)])
        await spool.seal()
    await spool.aclose()


def test_a_folder_that_is_empty_or_not_made_yet_has_nothing(folder: Path) -> None:
    for _ in range(2):
        ended = run("spool", "list")
        assert (ended.status, ended.stdout.split()[-2:]) == (0, ["0", "0"])
        folder.mkdir(exist_ok=True)
    assert json.loads(run("spool", "list", "--json").stdout) == []


def test_each_file_has_a_line_without_content_and_the_last_line_is_the_sum(folder: Path) -> None:
    asyncio.run(fill(folder, 2, 3))
    [first, second] = sorted(folder.iterdir())
    first.rename(first.with_suffix(".damaged"))
    ended = run("spool", "list")
    lines = [line.split() for line in ended.stdout.splitlines()]
    assert lines[0] == ["FILE", "BEGUN", "RECORDS", "BYTES", "STATE"]
    assert [line[1] for line in lines[1:3]] == ["2026-03-01T08:00:00Z"] * 2
    assert {line[4] for line in lines[1:3]} == {"damaged", "closed"}
    size = sum(file.stat().st_size for file in folder.iterdir())
    assert lines[3] == ["5", str(size)]
    assert not any(word in ended.stdout for word in ("99999991000", "operator", "event-1"))
    items = json.loads(run("spool", "list", "--json").stdout)
    assert [item["records"] for item in items if item["file"] == second.name] == [
        int(line[2]) for line in lines[1:3] if line[0] == second.name
    ]


def test_what_is_no_folder_is_one_line(folder: Path) -> None:
    folder.touch()
    assert error_of(run("spool", "list")) == "RECEIVER_SPOOL_DIR: Not a directory"
