"""What stands in the way of distributing a database: each with what to do about it."""

from collections.abc import Iterator

from psycopg import Connection

from receiver.store.connections.database import is_pooled
from receiver.store.distribution.detecting import has_extension
from receiver.store.schema.revisions import pending_migrations
from receiver.store.schema.rights import Standing

IS_COORDINATOR = "SELECT groupid = 0 FROM pg_dist_local_group"
WORKERS = """
SELECT count(*) FROM pg_dist_node
WHERE groupid <> 0 AND isactive AND shouldhaveshards AND noderole = 'primary'
"""

# Of a projector that ran: it reads by transactions as long as its position is a snapshot.
READS_BY_TRANSACTIONS = "SELECT EXISTS (SELECT FROM projection WHERE position IS NOT NULL)"

# A commit asks for durability on the coordinator only, and each node has settings of its own.
UNSAFE_NODES = """
SELECT nodename || ':' || nodeport
FROM run_command_on_all_nodes('SHOW synchronous_commit') AS answer
JOIN pg_dist_node USING (nodeid)
WHERE NOT success OR result = 'off'
ORDER BY 1
"""

EXTENSION = (
    "the extension citus is not in this database; an administrator puts it into"
    " shared_preload_libraries and runs, in the database of the same name on every node,"
    " CREATE EXTENSION citus; and here SELECT citus_set_coordinator_host('…'); and for each worker"
    " SELECT citus_add_node('…', 5432);"
)
NO_COORDINATOR = "this is a worker; DATABASE_URL has to name the coordinator, for every service too"
NO_WORKERS = (
    "the coordinator knows no worker; an administrator runs: SELECT"
    " citus_set_coordinator_host('…'); and for each worker SELECT citus_add_node('…', 5432);"
)
POOLED = "a pooler stands between; DATABASE_DIRECT_URL names the way past it"
FEED = (
    "the projector reads by ids of transactions, which several nodes do not share; restart every"
    " service with RECEIVER_FEED=overlap first"
)


def find_obstacles(connection: Connection, conninfo: str) -> Iterator[str]:
    """Yields sentences; those that need the tables or the extension are left out without them.

    Raises:
        ConfigurationError: the database is not for this service.
        Unavailable: it is away.
    """
    has_nodes = has_extension(connection)
    if has_nodes and not _tells(connection, IS_COORDINATOR):
        yield NO_COORDINATOR
        return
    if is_pooled(connection):
        yield POOLED
    standing = Standing.read(connection)
    if standing.is_read_only:
        yield "the database is read-only, or a standby"
    pending = pending_migrations(conninfo)
    if pending:
        yield f"migrations are pending ({', '.join(pending)}); run `receiver migrate --finish`"
    elif standing.owner is not None:
        yield (
            f"the tables belong to {standing.owner}; use that login, or an administrator runs:"
            f" GRANT {standing.owner} TO {standing.login};"
        )
    elif _tells(connection, READS_BY_TRANSACTIONS):
        yield FEED
    if not has_nodes:
        yield EXTENSION
    elif not _tells(connection, WORKERS):
        yield NO_WORKERS
    else:
        unsafe = ", ".join(str(row[0]) for row in connection.execute(UNSAFE_NODES).fetchall())
        if unsafe:
            yield f"synchronous_commit is off, or not told, on {unsafe}; set it to on there"


def _tells(connection: Connection, question: str) -> bool:
    [(answer,)] = connection.execute(question.encode()).fetchall()
    return bool(answer)
