"""The drills: what happens to the leader of a trio under load, and what is compared afterwards."""

import asyncio
import json
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from tests.support.followers import Follower, World
from tests.support.processes import open_folder, until
from tests.support.service import Installation, notification
from tests.system.faults.faults import Fault, Strike
from tests.system.faults.places import Place
from tests.system.trio.cluster import SECONDS, Node, Trio, send, trio, url
from tests.system.trio.programs import find_etcd

# Beyond `ttl`, and until the other nodes have agreed upon another leader.
ELECTION_SECONDS = 20.0 + 8.0
# As long as somebody takes to notice that a machine stalled.
STALLED_SECONDS = 38.0

RANDOM = "&load_balance_hosts=random"

DERIVED = ("device_status", "subscription", "device_identifier")
UNDERIVED = """
SELECT count(*) FROM event
WHERE NOT EXISTS (SELECT FROM device_status WHERE device_status.device_id = event.device_id)
"""
STORED_SINCE = "SELECT sender_event_id FROM reporting.event WHERE received_at > %s"


@dataclass(frozen=True, slots=True)
class Site:
    """A trio whose database is migrated, for several runs.

    Attributes:
        tokens: by role.
    """

    trio: Trio
    tokens: Mapping[str, str]


@dataclass(slots=True)
class TrioPlace(Place):
    """A trio, and the service that knows all of its hosts.

    Attributes:
        trio: the nodes.
        follower: of the live stream, from before the drill until after it.
    """

    trio: Trio = field(default_factory=lambda: Trio([]))
    follower: Follower = field(default_factory=lambda: Follower([]))

    @property
    def conninfo(self) -> str:
        """URL of the database, whichever node leads."""
        return url(self.trio.nodes)


@contextmanager
def trio_site(python: Path) -> Iterator[Site]:
    """Runs a trio with the database of a service, for the length of the block.

    Args:
        python: that of Patroni.
    """
    with open_folder() as folder, trio(folder, find_etcd(), python) as nodes:
        installation = Installation(folder, settings={"DATABASE_URL": url(nodes.nodes)})
        _run(installation, "migrate")
        tokens = {
            role: _run(installation, "credential", "create", role, "--role", role)
            for role in ("sink", "reader")
        }
        # What the question of the probes is about.
        known = folder / "known.ndjson"
        known.write_text(json.dumps(notification()))
        _run(installation, "import", str(known), "--credential", "sink")
        yield Site(nodes, tokens)


@contextmanager
def at_a_trio(
    _seed: Path, folder: Path, *, site: Site, leader: str, parameters: str, spools: bool
) -> Iterator[Place]:
    """A service before the trio.

    Args:
        leader: whether its host is `first` or `last` in the URL.
        parameters: of the URL, beside those that the documentation has.
        spools: whether the service has a spool.
    """
    assert until(site.trio.is_whole, SECONDS)
    place = TrioPlace(folder, Installation(folder, "service"), site.tokens, trio=site.trio)
    place.use(DATABASE_URL=url(site.trio.order(leader), parameters))
    spool = folder / "spool"
    if spools:
        place.use(RECEIVER_SPOOL_DIR=str(spool))
    place.afterwards += [
        partial(_require_whole, place),
        partial(_require_drained, place, spool),
        partial(_require_derived, place),
    ]
    yield place


def _run(installation: Installation, *words: str) -> str:
    ran = installation.run_here(*words)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


def _of(place: Place) -> tuple[TrioPlace, Node]:
    """Returns the place, and the node that leads."""
    assert isinstance(place, TrioPlace)
    leader = place.trio.leader()
    assert leader is not None
    return place, leader


Drill = Callable[[TrioPlace, Node], AbstractContextManager[None]]


def followed(drill: Drill) -> Strike:
    """Returns the drill with a caller of the live stream, who listens from before it."""

    @contextmanager
    def strike(place: Place) -> Iterator[None]:
        trio_place, leader = _of(place)
        if not trio_place.follower.last_event_id:
            _follow(trio_place)
        with drill(trio_place, leader):
            yield

    return strike


@contextmanager
def switch_over(place: TrioPlace, leader: Node) -> Iterator[None]:
    """Has another node lead, as planned."""
    place.trio.switch_over()
    assert until(lambda: place.trio.leader() not in {None, leader}, SECONDS)
    yield


@contextmanager
def kill_leader(_place: TrioPlace, leader: Node) -> Iterator[None]:
    """Kills agent and server of the leader; its machine starts them again."""
    leader.kill()
    yield
    leader.start()


@contextmanager
def freeze_leader(_place: TrioPlace, leader: Node) -> Iterator[None]:
    """Freezes agent and server of the leader, as a stalled disk or a paused machine does."""
    with _frozen([*leader.agent(), *leader.server()]):
        yield


