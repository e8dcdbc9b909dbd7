"""`receiver tail` beside a running service: it finds it, follows, forwards, and ends by Ctrl-C."""

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from tests.support.scripted import answer, scripted
from tests.support.service import (
    COMMAND_SECONDS,
    RECEIVER,
    Installation,
    Service,
    notification,
    until,
)


@contextmanager
def tailing(
    installation: Installation, folder: Path, *options: str
) -> Iterator[tuple["subprocess.Popen[bytes]", Path]]:
    """Runs the command, and yields it with the file that it prints to; Ctrl-C ends it."""
    printed = folder / "printed"
    with printed.open("wb") as stdout, (folder / "noted").open("wb") as stderr:
        process = subprocess.Popen(
            [RECEIVER, "tail", *options],
            stdout=stdout,
            stderr=stderr,
            cwd="/",
            env=installation.environment(),
        )
    try:
        yield process, printed
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(COMMAND_SECONDS)


def test_it_follows_the_local_service_and_forwards_what_was_received(
    service: Service, shared_installation: Installation, sink: str, reader: str, tmp_path: Path
) -> None:
    source = f"https://operator.invalid/{uuid4()}"
    sent = [notification() | {"source": source} for _ in range(3)]
    assert service.post(sent[0], sink) == 204
    [stored] = service.ask_as(reader).list_events(source=source).items
    with scripted(answer(500), answer(204)) as hook:
        options = ("--source", source, "--after-id", stored.id, "--json")
        tail = tailing(shared_installation, tmp_path, *options, "--forward-to", f"{hook.url}/hook")
        with tail as (process, printed):
            for one in sent[1:]:
                assert service.post(one, sink) == 204
            until(lambda: printed.read_bytes().count(b"\n") == 2, COMMAND_SECONDS)
    assert process.returncode == 130
    lines = [json.loads(line) for line in printed.read_text().splitlines()]
    assert [line["eventId"] for line in lines] == [one["id"] for one in sent[1:]]
    assert [line["forwarded"] for line in lines] == [500, 204]
    posted = [json.loads(request.partition("\r\n\r\n")[2]) for request in hook.requests]
    assert posted == sent[1:]
    assert (tmp_path / "noted").read_text().splitlines() == [
        f"Following {service.address}; Ctrl-C ends it.",
        f"Go on with --after-id={lines[-1]['id']}",
    ]
