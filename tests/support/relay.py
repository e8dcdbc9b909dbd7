"""A way to Postgres for playing a failover: the old server falls silent, a new one answers."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.support.urls import url_of


class Relay:
    """Passes bytes between callers and a server, which has a socket in a folder or a port.

    Attributes:
        conninfo: of the server, by way of the relay; a URL.
    """

    def __init__(self, folder: Path, conninfo: str) -> None:
        parts = {"port": 5432, **conninfo_to_dict(conninfo)}
        self._host, self._port = str(parts["host"]), int(str(parts["port"]))
        name = f".s.PGSQL.{self._port}"
        self._door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._door.bind(str(folder / name))
        self._door.listen(100)
        self._generation = 0
        self._ways: list[socket.socket] = []
        self.conninfo = url_of(make_conninfo("", **{**parts, "host": str(folder)}))
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
                server = self._connect()
                self._ways += [caller, server]
                for source, sink in ((caller, server), (server, caller)):
                    threading.Thread(
                        target=self._pass, args=(source, sink, self._generation), daemon=True
                    ).start()

    def _connect(self) -> socket.socket:
        if not self._host.startswith("/"):
            return socket.create_connection((self._host, self._port))
        server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        server.connect(f"{self._host}/.s.PGSQL.{self._port}")
        return server

    def _pass(self, source: socket.socket, sink: socket.socket, generation: int) -> None:
        with suppress(OSError):
            while (data := source.recv(65536)) and generation == self._generation:
                sink.sendall(data)
        if generation == self._generation:
            with suppress(OSError):
                sink.shutdown(socket.SHUT_WR)


@contextmanager
def relayed(folder: Path, conninfo: str) -> Iterator[Relay]:
    """Runs a relay to a server, with a socket in a new folder."""
    folder.mkdir()
    relay = Relay(folder, conninfo)
    try:
        yield relay
    finally:
        relay.close()
