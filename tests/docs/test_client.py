"""The page of the Python client: each of its programs runs as it stands."""

import asyncio
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from receiver.client import errors
from receiver.client.errors import ClientError
from receiver.events.examples import NOTIFICATION
from receiver.store.credentials.credentials import Role, create_credential, token_digest
from tests.support.both_clients import url_of
from tests.support.callers import Callers
from tests.support.documented import documented
from tests.support.paths import DOCS, ROOT

PAGE = (DOCS / "client.md").read_text(encoding="utf-8")
PROGRAMS = {
    block.heading: (block.text, block.shown or "")
    for block in documented("docs/client.md", "python")
}
ROLES = {"Register a subscription": "registrar"}
ENDLESS = "Follow what changes"
TEST = "Test one's own program with a notification"
SECONDS = 60

TYPING_SECONDS = 300

WRONG = """from receiver.client import Client

with Client("http://127.0.0.1:8000") as client:
    client.retrieve_status(phone="+99999991000")
    client.iterate_events(knd="roaming")
    client.iterate_devices(roaming="yes")
    client.list_intervals("0cf92697-7e55-59a0-a71e-a4876ae604a2")
    client.summarize_fleet().device
"""

ANSWERED = {
    "id": "sub-4711",
    "types": [NOTIFICATION["type"]],
    "config": {"subscriptionDetail": {}},
    "expiresAt": "2031-05-17T07:00:00Z",
}


@pytest.fixture(scope="module", autouse=True)
def first_sink(callers_conninfo: str) -> None:
    """The credential that the page names."""
    create_credential(callers_conninfo, "first-sink", Role.SINK, token_digest("token"), None)


def environment(callers: Callers, role: str) -> dict[str, str]:
    """What a program finds: the service, its tokens, and this package."""
    ours = ("PYTHON", "PYTEST")
    outer = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return outer | {
        "PYTHONPATH": str(ROOT),
        "RECEIVER_URL": url_of(callers),
        "RECEIVER_TOKEN": f"token-of-{role}",
        "RECEIVER_SINK_TOKEN": "token-of-sink",
    }


def write(folder: Path, title: str) -> Path:
    """Writes a program of the page, and what it reads."""
    program = folder / "test_program.py"
    program.write_text(PROGRAMS[title][0])
    (folder / "answer.json").write_text(json.dumps(ANSWERED))
    return program


async def post_example(callers: Callers, **changed: Any) -> None:
    assert (await callers.post({**NOTIFICATION, **changed})).status_code == 204


def test_the_page_has_its_recipes() -> None:
    assert len(PROGRAMS) == 6
    assert {ENDLESS, TEST} | ROLES.keys() <= PROGRAMS.keys()


@pytest.mark.parametrize("title", [title for title in PROGRAMS if title not in (ENDLESS, TEST)])
async def test_a_program_prints_what_the_page_says(
    emptied_callers: Callers, title: str, tmp_path: Path
) -> None:
    await post_example(emptied_callers)
    ran = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, str(write(tmp_path, title))],
        cwd=tmp_path,
        env=environment(emptied_callers, ROLES.get(title, "reader")),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert (ran.stdout, ran.stderr) == (PROGRAMS[title][1], "")


async def test_the_test_of_the_page_passes(emptied_callers: Callers, tmp_path: Path) -> None:
    ran = await asyncio.to_thread(
        subprocess.run,
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            str(write(tmp_path, TEST)),
        ],
        cwd=tmp_path,
        env=environment(emptied_callers, "reader"),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert ran.stdout.splitlines()[-1].startswith("1 passed"), ran.stdout


async def test_the_endless_program_reacts_and_goes_on_where_it_was(
    emptied_callers: Callers, tmp_path: Path
) -> None:
    await post_example(emptied_callers)
    [stored] = (await emptied_callers.reader.get("/events")).json()["items"]
    place = tmp_path / "last-event-id"
    place.write_text(stored["id"])
    environ = environment(emptied_callers, "reader")
    for number in ("+99999991001", "+99999991002"):
        device = {"device": {"phoneNumber": number}}
        await post_example(emptied_callers, id=number, data={**NOTIFICATION["data"], **device})
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, write(tmp_path, ENDLESS)),
            cwd=tmp_path,
            env=environ,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        try:
            async with asyncio.timeout(SECONDS):
                while f"went abroad: {number}\n".encode() != await process.stdout.readline():
                    assert process.returncode is None
        finally:
            process.terminate()
            await process.wait()
    assert PROGRAMS[ENDLESS][1] == "went abroad: +99999991000\n"
    assert place.read_text() != stored["id"]


def test_the_programs_are_typed(tmp_path: Path) -> None:
    """Strictly, as those who read them check their own; what is misspelt is an error."""
    for number, (program, _) in enumerate(PROGRAMS.values()):
        (tmp_path / f"program_{number}.py").write_text(program)
    (tmp_path / "wrong.py").write_text(WRONG)
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", tmp_path / "cache", tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=TYPING_SECONDS,
        check=False,
    )
    *lines, total = checked.stdout.splitlines()
    assert [
        re.sub(r"^.*/(wrong.py:\d+): error: .*\[([a-z-]+)\]$", r"\1 \2", line) for line in lines
    ] == [
        "wrong.py:4 call-arg",
        "wrong.py:5 call-arg",
        "wrong.py:6 arg-type",
        "wrong.py:7 call-arg",
        "wrong.py:8 attr-defined",
    ]
    assert total.startswith("Found 5 errors in 1 file")


def test_the_errors_of_the_page_are_those_of_the_client() -> None:
    table = re.findall(r"^\| (`.*?`) \|", PAGE, re.M)
    told = {name for row in table for name in re.findall(r"`(\w+)`", row)}
    leaves = {
        name
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, ClientError) and not kind.__subclasses__()
    }
    assert told == leaves
