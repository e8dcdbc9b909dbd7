"""The product, complete, by its own command."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmark import processes
from benchmark.contenders.contender import HOST, Place, Running, answering
from receiver.store.credentials.credentials import Role, create_credential, token_digest
from receiver.store.schema import migrating
from tests.support.service import RECEIVER

TOKEN = "dsr_a-token-of-the-benchmark-and-of-nothing-else"  # noqa: S105
STORED = "SELECT sender_event_id AS event_id FROM reporting.event"


def prepare(url: str) -> None:
    """Applies the migrations and makes a credential."""
    migrating.migrate(url)
    create_credential(url, "load", Role.SINK, token_digest(TOKEN), None)


@contextmanager
def start(place: Place, receiver: Sequence[str | Path] = (RECEIVER,)) -> Iterator[Running]:
    """`receiver serve`, or what stands for `receiver`."""
    port = processes.free_port()
    command: list[str | Path] = [
        *(*receiver, "serve", "--host", HOST, "--port", str(port)),
        *("--workers", str(place.workers)),
    ]
    with answering(command, place, {"DATABASE_URL": place.url}, TOKEN, port) as running:
        yield running
