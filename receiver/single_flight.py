"""Single-flight refresh: concurrent callers share one refresh.

A caller either needs what holds after its own question (`SharedRefresh.__call__`): a refresh that
runs already may have read before, so the caller waits for the next one. Or it takes what the
running refresh finds (`SharedRefresh.join`). At most one refresh runs and one waits, however many
callers there are. A caller that hangs up cancels nothing.

    failure                              what becomes of its callers     the next refresh
    -----------------------------------  ------------------------------  ----------------
    the refresh raises                   they get the error              starts anew
    it takes longer than its limit       they get a `TimeoutError`       starts anew
    it ends so late that it was given    nobody waits for it any more    is not held up
    up, or does not end when cancelled
"""

import asyncio
from collections.abc import Awaitable, Callable

# How long the close waits for what it has cancelled: a server that is asked to cancel a statement
# may not answer.
CLOSE_SECONDS = 2.0


class SharedRefresh:
    """Runs one refresh for all callers that wait for it, at a bounded rate.

    Args:
        refresh: does the work; every caller that waits for it gets its exception.
        interval_seconds: the least time from the start of one refresh to the start of the next.
        limit_seconds: how long one refresh is waited for; then it is cancelled and left behind.
        name: the name of the task, for logs and debuggers.
    """

    def __init__(
        self,
        refresh: Callable[[], Awaitable[None]],
        *,
        interval_seconds: float,
        limit_seconds: float,
        name: str,
    ) -> None:
        self._refresh = refresh
        self._interval_seconds = interval_seconds
        self._limit_seconds = limit_seconds
        self._name = name
        self._began_at = float("-inf")
        self._running: asyncio.Task[None] | None = None
        self._next: asyncio.Task[None] | None = None
        self._working: set[asyncio.Future[None]] = set()

    async def __call__(self) -> None:
        """Waits for the end of a refresh that starts after this call.

        Raises:
            TimeoutError: the refresh took longer than its limit.
        """
        if self._next is None:
            self._next = asyncio.create_task(self._run(self._running), name=self._name)
            self._next.add_done_callback(_read_error)
        # A caller that is cancelled must not cancel the refresh of the others.
        await asyncio.shield(self._next)

    async def join(self) -> None:
        """Returns at the end of the running refresh; starts one if none is running.

        Raises:
            TimeoutError: the refresh took longer than its limit.
        """
        if self._running is None or self._running.done():
            await self()
        else:
            await asyncio.shield(self._running)

    async def close(self) -> None:
        """Cancels every refresh; their callers are cancelled too."""
        tasks = {task for task in (self._running, self._next, *self._working) if task is not None}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=CLOSE_SECONDS)

    async def _run(self, before: asyncio.Task[None] | None) -> None:
        """Runs the refresh of all callers that came before its start."""
        if before is not None:
            await asyncio.wait({before})
        clock = asyncio.get_running_loop().time
        await asyncio.sleep(max(0.0, self._began_at + self._interval_seconds - clock()))
        self._running, self._next = self._next, None
        self._began_at = clock()
        # A task of its own, because one that hangs may not end when it is cancelled either.
        working = asyncio.ensure_future(self._refresh())
        self._working.add(working)
        working.add_done_callback(self._forget)
        await asyncio.wait({working}, timeout=self._limit_seconds)
        if not working.done():
            working.cancel()
            raise TimeoutError
        working.result()

    def _forget(self, working: asyncio.Future[None]) -> None:
        self._working.discard(working)
        _read_error(working)


def _read_error(ended: asyncio.Future[None]) -> None:
    """Reads an error, or it is reported as one that nobody saw where all callers have given up."""
    if not ended.cancelled():
        ended.exception()
