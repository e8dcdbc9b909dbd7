"""The address that sends a request, behind the proxies that are trusted."""

from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.types import Scope

Address = IPv4Address | IPv6Address
Networks = Collection[IPv4Network | IPv6Network]

# `Forwarded` (RFC 7239) is not read: a proxy that writes one header passes a forged other on.
HEADER = b"x-forwarded-for"

# Addresses of the header that are parsed, from its end: more proxies than stand in a row anywhere,
# and the rest of a long header, which a stranger may have written, costs nothing.
HOPS_LIMIT = 10

UNKNOWN = "unknown"


def find_sender(scope: Scope, trusted: Networks) -> Address | None:
    """Returns the peer, or the right-most address in `X-Forwarded-For` that is no trusted proxy.

    Args:
        trusted: networks of proxies whose header is believed.

    Returns:
        None: the peer has no address.
    """
    client = scope.get("client")
    address = None if client is None else _parse(client[0])
    if address is None or not _is_in(address, trusted):
        return address
    forwarded = b",".join(value for name, value in scope["headers"] if name == HEADER)
    for hop in reversed(forwarded.decode("latin-1").rsplit(",", HOPS_LIMIT)[-HOPS_LIMIT:]):
        before = _parse(hop)
        if before is None:
            return address
        address = before
        if not _is_in(address, trusted):
            return address
    return address


def is_trusted(host: str, trusted: Networks) -> bool:
    """Tells whether a peer is one of the trusted proxies."""
    address = _parse(host)
    return address is not None and _is_in(address, trusted)


def name_bucket(address: Address | None) -> str:
    """Names the bucket of an address: an IPv4 address alone, an IPv6 address with its /64.

    A site gets a /64 at least, so its owner may change the rest of the address at will.
    """
    match address:
        case None:
            return UNKNOWN
        case IPv4Address():
            return str(address)
        case IPv6Address():
            return str(IPv6Network((int(address), 64), strict=False))


def redact_bucket(bucket: str) -> str:
    """Returns the network of a bucket, /24 or /48, for log lines: an address may be a person's."""
    if bucket == UNKNOWN:
        return UNKNOWN
    return str(ip_network(bucket).supernet(new_prefix=48 if ":" in bucket else 24))


def _is_in(address: Address, networks: Networks) -> bool:
    return any(address in network for network in networks)


def _parse(text: str) -> Address | None:
    """Reads an address with or without port or brackets; an IPv4 address in IPv6 is IPv4."""
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
