"""The URL of the service, seen from this machine."""

# An address that means every interface is no address to connect to; loopback reaches it.
LOOPBACK_OF = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - read, not bound


def compose_url(host: str, port: int) -> str:
    """Returns the URL at which this machine reaches a service that listens on host and port."""
    reachable = LOOPBACK_OF.get(host, host)
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"
