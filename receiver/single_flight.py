"""Single-flight refresh: concurrent callers share one refresh.

A caller either needs what holds after its own question (`SharedRefresh.__call__`): a refresh that
runs already may have read before, so the caller waits for the next one. Or it takes what the
running refresh finds (`SharedRefresh.join`). At most one refresh runs and one waits, however many
callers there are. A caller that hangs up cancels nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable


class SharedRefresh:
    """Runs one refresh for all callers that wait for it, at a bounded rate.

    Args:
        refresh: does the work; every caller that waits for it gets its exception.
        interval_seconds: the least time from the start of one refresh to the start of the next.
        name: the name of the task, for logs and debuggers.
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
        """Waits for the end of a refresh that starts after this call."""
        if self._next is None:
            self._next = asyncio.create_task(self._run(self._running), name=self._name)
        # A caller that is cancelled must not cancel the refresh of the others.
        await asyncio.shield(self._next)

    async def join(self) -> None:
        """Returns at the end of the running refresh; starts one if none is running."""
        if self._running is None or self._running.done():
            await self()
        else:
            await asyncio.shield(self._running)

    async def close(self) -> None:
        """Cancels the running refresh and the next one; their callers are cancelled too."""
        tasks = {task for task in (self._running, self._next) if task is not None}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, before: asyncio.Task[None] | None) -> None:
        """Runs the refresh of all callers that came before its start."""
        if before is not None:
            await asyncio.wait({before})
        clock = asyncio.get_running_loop().time
        await asyncio.sleep(max(0.0, self._began_at + self._interval_seconds - clock()))
        self._running, self._next = self._next, None
        self._began_at = clock()
        await self._refresh()
