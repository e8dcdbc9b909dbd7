"""The cases of the throughput part: a contender, and the load on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmark.contenders import catalogue, ours
from benchmark.contenders.contender import Contender
from benchmark.contenders.without import VARIABLE, Piece
from benchmark.load.contents import Content
from benchmark.load.notifications import Series, new_series

PGBENCH = "pgbench"
PGBENCH_BATCH = "pgbench-batch"
MEMBERS = 100
NO_STATUS = "this service, no status derived"
# A fifth is enough for the cost of a redelivery to show.
REPEAT_EVERY = 5


@dataclass(frozen=True, slots=True)
class Case:
    """A contender, and the load on it.

    Attributes:
        name: in the results.
        members: events in a request.
        settings: environment variables of the contender.
        content: of the notifications.
        repeat_every: as `Series` has it.
    """

    name: str
    title: str
    contender: Contender
    workers: int = 1
    connections: int = 64
    members: int = 1
    settings: Mapping[str, str] = field(default_factory=dict)
    content: Content = Content.GOOD
    repeat_every: int = 0

    @property
    def is_refused(self) -> bool:
        """Whether the right answer is 400."""
        return self.content is Content.NO_EVENT

    @property
    def stored(self) -> str | None:
        """A query for the ids of what is stored, as `event_id`; None: nothing is stored."""
        return ours.QUARANTINED if self.is_refused else self.contender.stored

    def series(self) -> Series:
        """Returns notifications for it that were never sent before."""
        return new_series(self.content, self.repeat_every)


def make_http_cases(foreign: Sequence[Contender]) -> list[Case]:
    """Returns every case over HTTP.

    Args:
        foreign: the programs of other languages that could be installed.
    """
    ours = catalogue.OURS
    others = (
        catalogue.TUTORIAL_SYNC,
        catalogue.TUTORIAL_ASYNC,
        catalogue.CAREFUL,
        *foreign,
        catalogue.GROUP,
    )
    return [
        Case("bare", catalogue.BARE.title, catalogue.BARE),
        Case("ours", "this service, one worker", ours),
        *(Case(other.name, other.title, other) for other in others),
        Case("ours-2", "this service, two workers", ours, workers=2),
        Case("ours-256", "this service, one worker, 256 connections", ours, connections=256),
        Case("ours-2-256", "this service, two workers, 256 connections", ours, 2, 256),
        Case("ours-batch", "this service, one worker, batches", ours, members=MEMBERS),
        Case("ours-2-batch", "this service, two workers, batches", ours, 2, members=MEMBERS),
        # 256 connections × 100 events are more than the queue of 10,000 admits.
        Case("ours-256-batch", "this service, 256 connections, batches", ours, 1, 256, MEMBERS),
        Case("ours-no-status", NO_STATUS, catalogue.COMPOSED, settings={VARIABLE: Piece.STATUS}),
        *make_workload_cases(),
    ]


def make_workload_cases() -> list[Case]:
    """Returns the service with other notifications than the plain ones, on one worker."""
    again = f"this service, one in {REPEAT_EVERY} a redelivery"
    return [
        Case("ours-again", again, catalogue.OURS, repeat_every=REPEAT_EVERY),
        *(
            Case(f"ours-{content}", f"this service, {title}", catalogue.OURS, content=content)
            for content, title in (
                (Content.FAULTY, "two findings each"),
                (Content.LEGACY, "legacy form, half with findings"),
                (Content.MIXED, "all kinds and forms in turn"),
            )
        ),
    ]


QUICK = {
    *("bare", "ours", "tutorial-sync", "careful", "group", *catalogue.FOREIGN),
    *("ours-2", "ours-batch", "ours-no-status", "ours-again", "ours-mixed"),
}


@dataclass(frozen=True, slots=True)
class Limit:
    """pgbench with a number of rows a statement, at its best number of clients."""

    name: str
    title: str
    rows: int
    clients: tuple[int, ...]


LIMITS = (
    Limit(PGBENCH, "pgbench, the same rows, one a statement", 1, (16, 32, 64)),
    Limit(PGBENCH_BATCH, "pgbench, the same rows, 100 a statement", MEMBERS, (2, 4, 8)),
)


def make_piece_cases() -> list[Case]:
    """Returns the service with pieces left out, one by one, and all that an answer waits for."""
    answering = [piece for piece in Piece if piece is not Piece.STATUS]
    left_out = {
        "everything": ("nothing", ""),
        **{piece.value: (piece.value, piece.value) for piece in Piece},
        "nothing": ("all but the status", ",".join(answering)),
    }
    return [
        Case(name, title, catalogue.COMPOSED, settings={VARIABLE: without}, content=Content.FAULTY)
        for name, (title, without) in left_out.items()
    ]


@dataclass(frozen=True, slots=True)
class Programs:
    """The programs that make load; None: it is not installed."""

    wrk: Path
    pgbench: Path | None
