"""A look that many wait for: shared, at a bounded rate, and never older than who waits for it."""

import asyncio
from collections.abc import Awaitable, Callable


class SharedLook:
    """However many callers wait for a fresh look, they share one, and it began after each of them.

    Args:
        look: looks once; what it raises, all who wait for it get.
        interval_seconds: from the beginning of a look to that of the next, at least.
    """

    def __init__(
        self, look: Callable[[], Awaitable[None]], *, interval_seconds: float, name: str
    ) -> None:
        self._look = look
        self._interval_seconds = interval_seconds
        self._name = name
        self._began_at = float("-inf")
        self._looking: asyncio.Task[None] | None = None
        self._next: asyncio.Task[None] | None = None

    async def __call__(self) -> None:
        """Returns once a look has ended that began after this call."""
        if self._next is None:
            self._next = asyncio.create_task(self._run(self._looking), name=self._name)
        await asyncio.shield(self._next)

    async def close(self) -> None:
        """Ends the looks that are under way or waited for."""
        tasks = {task for task in (self._looking, self._next) if task is not None}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, before: asyncio.Task[None] | None) -> None:
        """Whoever comes before the look begins shares it; who comes later shares the next one."""
        if before is not None:
            await asyncio.wait({before})
        clock = asyncio.get_running_loop().time
        await asyncio.sleep(max(0.0, self._began_at + self._interval_seconds - clock()))
        self._looking, self._next = self._next, None
        self._began_at = clock()
        await self._look()
