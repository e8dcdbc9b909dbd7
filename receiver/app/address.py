"""The address of the service: its URL, seen from this machine, and its listening socket."""

import socket

from receiver.errors import ConfigurationError

# Connections that wait to be accepted, at most; the system may allow fewer (net.core.somaxconn is
# 4096 on Linux). uvicorn has the same number.
BACKLOG = 2048

# An address that means every interface is no address to connect to; loopback reaches it.
LOOPBACK_OF = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - read, not bound


def compose_url(host: str, port: int) -> str:
    """Returns the URL at which this machine reaches a service that listens on host and port."""
    reachable = LOOPBACK_OF.get(host, host)
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"


def listen(host: str, port: int) -> socket.socket:
    """Returns a socket that listens.

    Raises:
        ConfigurationError: the address is taken, or is none of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise ConfigurationError(f"cannot listen on {host} port {port}: {error.strerror}") from None
