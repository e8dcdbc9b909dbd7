"""A way to Postgres for playing a failover: the old server falls silent, a new one answers."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict


class Relay:
    """Passes bytes between callers and the socket of a server.

    Attributes:
        conninfo: of the server, by way of the relay.
    """

    def __init__(self, folder: Path, conninfo: str) -> None:
        parts = conninfo_to_dict(conninfo)
        name = f".s.PGSQL.{parts['port']}"
        self._server = str(Path(str(parts["host"])) / name)
        self._door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._door.bind(str(folder / name))
        self._door.listen(100)
        self._generation = 0
        self._ways: list[socket.socket] = []
        port, user, database = (parts[name] for name in ("port", "user", "dbname"))
        self.conninfo = f"postgresql://{user}@/{database}?host={folder}&port={port}"
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def fail_over(self) -> None:
        """Lets nothing more pass on the connections that are open; new ones work."""
        self._generation += 1

    def close(self) -> None:
        """Ends every connection."""
        # Closing alone does not end the wait for a caller.
        self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        self._accepting.join()
        for way in self._ways:
            with suppress(OSError):
                way.shutdown(socket.SHUT_RDWR)
            way.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                caller, _ = self._door.accept()
                server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                server.connect(self._server)
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
            with suppress(OSError):
                sink.shutdown(socket.SHUT_WR)


@contextmanager
def relayed(folder: Path, conninfo: str) -> Iterator[Relay]:
    """Runs a relay to a server that listens on a socket of the file system."""
    folder.mkdir()
    relay = Relay(folder, conninfo)
    try:
        yield relay
    finally:
        relay.close()
