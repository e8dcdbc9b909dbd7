"""The role of the reports reads every view and calls every function of its schema, and no more."""

import psycopg
import pytest
from psycopg import sql

from tests.support.store.database import column

ROLE = "receiver_reporting"
OURS = "nspname <> 'information_schema' AND nspname !~ '^pg_'"

# What the role may do with tables, views, sequences, functions, schemas and the database.
RIGHTS = f"""
SELECT format('%s on %I.%I', privilege, nspname, relname)
FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace,
    unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) AS privilege
WHERE {OURS} AND relkind IN ('r', 'p', 'v', 'm', 'f')
    AND has_any_column_privilege('{ROLE}', pg_class.oid, privilege)
UNION ALL
SELECT format('%s on %I.%I', privilege, nspname, relname)
FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace,
    unnest(ARRAY['DELETE', 'TRUNCATE', 'TRIGGER']) AS privilege
WHERE {OURS} AND relkind IN ('r', 'p', 'v', 'm', 'f')
    AND has_table_privilege('{ROLE}', pg_class.oid, privilege)
UNION ALL
SELECT format('%s on %I.%I', privilege, nspname, relname)
FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace,
    unnest(ARRAY['USAGE', 'SELECT', 'UPDATE']) AS privilege
WHERE {OURS} AND relkind = 'S' AND has_sequence_privilege('{ROLE}', pg_class.oid, privilege)
UNION ALL
SELECT format('EXECUTE on %s', pg_proc.oid::regprocedure)
FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace
WHERE {OURS} AND has_function_privilege('{ROLE}', pg_proc.oid, 'EXECUTE')
UNION ALL
SELECT format('%s on schema %I', privilege, nspname)
FROM pg_namespace, unnest(ARRAY['USAGE', 'CREATE']) AS privilege
WHERE {OURS} AND has_schema_privilege('{ROLE}', oid, privilege)
UNION ALL
SELECT 'CREATE on database' WHERE has_database_privilege('{ROLE}', current_database(), 'CREATE')
UNION ALL
SELECT format('attribute %s', attribute)
FROM pg_roles, LATERAL (VALUES ('superuser', rolsuper), ('createrole', rolcreaterole),
    ('createdb', rolcreatedb), ('replication', rolreplication), ('bypassrls', rolbypassrls)
) AS has (attribute, is_had)
WHERE rolname = '{ROLE}' AND is_had
UNION ALL
SELECT format('member of %s', roleid::regrole) FROM pg_auth_members
WHERE member = '{ROLE}'::regrole
"""  # noqa: S608 - composed of constants

VIEWS = """
SELECT format('reporting.%I', relname) FROM pg_class
WHERE relnamespace = 'reporting'::regnamespace AND relkind IN ('v', 'm', 'r', 'p', 'f')
"""
FUNCTIONS = "SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'reporting'::regnamespace"

# A call of each function with a null for each argument.
CALLS = """
SELECT format('%s(%s)', oid::regproc, (
    SELECT string_agg(format('NULL::%s', type::regtype), ', ') FROM unnest(proargtypes) AS type
)) FROM pg_proc WHERE pronamespace = 'reporting'::regnamespace
"""


def test_the_role_reads_all_of_its_schema_and_has_no_other_right(conninfo: str) -> None:
    expected = {
        # Of everybody, until an administrator takes it.
        "USAGE on schema public",
        "USAGE on schema reporting",
        *(f"SELECT on {view}" for view in column(conninfo, VIEWS)),
        *(f"EXECUTE on {function}" for function in column(conninfo, FUNCTIONS)),
    }
    assert set(column(conninfo, RIGHTS)) == expected


@pytest.mark.parametrize("sources", [VIEWS, CALLS], ids=["views", "functions"])
def test_the_role_can_ask_what_it_may_ask(conninfo: str, sources: str) -> None:
    with psycopg.connect(conninfo) as connection:
        found = [str(row[0]) for row in connection.execute(sources.encode()).fetchall()]
        connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(ROLE)))
        # As a tool connects that knows no search_path of ours.
        connection.execute("SET search_path = ''")
        for source in found:
            question = f"SELECT * FROM {source} AS source LIMIT 1"  # noqa: S608 - of the catalog
            connection.execute(question.encode())
    assert found or sources == CALLS


@pytest.mark.parametrize(
    "given",
    [
        "GRANT SELECT (payload) ON event TO receiver_reporting",
        "GRANT USAGE ON SEQUENCE event_seq TO receiver_reporting",
        "GRANT TRUNCATE ON reporting.event TO PUBLIC",
        "CREATE FUNCTION leak() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE VIEW reporting.ungranted AS SELECT 1 AS one",
    ],
)
def test_a_right_too_many_or_too_few_is_noticed(conninfo: str, given: str) -> None:
    with psycopg.connect(conninfo) as connection:
        connection.execute(given.encode())
    with pytest.raises(AssertionError):
        test_the_role_reads_all_of_its_schema_and_has_no_other_right(conninfo)
