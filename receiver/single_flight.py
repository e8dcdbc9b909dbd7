"""Single-flight refresh: concurrent callers share one call.

A caller either needs what holds after its own question (`SharedRefresh.__call__`), or takes what
the running refresh finds (`SharedRefresh.join`). A caller that hangs up cancels nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable


class SharedRefresh:
    """Runs one refresh for all callers that wait for it, at a bounded rate.

    Args:
        refresh: runs once; every waiting caller gets its exception.
        interval_seconds: the least time from the start of one refresh to the start of the next.
        name: of the task, for logs and debuggers.
    """

    def __init__(
        self, refresh: Callable[[], Awaitable[None]], *, interval_seconds: float, name: str
    ) -> None:
        self._refresh = refresh
        self._interval_seconds = interval_seconds
        self._name = name
        self._began_at = float("-inf")
        self._running: asyncio.Task[None] | None = None
        self._next: asyncio.Task[None] | None = None

    async def __call__(self) -> None:
        """Returns at the end of a refresh that started after this call."""
        if self._next is None:
            self._next = asyncio.create_task(self._run(self._running), name=self._name)
        await asyncio.shield(self._next)

    async def join(self) -> None:
        """Returns at the end of the running refresh; starts one if none is running."""
        if self._running is None or self._running.done():
            await self()
        else:
            await asyncio.shield(self._running)

    async def close(self) -> None:
        """Cancels the running refresh and the next one."""
        tasks = {task for task in (self._running, self._next) if task is not None}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, before: asyncio.Task[None] | None) -> None:
        """Serves the callers that came before it started; later callers share the next refresh."""
        if before is not None:
            await asyncio.wait({before})
        clock = asyncio.get_running_loop().time
        await asyncio.sleep(max(0.0, self._began_at + self._interval_seconds - clock()))
        self._running, self._next = self._next, None
        self._began_at = clock()
        await self._refresh()
