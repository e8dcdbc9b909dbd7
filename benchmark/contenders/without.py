"""The `receiver` command with pieces left out, to measure what they cost.

The composition is the product's own. A piece is exchanged by name before the product composes, so
that the product needs no switch; a name that is gone stops the start.
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
from receiver.events import registry
from receiver.events.forms import structured
from receiver.metrics.metrics import Metrics
from receiver.store.credentials.credentials import Credential, Role
from receiver.store.projector.projecting import Projection

VARIABLE = "BENCHMARK_WITHOUT"
ANYBODY = Credential("benchmark", Role.SINK, b"", datetime.now(UTC), None, None)


class Piece(StrEnum):
    """A piece that can be left out."""

    AUTHENTICATION = "authentication"
    FINDINGS = "findings"
    METRICS = "metrics"
    LOGS = "logs"
    STATUS = "status"


class OpenDoor(Guard):
    """Admits every request, whatever its token."""

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
    """Forgets every finding; the search for them cannot be left out, since it is the parsing."""

    def add(self, element: Any) -> None:
        pass

    def update(self, *several: Any) -> None:
        pass


class NoStatus(Projection):
    """Derives nothing from what is stored."""

    async def derive(self, limit: int = 0) -> bool:
        return False


class PassThrough:
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
            # Python looks a name up in the module before the built-in ones.
            for module in (structured, registry):
                vars(module)["set"] = NoFindings
        case Piece.METRICS:
            _exchange(parts, "Metrics", NoMetrics)
            _exchange(composition, "Answers", PassThrough)
        case Piece.LOGS:
            _exchange(composition, "Correlator", PassThrough)
        case Piece.STATUS:
            _exchange(parts, "Projection", NoStatus)


def _exchange(module: ModuleType, name: str, other: object) -> None:
    if name not in vars(module):
        raise LookupError(f"{module.__name__} no longer has {name}; name here its successor")
    setattr(module, name, other)


def _nothing(_: int) -> None:
    pass


if __name__ == "__main__":
    for word in filter(None, os.environ.get(VARIABLE, "").split(",")):
        leave_out(Piece(word))
    main()
