"""Where a request comes from, past the proxies that are trusted."""

from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.types import Scope

Address = IPv4Address | IPv6Address
Networks = Collection[IPv4Network | IPv6Network]

# `Forwarded` (RFC 7239) is left unread: a proxy that writes the one passes a forged other on.
HEADER = b"x-forwarded-for"

# So many proxies stand behind each other at most.
HOPS_LIMIT = 10

UNKNOWN = "unknown"


def sender(scope: Scope, trusted: Networks) -> Address | None:
    """The peer, or the right-most address that a chain of trusted proxies says it got it from.

    Args:
        trusted: networks of proxies whose word is taken.

    Returns:
        None where the peer has no address.
    """
    client = scope.get("client")
    address = None if client is None else _parsed(client[0])
    if address is None or not _is_in(address, trusted):
        return address
    said = b",".join(value for name, value in scope["headers"] if name == HEADER)
    for hop in reversed(said.decode("latin-1").rsplit(",", HOPS_LIMIT)[-HOPS_LIMIT:]):
        before = _parsed(hop)
        if before is None:
            return address
        address = before
        if not _is_in(address, trusted):
            return address
    return address


def counted_as(address: Address | None) -> str:
    """What shares one count: an IPv4 address, or the /64 that an IPv6 site is given at least."""
    match address:
        case None:
            return UNKNOWN
        case IPv4Address():
            return str(address)
        case IPv6Address():
            return str(IPv6Network((int(address), 64), strict=False))


def shown_as(counted: str) -> str:
    """The network, /24 or /48, that a log line may name: an address may be a person's."""
    if counted == UNKNOWN:
        return UNKNOWN
    return str(ip_network(counted).supernet(new_prefix=48 if ":" in counted else 24))


def _is_in(address: Address, networks: Networks) -> bool:
    return any(address in network for network in networks)


def _parsed(text: str) -> Address | None:
    """An address with or without port or brackets; one that IPv6 wraps is IPv4."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
