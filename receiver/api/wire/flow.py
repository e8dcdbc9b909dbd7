"""Flow control: how far a connection is read ahead, and how long its answers may stay unread."""

import asyncio
import fcntl
import struct
import termios
from collections import OrderedDict
from collections.abc import Callable, Sized

from uvicorn.protocols.http.flow_control import FlowControl

from receiver.api.wire.places import Place


class Flow(FlowControl):
    """uvicorn's flow control that reads nothing more while requests or answers wait.

    Otherwise each answer would let in another chunk full of requests, and a caller that does not
    read its answers would get more and more of them.

    Args:
        waiting: the pipeline.
        resumed: called when reading continues.
    """

    def __init__(
        self, transport: asyncio.Transport, waiting: Sized, resumed: Callable[[], None]
    ) -> None:
        super().__init__(transport)
        self._waiting = waiting
        self._resumed = resumed

    def resume_reading(self) -> None:
        if self.read_paused and not self._waiting and not self.write_paused:
            super().resume_reading()
            self._resumed()


class Backlog:
    """The part of one connection's answers that the caller does not read.

    It begins when the transport holds more than its high-water mark, and ends when the caller has
    read most of it. A caller that reads nothing for a whole timeout loses its connection; one that
    reads slowly keeps it.

    Args:
        connection: what is listed among the unread connections meanwhile.
        unread: the connections of this process with a backlog, the longest first.
        timeout_seconds: the longest time without any progress.
    """

    def __init__(
        self,
        connection: Place,
        transport: asyncio.Transport,
        unread: OrderedDict[Place, None],
        timeout_seconds: float,
    ) -> None:
        self._connection = connection
        self._transport = transport
        self._unread = unread
        self._timeout_seconds = timeout_seconds
        self._bytes = 0
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Starts the deadline."""
        self._unread[self._connection] = None
        self._wait()

    def end(self) -> None:
        """Forgets the backlog: the caller has read, or is gone."""
        self._unread.pop(self._connection, None)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wait(self) -> None:
        self._bytes = self._count_bytes()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._timeout_seconds, self._check)

    def _count_bytes(self) -> int:
        """Counts what the caller has not acknowledged, in our buffer and in the kernel's."""
        try:
            fd = self._transport.get_extra_info("socket").fileno()
            (in_kernel,) = struct.unpack("i", fcntl.ioctl(fd, termios.TIOCOUTQ, bytes(4)))
        except (AttributeError, OSError):
            # No socket, or a system that does not tell: our own buffer moves in larger steps.
            in_kernel = 0
        return self._transport.get_write_buffer_size() + int(in_kernel)

    def _check(self) -> None:
        if self._count_bytes() < self._bytes:
            self._wait()
        else:
            # Closing would wait for the caller to read.
            self._transport.abort()
