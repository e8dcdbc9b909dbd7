"""The faults, as a table: what happens where, how long, and what it may cost."""

import signal
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import partial

from tests.system.faults import databases, networks, processes
from tests.system.faults.places import (
    Place,
    Prepare,
    behind_a_name,
    behind_a_pooler,
    behind_a_relay,
    direct,
    embedded,
    on_a_small_disk,
    with_a_standby,
    with_clocks,
)

Strike = Callable[[Place], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault.

    Attributes:
        strike: does it; the end of its block mends it.
        prepare: makes the place at which it strikes.
        seconds: how long it lasts once it has struck.
        workers: processes that serve.
        settings: of the service.
        kills_service: whether every caller may be cut off, as a process of the service ends.
        is_crowded: whether a sender may be cut off, as the service has all the connections it may.
        may_refuse: whether a notification may be answered 503.
        is_noticed: whether probes may notice it; False: each of them stays healthy.
        is_told: whether `/readyz` has to tell of it.
        token_hours: how long the senders' token is valid; None: for ever.
        is_timed: whether the time of an answer counts.
        has_pipe: whether the log of the service goes to a pipe that nobody reads.
    """

    name: str
    strike: Strike
    prepare: Prepare = direct
    seconds: float = 0.0
    workers: int = 1
    settings: Mapping[str, str] = field(default_factory=dict)
    kills_service: bool = False
    is_crowded: bool = False
    may_refuse: bool = False
    is_noticed: bool = True
    is_told: bool = False
    token_hours: int | None = None
    is_timed: bool = True
    has_pipe: bool = False

    @property
    def may_cut(self) -> bool:
        """Whether a sender may lose its connection."""
        return self.kills_service or self.is_crowded


SHORT_TRUST = {"RECEIVER_CREDENTIAL_TRUST_SECONDS": "15"}

KILLED_POSTMASTER = Fault("`kill -9` of the postmaster", processes.kill_postmaster)
KILLED_BACKEND = Fault(
    "`kill -9` of a backend", partial(processes.kill_title, title="postgres: receiver")
)
RESTART = Fault("Postgres restarts, fast", processes.restart)

FAULTS = (
    # Killed.
    Fault("`kill -9` of the service", processes.kill_service, embedded, kills_service=True),
    Fault("`kill -9` of a worker of two", processes.kill_worker, workers=2, kills_service=True),
    Fault(
        "`kill -9` of the embedded postmaster",
        processes.kill_embedded_postmaster,
        embedded,
        kills_service=True,
        may_refuse=True,
    ),
    KILLED_POSTMASTER,
    KILLED_BACKEND,
    Fault("`kill -9` of the checkpointer", partial(processes.kill_title, title="checkpointer")),
    Fault("`kill -9` of the walwriter", partial(processes.kill_title, title="walwriter")),
    Fault("`kill -9` of all of Postgres, two workers", processes.kill_postgres, workers=2),
    Fault("`kill -9` of all of Postgres, `synchronous_commit` off", databases.crash_asynchronous),
    # Restarted and failed over.
    RESTART,
    Fault("Postgres restarts, fast, two workers", processes.restart, workers=2),
    Fault("Postgres restarts, immediate", partial(processes.restart, number=signal.SIGQUIT)),
    Fault(
        "the primary is killed, its standby promoted", processes.promote_after_kill, with_a_standby
    ),
    Fault(
        "the primary is frozen, its standby promoted, trust of 15 s",
        processes.promote_after_freeze,
        with_a_standby,
        seconds=45,
        settings=SHORT_TRUST,
        may_refuse=True,
    ),
    Fault(
        "commits hang on the standby, the primary freezes, the standby is promoted",
        processes.wedge,
        with_a_standby,
        may_refuse=True,
    ),
    # Silent.
    Fault(
        "Postgres is frozen",
        processes.freeze_postgres,
        seconds=60,
        may_refuse=True,
        is_told=True,
    ),
    Fault(
        "Postgres is frozen, until all connections wait",
        processes.freeze_postgres,
        seconds=20,
        settings={"RECEIVER_CONNECTION_LIMIT": "300"},
        is_crowded=True,
        may_refuse=True,
        is_told=True,
    ),
    Fault(
        "Postgres is frozen, two workers, trust of 15 s",
        processes.freeze_postgres,
        seconds=60,
        workers=2,
        settings=SHORT_TRUST,
        may_refuse=True,
        is_told=True,
    ),
    Fault(
        "the pooler is frozen",
        processes.freeze_pooler,
        behind_a_pooler,
        seconds=60,
        may_refuse=True,
        is_told=True,
    ),
    Fault(
        "the standby is frozen",
        processes.freeze_standby,
        with_a_standby,
        seconds=25,
        may_refuse=True,
        is_told=True,
    ),
    Fault(
        "SIGTERM while Postgres is frozen, two workers",
        processes.end_while_frozen,
        workers=2,
        kills_service=True,
        may_refuse=True,
    ),
    Fault(
        "open connections are swallowed for ever",
        networks.swallow,
        behind_a_relay,
        seconds=20,
        may_refuse=True,
    ),
    Fault(
        "the name no longer resolves",
        networks.silence_resolver,
        behind_a_name,
        seconds=20,
        may_refuse=True,
        is_told=True,
    ),
    # Broken.
    Fault("every connection is reset, twenty times", networks.reset, behind_a_relay),
    Fault(
        "connections are refused",
        networks.refuse,
        behind_a_relay,
        seconds=20,
        may_refuse=True,
        is_told=True,
    ),
    Fault("every session is terminated, ten times", databases.terminate_backends),
    # Unwilling.
    Fault("all connections of Postgres are used up", databases.use_up_connections, seconds=15),
    Fault("read-only", databases.make_read_only, seconds=20, may_refuse=True, is_told=True),
    Fault(
        "the disk is full",
        databases.fill_disk,
        on_a_small_disk,
        seconds=20,
        may_refuse=True,
        is_told=True,
    ),
    Fault("this month has no partition", databases.lose_partition, seconds=5),
    Fault(
        "table `event` is locked",
        partial(databases.lock, table="event"),
        seconds=20,
        may_refuse=True,
        is_told=True,
    ),
    Fault(
        "table `credential_token` is locked",
        partial(databases.lock, table="credential_token"),
        seconds=20,
    ),
    Fault("table `quarantine` is locked", partial(databases.lock, table="quarantine"), seconds=20),
    # Upgraded.
    Fault("a migration beside an open report", databases.migrate_beside_a_report, seconds=15),
    Fault(
        "a next release migrates and serves beside this one",
        databases.upgrade,
        seconds=10,
        is_noticed=False,
    ),
    # The machine.
    Fault(
        "nobody reads the pipe of the log",
        databases.leave_log_unread,
        seconds=20,
        has_pipe=True,
        is_noticed=False,
    ),
    # libfaketime holds a process up for as much as 2.5 s, even while the clock is right.
    Fault(
        "the service's clock is 3 h ahead, the token good for 2 h",
        networks.set_service_ahead,
        with_clocks,
        seconds=6,
        token_hours=2,
        is_timed=False,
    ),
    Fault(
        "Postgres's clock is 200 days ahead",
        networks.set_database_ahead,
        with_clocks,
        seconds=20,
        is_timed=False,
    ),
    Fault("both clocks jump by hours", networks.let_clocks_jump, with_clocks, is_timed=False),
)

# One after the other, at one place and under one load. Senders wait as long as a machine takes that
# runs other tests as well.
SHORT = (
    replace(KILLED_BACKEND, settings={"RECEIVER_COMMIT_TIMEOUT_SECONDS": "20"}),
    Fault("Postgres is frozen for a moment", processes.freeze_postgres, seconds=2),
    RESTART,
    KILLED_POSTMASTER,
)
