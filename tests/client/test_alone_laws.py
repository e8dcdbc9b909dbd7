"""The client runs where httpx is installed and nothing else."""

import asyncio
import re
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

from tests.support.both_clients import url_of
from tests.support.callers import Callers
from tests.support.paths import ROOT

SECONDS = 60

PROGRAM = """
import sys
from receiver.client import Client, Unauthenticated

url, token = sys.argv[1:]
with Client(url, token=token) as client:
    print(client.get_liveness().status, len(client.list_events().items))
    try:
        client.with_options(token="unknown").list_events()
    except Unauthenticated as error:
        print(error.code)
"""


def needed(name: str) -> set[str]:
    """A distribution and all that it needs, extras apart."""
    required = [
        re.split(r"[^\w.-]", one, maxsplit=1)[0]
        for one in distribution(name).requires or ()
        if "extra ==" not in one and "python_version" not in one
    ]
    return {name}.union(*map(needed, required))


def lay_out(folder: Path) -> None:
    """Links the package, httpx and what httpx needs into a folder, as an installation would."""
    (folder / "receiver").symlink_to(ROOT / "receiver")
    for name in needed("httpx"):
        for file in distribution(name).files or ():
            top = file.parts[0]
            if top != ".." and not (folder / top).is_symlink():
                (folder / top).symlink_to(Path(str(distribution(name).locate_file(top))))


async def test_the_client_asks_a_service_without_the_dependencies_of_the_service(
    shared_callers: Callers, tmp_path: Path
) -> None:
    lay_out(tmp_path)
    assert {"httpx", "receiver"} <= {path.name for path in tmp_path.iterdir()}
    assert not {"pydantic", "psycopg", "fastapi"} & {path.name for path in tmp_path.iterdir()}
    ran = await asyncio.to_thread(
        subprocess.run,
        # -S: without the packages of this environment.
        [sys.executable, "-S", "-c", PROGRAM, url_of(shared_callers), "token-of-reader"],
        env={"PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert ran.stdout.split() == ["alive", "0", "UNAUTHENTICATED"], ran.stderr
