"""An installation of the product, complete, by its own command alone.

The command is all that is used of it, so that another installation, whatever its release, is
measured as this one is.
"""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmark.contenders.contender import HOST, Instance, Place, serve
from benchmark.machine import processes

RECEIVER = (Path(sys.executable).with_name("receiver"),)
# No command finds modules of this checkout there, but those that it was installed with.
ELSEWHERE = Path("/")
TOKEN = "dsr_a-token-of-the-benchmark-and-of-nothing-else"  # noqa: S105
STORED = "SELECT sender_event_id AS event_id FROM reporting.event"
QUARANTINED = "SELECT convert_from(body, 'UTF8')::jsonb ->> 'id' AS event_id FROM quarantine"
# Migrations and a credential take 2.3 s together on two busy cores; the rest is for slow disks.
COMMAND_SECONDS = 120

Command = Sequence[str | Path]


def prepare(url: str, receiver: Command = RECEIVER) -> None:
    """Applies the migrations and makes a credential.

    Raises:
        RuntimeError: a command failed, in its own words.
    """
    _run(receiver, "migrate", url=url)
    make_credential(url, "sink", TOKEN, receiver)


def make_credential(url: str, role: str, token: str, receiver: Command = RECEIVER) -> None:
    """Makes a credential of a role, with this token.

    Raises:
        RuntimeError: the command failed, in its own words.
    """
    create = ("credential", "create", f"benchmark-{role}", "--role", role, "--token-stdin")
    _run(receiver, *create, url=url, stdin=token)


@contextmanager
def start(
    place: Place, receiver: Command = RECEIVER, directory: Path = ELSEWHERE
) -> Iterator[Instance]:
    """Runs `receiver serve` for the length of the block.

    Args:
        receiver: the command, or what stands for it.
        directory: where it starts.
    """
    port = processes.find_free_port()
    command: list[str | Path] = [
        *(*receiver, "serve", "--host", HOST, "--port", str(port)),
        *("--workers", str(place.workers)),
    ]
    variables = {"DATABASE_URL": place.url}
    with serve(command, place, variables, TOKEN, port, directory) as running:
        yield running


def _run(receiver: Command, *words: str, url: str, stdin: str = "") -> None:
    ended = subprocess.run(
        [*receiver, *words],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        cwd=ELSEWHERE,
        env=processes.make_environment(DATABASE_URL=url),
        timeout=COMMAND_SECONDS,
    )
    if ended.returncode != 0:
        raise RuntimeError(f"receiver {words[0]} failed: {ended.stderr.strip()}")