@contextmanager
def pause_agent(_place: TrioPlace, leader: Node) -> Iterator[None]:
    """Freezes the agent of the leader alone: its server goes on, and nobody tells it to stop."""
    with _frozen(leader.agent()):
        yield


@contextmanager
def kill_postgres(_place: TrioPlace, leader: Node) -> Iterator[None]:
    """Kills the server of the leader alone; its agent starts it again, or another node leads."""
    send(signal.SIGKILL, leader.server())
    yield


@contextmanager
def _frozen(processes: Sequence[Any]) -> Iterator[None]:
    send(signal.SIGSTOP, processes)
    try:
        yield
    finally:
        send(signal.SIGCONT, processes)


@dataclass(frozen=True, slots=True)
class Variant:
    """A drill in one of its settings.

    Attributes:
        seconds: how long it lasts once it has struck.
        leader: whether its host is `first` or `last` in the URL.
        parameters: of the URL.
    """

    name: str
    drill: Drill
    seconds: float = 0.0
    leader: str = "last"
    parameters: str = ""

    def fault(self, site: Site, *, spools: bool) -> Fault:
        """Returns the drill as a fault under load, with a spool or without."""
        return Fault(
            self.name,
            followed(self.drill),
            partial(
                at_a_trio,
                site=site,
                leader=self.leader,
                parameters=self.parameters,
                spools=spools,
            ),
            seconds=self.seconds,
            workers=2,
            may_refuse=not spools,
        )


SWITCHOVER = Variant("planned switchover", switch_over)
KILLED = Variant("`kill -9` of the leader, agent and Postgres", kill_leader, ELECTION_SECONDS)

VARIANTS = (
    SWITCHOVER,
    KILLED,
    Variant("the leader frozen for 38 s", freeze_leader, STALLED_SECONDS),
    Variant("the leader frozen, first in the URL", freeze_leader, STALLED_SECONDS, "first"),
    Variant(
        "the leader frozen, hosts at random", freeze_leader, STALLED_SECONDS, parameters=RANDOM
    ),
    Variant("the leader's agent paused for 38 s", pause_agent, STALLED_SECONDS),
    Variant("the agent paused, first in the URL", pause_agent, STALLED_SECONDS, "first"),
    Variant("the agent paused, hosts at random", pause_agent, STALLED_SECONDS, parameters=RANDOM),
    Variant("`kill -9` of the leader's Postgres alone", kill_postgres),
)


def _follow(place: TrioPlace) -> None:
    """Listens to the live stream from now on, and compares at the end."""
    assert place.service is not None
    world = World(place.service.address)
    begun, over = threading.Event(), threading.Event()

    async def listen() -> None:
        has_place = asyncio.Semaphore(0)
        listening = asyncio.create_task(
            place.follower.follow(world, place.tokens["reader"], has_place)
        )
        await has_place.acquire()
        begun.set()
        await asyncio.to_thread(over.wait)
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening

    thread = threading.Thread(target=lambda: asyncio.run(listen()), name="follower", daemon=True)
    thread.start()
    assert begun.wait(SECONDS)
    began_at = datetime.now(UTC)

    def require_told() -> None:
        with psycopg.connect(place.conninfo) as connection:
            stored = {each.encode() for (each,) in connection.execute(STORED_SINCE, [began_at])}
        is_told = until(lambda: stored <= place.follower.seen, SECONDS)
        over.set()
        thread.join()
        if not is_told:
            lacking = len(stored - place.follower.seen)
            place.remarks.append(f"the stream did not tell {lacking} of {len(stored)} events")

    place.afterwards.append(require_told)


def _require_whole(place: TrioPlace) -> None:
    if not until(place.trio.is_whole, SECONDS):
        place.remarks.append(f"the trio is not whole again: {place.trio.members(place.trio.nodes)}")


def _require_drained(place: TrioPlace, spool: Path) -> None:
    if not until(lambda: not spool.exists() or not list(spool.iterdir()), SECONDS):
        place.remarks.append("the spool is not empty again")


def _require_derived(place: TrioPlace) -> None:
    """Compares the answers of the projector, which went on over the failover, with a rebuild."""

    def underived() -> int:
        with psycopg.connect(place.conninfo) as connection:
            row = connection.execute(UNDERIVED).fetchone()
        return int(row[0]) if row else 0

    if not until(lambda: underived() == 0, SECONDS):
        place.remarks.append(f"no answer knows of {underived()} events")
    before = _derived(place)
    _run(place.installation, "rebuild")
    after = _derived(place)
    if before != after:
        place.remarks.append(f"{len(before ^ after)} derived rows are others after a rebuild")


def _derived(place: TrioPlace) -> set[str]:
    with psycopg.connect(place.conninfo) as connection:
        return {
            row
            for table in DERIVED
            for (row,) in connection.execute(f"SELECT '{table}' || row::text FROM {table} AS row")  # noqa: S608 - of these tests
        }
