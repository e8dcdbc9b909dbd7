"""The service with pieces left out, to tell what they cost: the `receiver` command without them.

It is the product's own composition. What is left out is exchanged by name before it composes, so
that the product needs no switch for it; a name that is gone stops the start.
"""

import os
from datetime import UTC, datetime
from enum import StrEnum
from types import ModuleType
from typing import Any

from starlette.types import Scope

from receiver.api.access.guard import Guard
from receiver.app import application as composition
from receiver.app import service as parts
from receiver.cli.main import main
from receiver.events import envelope, registry
from receiver.metrics.metrics import Metrics
from receiver.store.credentials.credentials import Credential, Role

VARIABLE = "LOAD_WITHOUT"
ANYBODY = Credential("load", Role.SINK, b"", datetime.now(UTC), None, None)


class Piece(StrEnum):
    """What can be left out."""

    AUTHENTICATION = "authentication"
    FINDINGS = "findings"
    METRICS = "metrics"
    LOGS = "logs"


class OpenDoor(Guard):
    """Admits everybody unseen."""

    def recall(
        self, authorization: str | None, roles: frozenset[Role], now: datetime
    ) -> Credential | None:
        return ANYBODY

    async def authenticate(
        self, authorization: str | None, roles: frozenset[Role], scope: Scope, now: datetime
    ) -> Credential:
        return ANYBODY

    def admit(self, credential: Credential, roles: frozenset[Role], now: datetime) -> None:
        pass


class NoMetrics(Metrics):
    """Counts nothing."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.set_queue_length = _nothing

    def measure_commit(self, commit: Any) -> Any:
        return commit

    def count_answer(self, call: str, status: int, reason: str, number: int = 1) -> None:
        pass

    def note_arrival(self, credential: str, at: datetime) -> None:
        pass


class NoFindings(set[Any]):
    """Forgets what it is told; that nobody looks is not to be had, for looking is parsing."""

    def add(self, element: Any) -> None:
        pass

    def update(self, *several: Any) -> None:
        pass


class Through:
    """A middleware that does nothing."""

    def __init__(self, app: Any, *_: Any, **__: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._app(scope, receive, send)


def leave_out(piece: Piece) -> None:
    """Exchanges a piece for one that does nothing."""
    match piece:
        case Piece.AUTHENTICATION:
            _exchange(composition, "Guard", OpenDoor)
        case Piece.FINDINGS:
            # A name of the module is found before the built-in one.
            for module in (envelope, registry):
                vars(module)["set"] = NoFindings
        case Piece.METRICS:
            _exchange(parts, "Metrics", NoMetrics)
            _exchange(composition, "Answers", Through)
        case Piece.LOGS:
            _exchange(composition, "Correlator", Through)


def _exchange(module: ModuleType, name: str, other: object) -> None:
    if name not in vars(module):
        raise LookupError(f"{module.__name__} no longer has {name}; say here what stands for it")
    setattr(module, name, other)


def _nothing(_: int) -> None:
    pass


if __name__ == "__main__":
    for word in filter(None, os.environ.get(VARIABLE, "").split(",")):
        leave_out(Piece(word))
    main()
