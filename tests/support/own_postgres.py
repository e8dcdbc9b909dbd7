"""A Postgres of a test's own, which the test stops, kills or freezes under a running service."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psutil

from receiver.postgres import embedded_postgres


class OwnPostgres:
    """A server on a folder; its address stays the same over all its lives.

    Args:
        folder: one that the user of Postgres can reach.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._life = ExitStack()
        self.conninfo = ""

    def start(self) -> None:
        """Starts the server, and waits until it accepts connections."""
        self.conninfo = self._life.enter_context(embedded_postgres(self._folder)).conninfo

    def stop(self) -> None:
        """Ends the server in order."""
        self._life.close()

    def kill(self) -> None:
        """Kills every process of the server, so that what it has not written is gone."""
        for process in self._processes():
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._life.close()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Stops every process of the server for the length of the block; the kernel goes on.

        So connections are taken, and bytes acknowledged, and nothing is ever answered.
        """
        processes = self._processes()
        for process in processes:
            # A backend may have ended meanwhile.
            with suppress(psutil.NoSuchProcess):
                process.suspend()
        try:
            yield
        finally:
            for process in processes:
                with suppress(psutil.NoSuchProcess):
                    process.resume()

    def _processes(self) -> list[psutil.Process]:
        postmaster = int((self._folder / "postgres" / "postmaster.pid").read_text().split()[0])
        leader = psutil.Process(postmaster)
        return [leader, *leader.children(recursive=True)]


@contextmanager
def own_postgres(folder: Path) -> Iterator[OwnPostgres]:
    """Runs a server, and ends it at the end of the block if it runs then."""
    server = OwnPostgres(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
