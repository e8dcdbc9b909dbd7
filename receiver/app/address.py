"""The address of the service: its listening socket, its URL, and where other commands find it.

A service on its embedded Postgres writes its process id and URL into a file of the data directory,
beside the lock; a command that means "the local service" reads it.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path

from receiver.app.database import find_data_dir
from receiver.errors import ConfigurationError
from receiver.settings.settings import Settings

# Connections that wait to be accepted, at most; the system may allow fewer (net.core.somaxconn is
# 4096 on Linux). uvicorn has the same number.
BACKLOG = 2048

# An address that means every interface is no address to connect to; loopback reaches it.
LOOPBACK_OF = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - read, not bound

# What else reaches a service that listens on every interface.
OTHERS_OF = {
    "": "every other IPv4 address",
    "0.0.0.0": "every other IPv4 address",  # noqa: S104 - read, not bound
    "::": "every other address",
}

# In the data directory: the process id and the URL of its service, with a space between.
ADDRESS = "address"


def compose_url(host: str, port: int) -> str:
    """Returns the URL at which this machine reaches a service that listens on host and port."""
    bare = _without_brackets(host)
    reachable = LOOPBACK_OF.get(bare, bare)
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"


def name_others(host: str) -> str | None:
    """Returns which other addresses of this machine reach the service; None: there are none."""
    return OTHERS_OF.get(_without_brackets(host))


def listen(host: str, port: int) -> socket.socket:
    """Returns a socket that listens; on `::` for IPv4 too, where the system can.

    Raises:
        ConfigurationError: the address is taken, or is none of this machine.
    """
    bare = _without_brackets(host)
    is_ipv6 = ":" in bare
    try:
        return socket.create_server(
            (bare, port),
            family=socket.AF_INET6 if is_ipv6 else socket.AF_INET,
            backlog=BACKLOG,
            dualstack_ipv6=is_ipv6 and _is_every_address(bare) and socket.has_dualstack_ipv6(),
        )
    except OSError as error:
        raise ConfigurationError(f"cannot listen on {host} port {port}: {error.strerror}") from None


@contextmanager
def announce(data_dir: Path, url: str) -> Iterator[None]:
    """Lets the commands of this machine find the service, for the length of the block.

    Args:
        data_dir: owned by this process.
    """
    path = data_dir / ADDRESS
    # Renamed when complete: a reader finds all of it or nothing.
    incomplete = path.with_suffix(".incomplete")
    incomplete.unlink(missing_ok=True)
    # Made here: whatever others put in its place is never written to.
    with incomplete.open("x") as file:
        file.write(f"{os.getpid()} {url}\n")
    incomplete.rename(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def find_local_service(settings: Settings) -> str | None:
    """Returns the URL of the local service: as it was announced, or as the settings say.

    Returns:
        None: no service announced itself, and the settings let it pick a free port.
    """
    if settings.database_conninfo is None:
        announced = _find_announced(find_data_dir(settings))
        if announced is not None:
            return announced
    return compose_url(settings.host, settings.port) if settings.port else None


def _find_announced(data_dir: Path) -> str | None:
    try:
        pid, url = (data_dir / ADDRESS).read_text().split()
        os.kill(int(pid), 0)
    except PermissionError as error:
        # Of the signal: the service runs as another user. Else of the file.
        return url if error.filename is None else None
    except (OSError, ValueError):
        return None
    return url


def _without_brackets(host: str) -> str:
    return host[1:-1] if host.startswith("[") and host.endswith("]") else host


def _is_every_address(host: str) -> bool:
    try:
        return ip_address(host).is_unspecified
    except ValueError:
        return False
