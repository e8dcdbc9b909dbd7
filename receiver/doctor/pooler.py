"""The check of a transaction pooler: its mode, and how many sessions it gives at once."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass

import psycopg

from receiver.doctor.diagnosis import CheckResult, failed, ok, warning
from receiver.settings.settings import Settings
from receiver.store.connections.database import (
    CONTROL_CONNECTIONS,
    REFUSALS_CONNECTIONS,
    connect_async,
)
from receiver.store.connections.pooled.local_settings import LocalConnection

# For each session: a pooler gives it within milliseconds, or not before another client is done. A
# connection is let go of a second later; to cancel would be told on stderr, as no pooler answers.
STATEMENT_TIMEOUT_SECONDS = 2.0

# One commits, and two are a background task that is exclusive.
OTHER_CONNECTIONS = 3

SESSION = "SELECT pg_backend_pid()"


@dataclass(frozen=True, slots=True)
class Pool:
    """What a pooler does with transactions.

    Attributes:
        sessions: that it gave at once.
        lends: whether a session is others' between the transactions of one client.
    """

    sessions: int
    lends: bool


def check_pool(conninfo: str, settings: Settings, *, has_way_past: bool) -> CheckResult:
    """Checks the pooler that stands between.

    Args:
        has_way_past: whether DATABASE_DIRECT_URL leads past it.
    """
    needed = settings.pool_size + REFUSALS_CONNECTIONS + CONTROL_CONNECTIONS + OTHER_CONNECTIONS
    try:
        pool = asyncio.run(look_at_pool(conninfo, needed))
    except psycopg.Error:
        return failed(
            "a pooler stands between on which no transaction can begin; its pool_mode must be"
            " `transaction` or `session`, never `statement`"
        )
    if pool.sessions < needed:
        return warning(
            f"a pooler stands between and gave {pool.sessions} sessions at once, where one worker"
            f" uses up to {needed}; its default_pool_size is too small, or others use the pool"
        )
    mode = "transaction" if pool.lends else "session"
    told = f"a pooler in {mode} mode stands between, so no statement is prepared"
    if "prepare_threshold" in settings.model_fields_set and settings.prepare_threshold is not None:
        told += ", and RECEIVER_PREPARE_THRESHOLD changes nothing"
    return ok(f"{told}; there is a way past it" if has_way_past else told)


async def look_at_pool(conninfo: str, wanted: int) -> Pool:
    """Looks at how a pooler lends its sessions, by as many transactions at once.

    Raises:
        psycopg.Error: no transaction can begin.
    """
    sessions: list[int] = []
    async with AsyncExitStack() as stack:
        free = await _connect(conninfo, stack)
        own = await _ask(free)
        after = own
        try:
            while len(sessions) < wanted:
                held = await _connect(conninfo, stack)
                await held.set_autocommit(False)
                sessions.append(await _ask(held))
            # What was its own between two transactions may be another's by now.
            await free.set_autocommit(False)
            after = await _ask(free)
        except psycopg.Error:
            if not sessions:
                raise
    return Pool(len(sessions), lends=own in sessions or after != own)


async def _connect(conninfo: str, stack: AsyncExitStack) -> LocalConnection:
    connection = await connect_async(
        conninfo,
        statement_timeout_seconds=STATEMENT_TIMEOUT_SECONDS,
        prepare_threshold=None,
    )
    stack.push_async_callback(connection.close)
    return connection


async def _ask(connection: LocalConnection) -> int:
    [(pid,)] = await (await connection.execute(SESSION)).fetchall()
    return int(pid)
