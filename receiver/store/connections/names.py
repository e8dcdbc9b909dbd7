"""Names of hosts become addresses within a limit, ahead of the connection.

The driver asks the resolver of the system, which waits for a silent one as long as it likes, while
the limit of a connection begins behind it.
"""

import asyncio
import socket
from ipaddress import ip_address

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

# Of all names of a connection string together; a resolver answers in milliseconds, and asks a
# second one after five seconds.
RESOLVE_TIMEOUT_SECONDS = 5.0


async def resolve(conninfo: str) -> str:
    """Returns the connection string with an address for each host; a name may have several.

    A name that has none is left out, as libpq goes on with the next host.

    Raises:
        psycopg.OperationalError: no name has an address, or not in time.
    """
    parameters = conninfo_to_dict(conninfo)
    hosts = str(parameters.get("host") or "").split(",")
    if "hostaddr" in parameters or not any(map(_is_name, hosts)):
        return conninfo
    ports = str(parameters.get("port") or "").split(",")
    if len(ports) == 1:
        ports *= len(hosts)
    if len(ports) != len(hosts):
        # libpq says what is wrong with it.
        return conninfo
    found = await asyncio.gather(*map(_look_up, hosts))
    ways = [
        (host, address, port)
        for host, addresses, port in zip(hosts, found, ports, strict=True)
        for address in addresses
    ]
    if not ways:
        raise psycopg.OperationalError("no host name of the database has an address")
    names, addresses, numbers = (",".join(column) for column in zip(*ways, strict=True))
    return make_conninfo(conninfo, host=names, hostaddr=addresses, port=numbers)


async def _look_up(host: str) -> list[str]:
    """Returns the addresses of a host; an empty text stands for a host without a name."""
    if not _is_name(host):
        return [host if _is_address(host) else ""]
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(RESOLVE_TIMEOUT_SECONDS):
            found = await loop.getaddrinfo(
                host, None, proto=socket.IPPROTO_TCP, type=socket.SOCK_STREAM
            )
    # TimeoutError is an OSError; a name that cannot be encoded is a UnicodeError.
    except (OSError, UnicodeError):
        return []
    return [str(address[0]) for *_, address in found]


def _is_name(host: str) -> bool:
    """Tells whether a host is neither a folder with a socket, nor an address, nor left out."""
    return not (not host or host.startswith(("/", "@")) or _is_address(host))


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
