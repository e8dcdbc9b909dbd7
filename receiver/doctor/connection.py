"""The checks of the way to the database: pooler, writability, rights."""

from psycopg import Connection

from receiver.app.database import Database
from receiver.doctor.diagnosis import CheckResult, failed, ok
from receiver.doctor.pooler import check_pool
from receiver.settings.settings import Settings
from receiver.store.connections.database import is_pooled, session
from receiver.store.health import examination
from receiver.store.schema.rights import Standing, describe_missing_rights


def check_pooler(database: Database, settings: Settings) -> CheckResult:
    """Checks that both URLs lead to one database, and that a pooler between can be worked with."""
    with session(database.conninfo, "receiver doctor") as connection:
        is_between = is_pooled(connection)
        place = examination.place(connection)
    if database.direct_conninfo != database.conninfo:
        with session(database.direct_conninfo, "receiver doctor") as connection:
            is_between_both = is_pooled(connection)
            direct_place = examination.place(connection)
        if direct_place != place:
            return failed(
                "DATABASE_URL and DATABASE_DIRECT_URL lead to different servers, databases or"
                " tables; behind a pooler the search_path of the role decides the tables"
            )
    else:
        is_between_both = is_between
    if is_between:
        return check_pool(database.conninfo, settings, has_way_past=not is_between_both)
    return ok("no pooler stands between")


def check_writable(connection: Connection) -> CheckResult:
    """Checks that transactions may write."""
    standing = Standing.read(connection)
    if standing.is_standby:
        return failed("the server is a standby; DATABASE_URL must lead to the primary")
    if standing.is_read_only:
        return failed("default_transaction_read_only is on, so nothing can be stored")
    return ok("transactions may write")


def check_rights(connection: Connection) -> CheckResult:
    """Checks that the login may do what the service does."""
    missing = describe_missing_rights(connection)
    return ok("the login has every right on the tables") if missing is None else failed(missing)
