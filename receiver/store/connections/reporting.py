"""Sessions for reports: of the role `receiver_reporting`, which reads the views alone."""

from urllib.parse import quote, unquote

from psycopg import Connection, errors
from psycopg.conninfo import conninfo_to_dict

from receiver.errors import ConfigurationError
from receiver.store.connections.database import is_pooled

ROLE = "receiver_reporting"
MAKE_ROLE = f"CREATE ROLE {ROLE} NOLOGIN;"
GRANT_VIEWS = (
    f"GRANT USAGE ON SCHEMA reporting TO {ROLE};"
    f" GRANT SELECT ON ALL TABLES IN SCHEMA reporting TO {ROLE};"
)

# What a session begins with; it may change all but its role. A forgotten report must not hold back
# vacuum and migrations for ever, and a month of twenty million events is summed up in a minute.
BEGINS_WITH = {
    "role": ROLE,
    "TimeZone": "UTC",
    "default_transaction_read_only": "on",
    "statement_timeout": "5min",
    "search_path": "reporting",
}

MAY_LOG_IN = "SELECT rolcanlogin FROM pg_roles WHERE rolname = %s"
ALLOW_LOGIN = f"ALTER ROLE {ROLE} LOGIN"

LOGIN = "SELECT quote_ident(session_user)"
BECOME = f"SET ROLE {ROLE}"


def allow_login(connection: Connection) -> None:
    """Lets the role log in, where only the service's own user reaches the server."""
    if connection.execute(MAY_LOG_IN, [ROLE]).fetchone() == (False,):
        connection.execute(ALLOW_LOGIN)


def require_role(connection: Connection) -> None:
    """Refuses a connection whose login cannot become the role; the connection has the role then.

    Raises:
        ConfigurationError: one line with what to set or to grant.
    """
    if is_pooled(connection):
        raise ConfigurationError(
            "a pooler stands between, and reports need a session of their own;"
            " DATABASE_DIRECT_URL names the way past it"
        )
    [(login,)] = connection.execute(LOGIN).fetchall()
    grant = f"GRANT {ROLE} TO {login};"
    try:
        connection.execute(BECOME)
    except errors.InsufficientPrivilege:
        raise ConfigurationError(
            f"the login {login} may not become {ROLE}; an administrator runs: {grant}"
        ) from None
    except errors.InvalidParameterValue:
        raise ConfigurationError(
            f"there is no role {ROLE}; an administrator runs: {MAKE_ROLE} {GRANT_VIEWS} {grant}"
        ) from None


def compose_url(url: str) -> str:
    """Returns a URL of libpq whose sessions are for reports.

    Args:
        url: of a login that may become the role, or of the role itself.
    """
    own = str(conninfo_to_dict(url).get("options", ""))
    settings = (f"-c {name}={value}" for name, value in BEGINS_WITH.items())
    address, _, query = url.partition("?")
    others = [
        pair for pair in query.split("&") if pair and unquote(pair.partition("=")[0]) != "options"
    ]
    options = quote(" ".join([own, *settings]).strip(), safe="")
    return f"{address}?{'&'.join([*others, f'options={options}'])}"
