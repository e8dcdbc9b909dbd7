"""The URL of a database: everything that libpq would refuse is refused before any connection.

No message holds a part of the URL: a password with an unescaped `@`, `/` or `?` is read as a host,
a port or a parameter, and would be told with it.
"""

import re
from collections.abc import Mapping
from ipaddress import ip_address

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import Conninfo, ConnStatus, PGconn

Parameters = Mapping[str, str | int | None]

_SCHEME = re.compile(r"(postgres|postgresql|postgresql\+psycopg)://", re.IGNORECASE)
_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})|%00")
_NUMBERS = frozenset(
    {
        *("connect_timeout", "tcp_user_timeout"),
        *("keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count"),
    }
)
_PORT = re.compile(r"[0-9]{1,5}")

# Parameters that other drivers read and providers print; they are named, because they are no part
# of a secret.
_OF_OTHER_DRIVERS = frozenset(
    {
        *("pgbouncer", "schema", "connection_limit", "pool_timeout", "socket_timeout", "sslaccept"),
        *("statement_cache_size", "prepared_statement_cache_size", "pool_mode", "pool_size"),
        *("currentSchema", "ssl", "prepareThreshold", "search_path", "supa", "workaround"),
    }
)

# There is no such directory, so libpq checks every parameter and then reaches nothing.
_NOWHERE = "/nonexistent/receiver"
_BEHIND_THE_CHECKS = "connection to server on socket"


def read_database_url(written: str) -> str:
    """Returns the URL as libpq reads it: without blanks around it, with a scheme of libpq.

    Raises:
        ValueError: what is wrong, in words without a part of the URL.
    """
    url = written.strip()
    scheme = _SCHEME.match(url)
    if scheme is None:
        raise ValueError("must start with postgresql://")
    rest = url[scheme.end() :]
    authority = re.split("[/?]", rest, maxsplit=1)[0]
    if rest.count("@") > authority.count("@") or authority.count("@") > 1:
        raise ValueError(
            "has an @ behind the one before the host; in user, password and values write @ as %40,"
            " / as %2F and ? as %3F"
        )
    url = f"postgresql://{rest}"
    parameters = _parse(url, rest)
    _check_ports(parameters)
    _check_numbers(parameters)
    _check_with_libpq(parameters)
    return url


def _parse(url: str, rest: str) -> Parameters:
    try:
        return conninfo_to_dict(url)
    except UnicodeError:
        raise ValueError("is not UTF-8") from None
    except ProgrammingError:
        pass  # libpq's words repeat what it could not read
    if _BAD_PERCENT.search(rest):
        raise ValueError("has a % that begins no escape; write it as %25")
    names = {pair.partition("=")[0] for pair in rest.partition("?")[2].split("&")}
    foreign = sorted(names & _OF_OTHER_DRIVERS)
    if foreign:
        raise ValueError(f"has parameters of other drivers; remove {', '.join(foreign)}")
    if names - _keywords() - {""}:
        raise ValueError("has a parameter that libpq does not know")
    raise ValueError("is not a URL that libpq can read")


def _check_ports(parameters: Parameters) -> None:
    ports = str(parameters.get("port", "")).split(",")
    hosts = str(parameters.get("host") or parameters.get("hostaddr") or "").split(",")
    if not all(not port or (_PORT.fullmatch(port) and 0 < int(port) < 65536) for port in ports):
        raise ValueError("has a port that is no number from 1 to 65535")
    if len(ports) not in {1, len(hosts)}:
        raise ValueError("must have one port for all hosts, or one for each")


def _check_numbers(parameters: Parameters) -> None:
    """Checks what libpq reads only once it connects."""
    for name in sorted(_NUMBERS & parameters.keys()):
        if not re.fullmatch(r"-?[0-9]{1,9}", str(parameters[name])):
            raise ValueError(f"has a value of {name} that is no number")
    try:
        for address in filter(None, str(parameters.get("hostaddr", "")).split(",")):
            ip_address(address)
    except ValueError:
        raise ValueError("has a value of hostaddr that is no IP address") from None


def _check_with_libpq(parameters: Parameters) -> None:
    """Lets libpq check the other parameters, and the `PG*` variables that fill their gaps."""
    elsewhere = {"host", "hostaddr", "port", "password"}
    checked = {name: value for name, value in parameters.items() if name not in elsewhere}
    # The only parameter that libpq refuses for the socket of `_NOWHERE`.
    if checked.get("gssencmode", "require") == "require":
        checked["gssencmode"] = "prefer"
    conninfo = make_conninfo("", host=_NOWHERE, port="5432", **checked)
    connection = PGconn.connect_start(conninfo.encode())
    try:
        words = connection.get_error_message()
        if connection.status != ConnStatus.BAD or _BEHIND_THE_CHECKS in words:
            return
        blamed = {name for name in _keywords() if re.search(rf"\b{name}\b", words)}
    finally:
        connection.finish()
    mine = sorted(blamed & parameters.keys())
    if mine:
        raise ValueError(f"has a value of {', '.join(mine)} that libpq refuses")
    variables = sorted(_variables()[name] for name in blamed & _variables().keys())
    raise ValueError(f"is refused by libpq; see {', '.join(variables) or 'the PG* variables'}")


def _keywords() -> frozenset[str]:
    return frozenset(option.keyword.decode() for option in Conninfo.get_defaults())


def _variables() -> Mapping[str, str]:
    return {
        option.keyword.decode(): option.envvar.decode()
        for option in Conninfo.get_defaults()
        if option.envvar is not None
    }
