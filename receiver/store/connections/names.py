"""Names of hosts become addresses within a limit, and in an order, ahead of the connection.

The driver asks the resolver of the system, which waits for a silent one as long as it likes, while
the limit of a connection begins behind it.

A leader that was replaced and does not know it yet takes writes, and never confirms them, as its
standbys follow another one. libpq takes the first host that takes writes, which is this one again
and again if it stands first. So a host on which a commit hangs is tried last, until one is
confirmed there.
"""

import asyncio
import socket
from ipaddress import ip_address
from random import shuffle
from typing import NamedTuple

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

# Of all names of a connection string together; a resolver answers in milliseconds, and asks a
# second one after five seconds.
RESOLVE_TIMEOUT_SECONDS = 5.0

# What libpq takes one of for each host, and what it takes for none.
WAY = ("host", "hostaddr", "port")
DEFAULT_PORT = "5432"


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


class Way(NamedTuple):
    """One way to a server: an address, or the folder of a socket, and a port."""

    address: str
    port: str


class Hosts:
    """What the commits of a process tell of the hosts of its database.

    Attributes:
        changes: how often commits went over to another host.
    """

    def __init__(self) -> None:
        self.changes = 0
        self._hung: set[Way] = set()
        self._confirmed: Way | None = None

    def note_hung(self, way: Way) -> None:
        """Notes that a commit is not confirmed in its time."""
        self._hung.add(way)

    def note_confirmed(self, way: Way) -> None:
        """Notes that a commit is confirmed."""
        self._hung.discard(way)
        if way != self._confirmed:
            self._confirmed = way
            self.changes += 1

    def is_left(self, way: Way) -> bool:
        """Tells whether commits hung there, and are confirmed elsewhere since."""
        return way in self._hung and way != self._confirmed

    def order(self, conninfo: str) -> str:
        """Returns the connection string with the hosts on which commits hang behind all others."""
        if not self._hung:
            return conninfo
        parameters = conninfo_to_dict(conninfo)
        columns = [str(parameters.get(name) or "").split(",") for name in WAY]
        number = max(map(len, columns))
        # libpq takes a single port for all hosts.
        columns = [column * number if len(column) == 1 else column for column in columns]
        rows = list(zip(*columns, strict=True))
        if parameters.get("load_balance_hosts") == "random":
            shuffle(rows)
            # The driver draws lots behind us otherwise.
            parameters["load_balance_hosts"] = "disable"
        rows.sort(key=lambda row: Way(row[1] or row[0], row[2] or DEFAULT_PORT) in self._hung)
        ordered = {
            name: ",".join(column) if any(column) else None
            for name, column in zip(WAY, zip(*rows, strict=True), strict=True)
        }
        return make_conninfo("", **parameters | ordered)


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
