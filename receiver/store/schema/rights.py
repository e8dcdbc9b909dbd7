"""The rights of the login: what it lacks, and how an administrator grants it."""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import Connection

from receiver.errors import ConfigurationError

# A schema that the login may not use is not the current one; then the first of the search_path is.
STANDING = """
SELECT
    quote_ident(current_user),
    quote_ident(current_database()),
    COALESCE(
        quote_ident(current_schema()), trim(split_part(current_setting('search_path'), ',', 1))
    ),
    current_schema() IS NOT NULL,
    COALESCE(has_schema_privilege(current_schema(), 'CREATE'), false),
    has_database_privilege(current_database(), 'CREATE'),
    to_regnamespace('reporting') IS NOT NULL,
    current_setting('transaction_read_only') = 'on',
    pg_is_in_recovery(),
    (
        SELECT quote_ident(pg_get_userbyid(relowner)) FROM pg_class
        WHERE oid = to_regclass('event') AND NOT pg_has_role(relowner, 'USAGE')
    ),
    (
        SELECT quote_ident(nspname)
        FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE relname = 'event_identity' AND nspname <> ALL (current_schemas(false)) LIMIT 1
    )
"""

# What the service reads and writes. Not read from the declarations of the tables, which load what
# light commands do without; tests/store/schema/test_rights.py compares with a migrated database.
TABLES = (
    "console_link",
    "credential",
    "credential_token",
    "device_identifier",
    "device_status",
    "erasure",
    "event",
    "event_identity",
    "event_seed",
    "installation",
    "projection",
    "quarantine",
    "retention",
    "subscription",
    "subscription_registration",
    "subscription_retired",
)
SEQUENCES = ("event_seq",)
# Read by every start, and written by migrations alone.
REVISIONS = "alembic_version"

UNGRANTED = """
SELECT DISTINCT relname::text
FROM pg_class, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS privilege
WHERE relnamespace = current_schema()::regnamespace AND (
    relname = ANY(%(tables)s) AND relkind IN ('r', 'p')
        AND NOT has_table_privilege(pg_class.oid, privilege)
    OR relname = %(revisions)s AND relkind = 'r' AND NOT has_table_privilege(pg_class.oid, 'SELECT')
    OR relname = ANY(%(sequences)s) AND relkind = 'S'
        AND NOT has_sequence_privilege(pg_class.oid, 'USAGE')
)
ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the login may do where the tables are, or will be; names are quoted for SQL.

    tests/store/schema/test_rights.py guards the order.

    Attributes:
        schema: of the tables.
        owner: of the tables, if the login is no member of it.
        elsewhere: a schema outside the search_path that has tables of this service.
    """

    login: str
    database: str
    schema: str
    may_use_schema: bool
    may_create_tables: bool
    may_create_schemas: bool
    has_reporting: bool
    is_read_only: bool
    is_standby: bool
    owner: str | None
    elsewhere: str | None

    @classmethod
    def read(cls, connection: Connection) -> "Standing":
        """Asks the server."""
        [row] = connection.execute(STANDING).fetchall()
        return cls(*row)


def require_place(standing: Standing) -> None:
    """Refuses a connection that cannot see where the tables are.

    Raises:
        ConfigurationError: names the schema, and what to change.
    """
    if standing.elsewhere is not None:
        raise ConfigurationError(
            f"the tables of this service are in the schema {standing.elsewhere}; name it in"
            f" DATABASE_URL: ?options=-csearch_path%3D{standing.elsewhere}, or behind a pooler in"
            f" the search_path of the login {standing.login}"
        )
    if not standing.may_use_schema:
        raise ConfigurationError(
            f"the login {standing.login} may not use the schema {standing.schema}, or there is"
            f" none; an administrator runs: CREATE SCHEMA IF NOT EXISTS {standing.schema};"
            f" GRANT USAGE, CREATE ON SCHEMA {standing.schema} TO {standing.login};"
        )


def require_migration_rights(standing: Standing, pending: Sequence[str], first: str) -> None:
    """Refuses a migration that would stop half-way.

    Args:
        pending: the revisions that the database lacks.
        first: the revision that makes the schema of the views.

    Raises:
        ConfigurationError: one line with every grant that is missing.
    """
    if standing.is_read_only:
        state = "a standby" if standing.is_standby else "read-only (default_transaction_read_only)"
        raise ConfigurationError(f"the database is {state}; migrate where and when it is writable")
    if standing.owner is not None:
        raise ConfigurationError(
            f"the tables belong to {standing.owner}; migrate with that login, or an administrator"
            f" runs: GRANT {standing.owner} TO {standing.login};"
        )
    if first in pending and standing.has_reporting:
        raise ConfigurationError(
            "the database has a schema reporting, which is not of this service; use another"
        )
    grants = []
    if not standing.may_create_tables:
        grants.append(f"GRANT USAGE, CREATE ON SCHEMA {standing.schema} TO {standing.login};")
    if first in pending and not standing.may_create_schemas:
        grants.append(f"GRANT CREATE ON DATABASE {standing.database} TO {standing.login};")
    if grants:
        raise ConfigurationError(
            f"the login {standing.login} may not make what a migration makes; an administrator"
            f" runs: {' '.join(grants)}"
        )


def describe_missing_rights(connection: Connection) -> str | None:
    """Returns which rights the service lacks on its tables, with the grants; None: it has all."""
    standing = Standing.read(connection)
    needed = {"tables": list(TABLES), "sequences": list(SEQUENCES), "revisions": REVISIONS}
    lacking = [str(row[0]) for row in connection.execute(UNGRANTED, needed).fetchall()]
    schema, login = standing.schema, standing.login
    if lacking or not standing.may_use_schema:
        return (
            f"the login {login} lacks rights on {', '.join(lacking) or schema}; an administrator"
            f" runs: GRANT USAGE ON SCHEMA {schema} TO {login};"
            f" GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {login};"
            f" GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {login};"
        )
    if standing.owner is not None:
        return (
            f"the login {login} may not make partitions of the tables of {standing.owner}; an"
            f" administrator runs: GRANT {standing.owner} TO {login};"
        )
    return None
