"""`receiver export`: a whole file or none, in every format, of everything that is exported."""

import asyncio
import json
import re
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from pyarrow import parquet
from pydantic.alias_generators import to_camel

from tests.support.arrivals import arrival
from tests.support.command_line import Ended, error_of, run
from tests.support.exported import read_csv
from tests.support.processes import until
from tests.support.store.history import store


@pytest.fixture
def filled(conninfo: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DATABASE_URL", conninfo)
    asyncio.run(store(conninfo, [arrival(number) for number in range(3)]))
    return conninfo


def told(ended: Ended) -> str:
    """Returns the last line, behind the audit line."""
    assert len(ended.stderr.splitlines()) == 2
    return ended.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["-o", "e.csv"], ("events", 3, "ok")),
        (["-o", "d.csv", "--what", "devices"], ("devices", 1, "ok")),
        (["-o", "no-folder/e.csv"], ("events", 0, "configuration-error")),
    ],
)
def test_each_export_leaves_an_audit_line_that_says_how_it_ended(
    filled: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    expected: tuple[str, int, str],
) -> None:
    monkeypatch.setenv("RECEIVER_LOG_FORMAT", "json")
    monkeypatch.chdir(tmp_path)
    line = json.loads(run("export", *arguments).stderr.splitlines()[0])
    keys = ("action", "door", "what", "items", "outcome")
    assert tuple(line[key] for key in keys) == ("exports.read", "command line", *expected)
    assert "correlator" in line


def test_a_database_with_pending_migrations_is_refused(
    monkeypatch: pytest.MonkeyPatch, empty_conninfo: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_conninfo)
    assert "run `receiver migrate` first" in error_of(run("export", "-o", "x"))


def test_the_name_decides_the_format_and_the_last_line_says_how_to_go_on(
    filled: str, tmp_path: Path
) -> None:
    for name in ("e.ndjson", "e.csv", "e.parquet", "e.json"):
        ended = run("export", "-o", str(tmp_path / name))
        assert (ended.status, ended.stdout) == (0, "")
        assert re.fullmatch(
            r"3 events, stored before \S+Z; go on with --after-id=[\w-]{43}", told(ended)
        )
    names = ["event-0", "event-1", "event-2"]
    for name in ("e.ndjson", "e.json"):
        lines = (tmp_path / name).read_text().splitlines()
        assert sorted(json.loads(line)["eventId"] for line in lines) == names
    found = [row["sender_event_id"] for row in read_csv((tmp_path / "e.csv").read_bytes())]
    assert sorted(found) == names
    typed = parquet.read_table(tmp_path / "e.parquet")
    assert sorted(typed["sender_event_id"].to_pylist()) == names
    rest = run("export", "-o", str(tmp_path / "rest"), ended.stderr.split()[-1])
    assert told(rest).startswith("0 events, stored before ")
    asyncio.run(store(filled, [arrival(3)]))
    rest = run("export", "-o", str(tmp_path / "rest"), ended.stderr.split()[-1])
    assert json.loads((tmp_path / "rest").read_text())["eventId"] == "event-3"


def test_filters_are_those_of_the_call(filled: str, tmp_path: Path) -> None:
    path = str(tmp_path / "e.csv")
    for filters, count in (
        (["--kind", "roaming", "--finding", "time-without-zone"], 3),
        (["--credential", "nobody"], 0),
        (["--occurred-from", "2026-03-01T08:00:01Z", "--occurred-to", "2026-03-01T08:00:02Z"], 1),
        (["--type", "a", "--name", "roaming-status", "--source", "b"], 0),
    ):
        assert told(run("export", "-o", path, *filters)).startswith(f"{count} events")
    assert error_of(run("export", "-o", path, "--received-to", "today")).startswith("receivedTo: ")
    assert error_of(run("export", "-o", path, "--after-id", "x")).startswith("afterId: ")
    wrong = error_of(run("export", "-o", path, "--kind", "roaming", "--what", "devices"))
    assert wrong == "filters are of events; the other exports are whole"


@pytest.mark.parametrize("what", ["devices", "sessions", "subscriptions"])
def test_what_is_derived_is_exported_with_what_was_stored_last(
    filled: str, tmp_path: Path, what: str
) -> None:
    for format_ in ("ndjson", "csv", "parquet"):
        ended = run("export", "--what", what, "-o", str(tmp_path / format_), "--format", format_)
        assert (ended.status, told(ended)) == (0, f"1 {what}")
    by_name = json.loads((tmp_path / "ndjson").read_text())
    [row] = read_csv((tmp_path / "csv").read_bytes())
    [typed] = parquet.read_table(tmp_path / "parquet").to_pylist()
    assert list(row) == list(typed)
    assert list(by_name) == [to_camel(name) for name, value in typed.items() if value is not None]


COMMAND = [sys.executable, "-m", "receiver", "export", "-o"]


def test_stdout_has_the_export_and_nothing_else(filled: str) -> None:
    ended = subprocess.run([*COMMAND, "-"], capture_output=True, check=True)
    found = [json.loads(line)["eventId"] for line in ended.stdout.splitlines()]
    assert sorted(found) == ["event-0", "event-1", "event-2"]
    assert ended.stderr.splitlines()[-1].startswith(b"3 events")


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_a_killed_export_leaves_nothing(filled: str, tmp_path: Path, end: signal.Signals) -> None:
    # Its first page waits for this lock.

    path = tmp_path / "folder" / "events.csv"
    path.parent.mkdir()
    with psycopg.connect(filled) as holder:
        holder.execute("LOCK TABLE event IN ACCESS EXCLUSIVE MODE")
        exporting = subprocess.Popen([*COMMAND, str(path)], stderr=subprocess.PIPE)
        try:
            assert until(lambda: _has_deleted_file(exporting.pid, path.parent))
            exporting.send_signal(end)
            exporting.wait()
        finally:
            exporting.kill()
            _, said = exporting.communicate()
    assert exporting.returncode != 0
    assert (b"cut-off" in said) is (end is signal.SIGTERM)
    assert list(path.parent.iterdir()) == []


def _has_deleted_file(pid: int, folder: Path) -> bool:
    """Tells whether a process has a file open that has no name in a folder."""
    for each in Path(f"/proc/{pid}/fd").iterdir():
        # It may be closed by now.
        with suppress(FileNotFoundError):
            if str(each.readlink()).startswith(str(folder)):
                return True
    return False
