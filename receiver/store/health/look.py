"""A look at the database for readiness, shared by all who ask at the same time."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.single_flight import SharedRefresh
from receiver.store.health.clocks import clock_warnings
from receiver.store.health.progress import Progress, read_progress
from receiver.store.health.readiness import unready_reasons

# However many strangers ask whether the service is ready, the database is asked no more often.
INTERVAL_SECONDS = 0.1

# A probe of Kubernetes waits one second by default, people wait longer; three are documented.
DEADLINE_SECONDS = 2.5

# A look whose callers are answered goes on for as long, and then the next one starts anew.
LIMIT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Found:
    """What a look has found.

    Attributes:
        reasons: why no notification can be stored, in a sentence each; none when it can.
        warnings: what is wrong all the same, likewise.
        progress: of the projection; None: it could not be read.
    """

    reasons: Sequence[str] = ()
    warnings: Sequence[str] = ()
    progress: Progress | None = None


class DatabaseLook:
    """Looks at the database, once for all who ask meanwhile.

    Attributes:
        latest: what the latest look has found.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self.latest = Found()
        self._refresh = SharedRefresh(
            self._look,
            interval_seconds=INTERVAL_SECONDS,
            limit_seconds=LIMIT_SECONDS,
            name="readiness",
        )

    async def look(self) -> Found:
        """Returns what is found now; a database that is silent is a reason."""
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                await self._refresh.join()
        except TimeoutError:
            return Found(["the database does not answer"], self.latest.warnings)
        return self.latest

    async def close(self) -> None:
        """Ends a look that is under way."""
        await self._refresh.close()

    async def _look(self) -> None:
        warnings = await clock_warnings(self._engine)
        reasons = await unready_reasons(self._engine)
        progress = None if reasons else await read_progress(self._engine)
        self.latest = Found(reasons, warnings, progress)
