"""Letting go of a server that has fallen silent, without asking it for anything.

A server ends a statement at its limit; one that is frozen, or that nothing leads to any more, ends
nothing, and nobody here would ever stop waiting for it. To cancel would ask the server again, and
to cancel a commit would ask it to end that unconfirmed by its standby. So the way to the server is
closed at this end only: whoever waits for an answer learns that the connection is lost. The server
goes on with what it does, and what becomes of it stays unknown.
"""

import asyncio
import os
import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any, TypeVar

import psycopg
from psycopg import AsyncConnection, BaseConnection
from psycopg.abc import PQGen
from psycopg.pq import ConnStatus, PipelineStatus
from psycopg.waiting import Ready, Wait

from receiver.store.connections.names import Hosts, Way

# A server that is alive ends a statement at its own limit first, and that says more.
MARGIN_SECONDS = 1.0

# While nothing ends the silence, each time takes twice as long as the one before: a session that
# waits for its standby goes on waiting in the server, and must not be one of many.
LONGEST_SECONDS = 300.0

# How long a server may take to accept that a statement is cancelled; a silent one never does.
CANCEL_SECONDS = 1.0

# Steps of statements that are taken in one turn of the event loop: each reads up to 16 KiB, and a
# page of the fleet has four times that.
STEPS_OF_A_TURN = 16

# What a way is waited for, and what it is ready for then, in the words of the kernel.
WAITED = {
    Wait.R: select.POLLIN,
    Wait.W: select.POLLOUT,
    Wait.RW: select.POLLIN | select.POLLOUT,
}
READY = {waited: Ready(int(wait)) for wait, waited in WAITED.items()}

Result = TypeVar("Result")


class Silence:
    """How long an answer is waited for.

    Attributes:
        seconds: the next time.

    Args:
        statement_timeout_seconds: the limit of the server. This is the limit the first time, and
            again after `end`, but for a margin.
    """

    def __init__(self, statement_timeout_seconds: float) -> None:
        self._first_seconds = self.seconds = statement_timeout_seconds + MARGIN_SECONDS

    @contextmanager
    def bounded(self, connection: AsyncConnection) -> Iterator[None]:
        """Lets go of a connection if the block takes too long; the driver then raises its loss."""
        timer = asyncio.get_running_loop().call_later(self.seconds, self._let_go, connection)
        try:
            yield
        finally:
            timer.cancel()

    def end(self) -> None:
        """Notes that the server has answered what matters."""
        self.seconds = self._first_seconds

    def _let_go(self, connection: AsyncConnection) -> None:
        self.seconds = min(2 * self.seconds, LONGEST_SECONDS)
        let_go(connection)


def let_go(connection: BaseConnection[Any]) -> None:
    """Closes the way to the server; the descriptor stays the connection's until that is closed."""
    try:
        descriptor = os.dup(connection.pgconn.socket)
    except (psycopg.Error, OSError):
        return
    with socket.socket(fileno=descriptor) as way:
        try:
            way.shutdown(socket.SHUT_RDWR)
        except OSError:
            # It is lost already.
            return


def let_go_after(connection: BaseConnection[Any], seconds: float) -> AbstractContextManager[None]:
    """Lets go of a connection of a thread, which nothing can cancel, if the block takes longer."""
    return called_after(seconds, partial(let_go, connection))


@contextmanager
def called_after(seconds: float, end: Callable[[], object]) -> Iterator[None]:
    """Calls, in another thread, what ends the wait of the block if it takes longer."""
    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


class PatientConnection(AsyncConnection[Any]):
    """A connection on which nobody waits for a silent server for ever.

    Attributes:
        silence: how long an answer is waited for; None: the connection is being made, which has a
            limit of its own.
        hosts: of its database.
        way: to its server.
        changes: those of the hosts before it was made.
        may_be_distributed: whether events may be distributed over several servers.
    """

    silence: Silence | None = None
    hosts: Hosts | None = None
    way: Way = Way("", "")
    changes: int = 0
    may_be_distributed = False

    async def wait(self, gen: PQGen[Result], *limits: Any, **more: Any) -> Result:
        """Waits for the server, as the driver does at every step.

        What waits for nothing goes on at once, such as a change of the commit mode, a statement of
        a pipeline on its way, or an answer that is here: the driver lets the event loop turn first,
        and beside an intake at full speed a question waited for its turns most of its time.
        """
        if self.silence is None or self.pgconn.status == ConnStatus.BAD:
            # A step of a lost connection must not begin: it could not end in order.
            return await super().wait(gen, *limits, **more)
        try:
            wanted = next(gen)
            if self.pgconn.pipeline_status != PipelineStatus.OFF:
                wanted = _take_steps(gen, wanted, self.pgconn.socket)
        except StopIteration as ended:
            result: Result = ended.value
            return result
        with self.silence.bounded(self):
            return await super().wait(_go_on(gen, wanted, self.pgconn.socket), *limits, **more)

    def is_lost(self) -> bool:
        """Tells whether its server has ended it, or commits have left its host for another.

        It is seen here, without a round trip.
        """
        hosts = self.hosts
        # One that was made since found no other host.
        if hosts is not None and self.changes < hosts.changes and hosts.is_left(self.way):
            return True
        try:
            poll = select.poll()
            # A server speaks unasked when it ends a session.
            poll.register(self.pgconn.socket, select.POLLIN)
            return bool(poll.poll(0))
        except psycopg.Error:
            return True

    async def cancel_safe(self, *, timeout: float = CANCEL_SECONDS) -> None:  # noqa: ASYNC109 - the driver has it
        """Asks the server to end the statement, as the driver does for a task that is cancelled.

        Raises:
            psycopg.Error: it does not accept that in time, and is let go of.
        """
        try:
            await super().cancel_safe(timeout=min(timeout, CANCEL_SECONDS))
        except psycopg.Error:
            let_go(self)
            raise


def may_be_distributed(connection: AsyncConnection[Any]) -> bool:
    """Tells whether events may be distributed over several servers.

    Such a database refuses a look-up of events for each row of something else: questions have
    another form there, which each server answers for its own events. It is right everywhere.
    """
    return isinstance(connection, PatientConnection) and connection.may_be_distributed


def _go_on(gen: PQGen[Result], wanted: Wait, descriptor: int) -> PQGen[Result]:
    """Returns the rest of what the driver has begun, with what it waits for first."""
    try:
        while True:
            wanted = gen.send((yield wanted))
            wanted = _take_steps(gen, wanted, descriptor)
    except StopIteration as ended:
        result: Result = ended.value
        return result


def _take_steps(gen: PQGen[Result], wanted: Wait, descriptor: int) -> Wait:
    """Takes the next steps for which the way is ready, and returns what the one after waits for.

    Raises:
        StopIteration: that was the last one.
    """
    for _ in range(STEPS_OF_A_TURN):
        ready = _find_ready(descriptor, wanted)
        if not ready:
            break
        wanted = gen.send(ready)
    return wanted


def _find_ready(descriptor: int, wanted: Wait) -> Ready:
    """Returns what a way is ready for now of what is waited for."""
    way = select.poll()
    way.register(descriptor, WAITED[wanted])
    for _, events in way.poll(0):
        return READY.get(events & WAITED[wanted], Ready.NONE)
    return Ready.NONE
