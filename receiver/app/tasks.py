"""The background work of a serving process: what runs, how often, and why so often."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from receiver.api.access.attempts import Attempts
from receiver.api.access.tokens.configured import AccessTokenFinder
from receiver.api.questions.stream.fan_out import FanOut
from receiver.app.background import PeriodicTask
from receiver.settings.settings import Settings
from receiver.spool.draining import Drain
from receiver.store.credentials.book import LOOK_INTERVAL_SECONDS, CredentialBook
from receiver.store.projector.projecting import STATEMENT_SECONDS, Projection
from receiver.store.projector.sweeping import sweep
from receiver.store.quarantine.bounds import QuarantineBounds
from receiver.store.retention.retaining import drop_old_months
from receiver.store.schema.partitions import make_partitions_ahead
from receiver.store.subscriptions.watch import Watch

MINUTE_SECONDS = 60.0
DAY_SECONDS = 86_400.0

# Between two looks at the subscriptions: half of what their alerts wait, and little load.
WATCH_SECONDS = 300.0

# After a failure of daily work: half of the ten minutes that its alert looks back, and no load.
RETRY_SECONDS = 300.0

# Between two steps of the projection under load: the events of that time are derived together,
# which halves what one of them costs (measured: 200 microseconds in steps of 50, 30 in thousands).
PROJECTION_REST_SECONDS = 0.05

# The projection falls behind at a peak rather than taking more of a core than a fifth from intake.
PROJECTION_REST_FACTOR = 4.0

# Between two looks of the live stream: a commit of another process is told as soon.
STREAM_SECONDS = 0.5

# Between two runs that drop months: other work that is exclusive comes in between.
RETENTION_REST_SECONDS = 1.0

# Between two runs that make partitions, each of which asks the database: notifications that lack a
# partition wait for it, and would wake the task ten times a second.
PARTITIONS_REST_SECONDS = 1.0

# After keys could not be fetched: senders whose key is not known get 503 meanwhile, and a request
# in ten seconds is no load on an authorization server that comes back.
KEYS_RETRY_SECONDS = 10.0

# Between two looks whether the database takes what is in the spool: the direct way opens by it.
SPOOL_SECONDS = 1.0

# After a record that can be stored nowhere, as while the quarantine is full.
SPOOL_RETRY_SECONDS = 60.0

# Of one exclusive run, its connection included; after it, the lock of a run that hangs is free. A
# sweep is the longest run: 2.2 seconds for 100,000 rows on two cores, so that a full quarantine of
# the default size takes a fiftieth of this, and one that is cut off goes on in the next run.
EXCLUSIVE_DEADLINE_SECONDS = 600.0


def periodic_tasks(
    settings: Settings,
    *,
    conninfo: str,
    credentials: CredentialBook,
    attempts: Attempts,
    access_tokens: AccessTokenFinder | None,
    quarantine_bounds: QuarantineBounds,
    projection: Projection,
    watch: Watch,
    fan_out: FanOut,
    stored: asyncio.Event,
    partition_missing: asyncio.Event,
    drain: Drain | None = None,
) -> list[PeriodicTask]:
    """Returns the tasks of one process; every worker of several has them all.

    Args:
        conninfo: a direct connection to the database.
        access_tokens: None: there are no keys to fetch.
        stored: set after each commit of this process.
        partition_missing: set when a commit lacks the partition of this month.
        drain: of the spool; None: there is none.
    """
    undropped = asyncio.Event()
    # No look comes sooner after the last, whatever is configured.
    credentials_seconds = max(settings.credential_refresh_seconds, LOOK_INTERVAL_SECONDS)
    tasks = [
        # Required: without it a revoked token goes on working, for as long as the last look is
        # trusted. They were read before the start, so that the first request finds them.
        PeriodicTask(
            name="credentials",
            run_once=credentials.refresh,
            every_seconds=credentials_seconds,
            retry_seconds=credentials_seconds,
            is_due_at_start=False,
            is_required=True,
        ),
        # `last_used_at` is read by people: a minute is exact enough for them, and one write for
        # each credential. There is nothing to write at the start.
        PeriodicTask(
            name="credential-uses",
            run_once=credentials.write_uses,
            every_seconds=MINUTE_SECONDS,
            retry_seconds=MINUTE_SECONDS,
            is_due_at_start=False,
        ),
        # A line a day for each credential is a reminder, more of them are noise.
        PeriodicTask(
            name="credential-expiry",
            run_once=_coroutine_of(credentials.warn_of_expiry),
            every_seconds=DAY_SECONDS,
            retry_seconds=RETRY_SECONDS,
        ),
        # One line for a minute of failures, so that strangers do not fill the log.
        PeriodicTask(
            name="failed-attempts",
            run_once=_coroutine_of(attempts.log_failures),
            every_seconds=MINUTE_SECONDS,
            retry_seconds=MINUTE_SECONDS,
            is_due_at_start=False,
        ),
        # A day is short beside the three months that are made ahead, and hits each new month. Woken
        # by a partition that is missing: it was dropped, or the clock of the database jumped. Not
        # required: readiness itself asks for the partition of this month. To refuse notifications
        # that still have a place, because a later month has none, would lose them.
        PeriodicTask(
            name="partitions",
            run_once=partial(make_partitions_ahead, conninfo),
            every_seconds=DAY_SECONDS,
            retry_seconds=RETRY_SECONDS,
            rest_seconds=PARTITIONS_REST_SECONDS,
            is_exclusive=True,
            wake=partition_missing,
        ),
        # A month is due once a month; the other runs look, and finish what a report was in the way
        # of. A run ends by itself, and is woken for the rest. Not required: nothing is lost.
        PeriodicTask(
            name="retention",
            run_once=partial(_drop_part, conninfo, settings.retention_months, undropped),
            every_seconds=DAY_SECONDS,
            retry_seconds=RETRY_SECONDS,
            rest_seconds=RETENTION_REST_SECONDS,
            is_exclusive=True,
            wake=undropped,
        ),
        # The age limit counts in days. Not required: what a full quarantine cannot keep is answered
        # 503, and all other notifications are stored as ever.
        PeriodicTask(
            name="quarantine-sweep",
            run_once=quarantine_bounds.sweep,
            every_seconds=DAY_SECONDS,
            retry_seconds=RETRY_SECONDS,
            is_exclusive=True,
            wake=quarantine_bounds.crowded,
        ),
        # A feed by snapshots skips nothing, so that it heals what nobody thought of; a feed by time
        # leaves to it what was open for too long. Not required, as no answer waits for it; not at
        # the start, where other work waits.
        PeriodicTask(
            name="projection-sweep",
            run_once=partial(sweep, conninfo, statement_timeout_seconds=STATEMENT_SECONDS),
            every_seconds=DAY_SECONDS,
            retry_seconds=RETRY_SECONDS,
            is_exclusive=True,
            is_due_at_start=False,
        ),
        # Woken by each commit of this process, and each second for those of others. Not required:
        # an answer reads what is not derived yet, and intake must not stop for it. Not exclusive
        # by a lock of its own: each step locks the row of its position.
        PeriodicTask(
            name="projection",
            run_once=partial(_derive_step, projection, stored),
            every_seconds=1.0,
            retry_seconds=1.0,
            rest_seconds=PROJECTION_REST_SECONDS,
            rest_factor=PROJECTION_REST_FACTOR,
            wake=stored,
        ),
        # Woken by each commit of this process while somebody listens; else a run does nothing.
        # Under load it rests as long as it works. Not required: whoever listens gets it later.
        PeriodicTask(
            name="stream",
            run_once=fan_out.run_once,
            every_seconds=STREAM_SECONDS,
            retry_seconds=1.0,
            rest_seconds=PROJECTION_REST_SECONDS,
            rest_factor=1.0,
            wake=fan_out.wake,
        ),
        # For people who look every few minutes; a look reads thousands of rows of the ledger. Not
        # required: the questions themselves read it anew; not at the start, where other work waits.
        PeriodicTask(
            name="subscriptions",
            run_once=watch.look,
            every_seconds=WATCH_SECONDS,
            retry_seconds=WATCH_SECONDS,
            is_due_at_start=False,
        ),
    ]
    if access_tokens is not None:
        # The interval is the longest time that a withdrawn key goes on working. Not required: the
        # keys that are known go on, and an outage of the authorization server must not turn away
        # the senders that do not need it.
        tasks.append(
            PeriodicTask(
                name="keys",
                run_once=access_tokens.refresh_keys,
                every_seconds=settings.jwt_refresh_seconds,
                retry_seconds=min(settings.jwt_refresh_seconds, KEYS_RETRY_SECONDS),
            )
        )
    if drain is not None:
        # Every process drains, its own files and those of processes that are gone. A database that
        # is away is no failure: the spool is there for that, and its age has an alert.
        tasks.append(
            PeriodicTask(
                name="spool",
                run_once=drain.run,
                every_seconds=SPOOL_SECONDS,
                retry_seconds=SPOOL_RETRY_SECONDS,
                rest_seconds=SPOOL_SECONDS,
                wake=drain.wake,
            )
        )
    return tasks


async def _drop_part(conninfo: str, months: int | None, undropped: asyncio.Event) -> None:
    """Drops months for a while; where there is more to do, the next run follows after the rest."""
    if await drop_old_months(conninfo, months):
        undropped.set()


async def _derive_step(projection: Projection, stored: asyncio.Event) -> None:
    """Derives one step; where there is more to do, the next one follows after the rest."""
    if await projection.derive():
        stored.set()


def _coroutine_of(call: Callable[[], None]) -> Callable[[], Awaitable[None]]:
    """Gives a call that waits for nothing the form of the others."""

    async def run_once() -> None:
        call()

    return run_once
