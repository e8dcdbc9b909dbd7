"""A way to Postgres over TCP that swallows, refuses and resets what passes over it."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

NO_LINGER = struct.pack("ii", 1, 0)
BACKLOG = 200


class Relay:
    """Passes bytes between callers and a port of loopback.

    Args:
        port: on which the server listens.

    Attributes:
        port: on which the relay listens, whenever it does.
    """

    def __init__(self, port: int) -> None:
        self._server_port = port
        self._generation = 0
        self._ways: list[socket.socket] = []
        self._lock = threading.Lock()
        self.port = 0
        self.accept()

    def accept(self) -> None:
        """Takes callers, again on the same port."""
        self._door = socket.create_server(("127.0.0.1", self.port), backlog=BACKLOG)
        self.port = self._door.getsockname()[1]
        self._accepting = threading.Thread(target=self._take, args=(self._door,), daemon=True)
        self._accepting.start()

    def refuse(self) -> None:
        """Takes no caller any more."""
        with suppress(OSError):
            # Closing alone does not end the wait for a caller.
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        self._accepting.join()

    def swallow(self) -> None:
        """Lets nothing more pass on the connections that are open; new ones work."""
        self._generation += 1

    def reset(self) -> None:
        """Ends every open connection with a reset."""
        with self._lock:
            ways, self._ways = self._ways, []
        for way in ways:
            with suppress(OSError):
                way.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
                # `close` leaves a socket open while a thread waits on it.
                way.shutdown(socket.SHUT_RD)
            way.close()

    def close(self) -> None:
        """Ends everything."""
        self.refuse()
        self.reset()

    def _take(self, door: socket.socket) -> None:
        with suppress(OSError):
            while True:
                caller, _ = door.accept()
                try:
                    server = socket.create_connection(("127.0.0.1", self._server_port), timeout=5)
                except OSError:
                    caller.close()
                    continue
                server.settimeout(None)
                with self._lock:
                    self._ways += [caller, server]
                for source, sink in ((caller, server), (server, caller)):
                    threading.Thread(
                        target=self._pass, args=(source, sink, self._generation), daemon=True
                    ).start()

    def _pass(self, source: socket.socket, sink: socket.socket, generation: int) -> None:
        with suppress(OSError):
            while (data := source.recv(65536)) and generation == self._generation:
                sink.sendall(data)
            if generation == self._generation:
                sink.shutdown(socket.SHUT_WR)


@contextmanager
def relayed(port: int) -> Iterator[Relay]:
    """Runs a relay to a port for the length of the block."""
    relay = Relay(port)
    try:
        yield relay
    finally:
        relay.close()
