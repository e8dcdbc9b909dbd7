"""The reports of a distributed database: their views look at events through functions.

A view that looks up events for each row of what is derived is refused where several servers have
the events, or ends the server. A function hides the look-up from the planner of the distribution:
each call asks for one device, or for one subscription, and is a question of its own. All else of
the views is as their files have it, so that they have the same rows.
"""

from pathlib import Path

import psycopg

from receiver.store import reporting
from receiver.store.connections.reporting import ROLE

# Of the login that owns the events, because a view calls a function as whoever reads the view.
_OWNED = "LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp"

EVENTS_OF = f"""
CREATE OR REPLACE FUNCTION event_fact_of(device uuid) RETURNS SETOF event_fact {_OWNED} AS $$
BEGIN
    RETURN QUERY SELECT * FROM public.event_fact AS event WHERE event.device_id = device;
END
$$
"""  # noqa: S608 - composed of constants
COUNTED_OF = f"""
CREATE OR REPLACE FUNCTION subscription_event_of(subscription text)
RETURNS SETOF subscription_event {_OWNED} AS $$
BEGIN
    RETURN QUERY SELECT * FROM public.subscription_event AS counted
    WHERE counted.subscription_id = subscription;
END
$$
"""  # noqa: S608 - composed of constants
FUNCTIONS = ("event_fact_of(uuid)", "subscription_event_of(text)")

# The views and the function that look up, without those that read them, and what is replaced.
LOOK_UPS = {
    "internal/axis_interval": (
        "JOIN event_fact AS event ON event.device_id = member.member_id",
        "CROSS JOIN LATERAL event_fact_of(member.member_id) AS event",
    ),
    "device": (
        "FROM event_fact AS event\n                WHERE event.device_id = member.id",
        "FROM event_fact_of(member.id) AS event\n                WHERE true",
    ),
    "subscription": (
        "FROM subscription_event AS counted",
        "FROM subscription_event_of(known.subscription_id) AS counted",
    ),
    "functions/intervals": (
        "FROM event_fact AS event",
        "FROM event_fact_of(member.member_id) AS event",
    ),
}

# The coordinator alone is asked for reports.
HERE_ALONE = "SET LOCAL citus.enable_ddl_propagation TO off"
HAS_ROLE = "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %s)"


def list_report_commands() -> list[str]:
    """Returns the commands that give the reports their form, for one transaction."""
    taken = [f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC" for function in FUNCTIONS]
    return [HERE_ALONE, EVENTS_OF, COUNTED_OF, *map(compose_report, LOOK_UPS), *taken]


def list_grants() -> list[str]:
    """Returns what the role of the reports is given then, where there is one."""
    return [f"GRANT EXECUTE ON FUNCTION {function} TO {ROLE}" for function in FUNCTIONS]


def compose_report(name: str) -> str:
    """Returns the command that replaces one view, or function, by its form."""
    path = Path(reporting.__path__[0]) / f"{name}.sql"
    text = path.read_text()
    looks_up, calls = LOOK_UPS[name]
    if looks_up not in text:
        raise LookupError(f"the report {name} looks up nothing")
    return text.replace(looks_up, calls).replace("CREATE ", "CREATE OR REPLACE ", 1)


def adapt_reports(connection: psycopg.Connection) -> None:
    """Gives the reports their form of a distributed database; again is harmless.

    Args:
        connection: of the login that owns the tables.
    """
    with connection.transaction():
        for command in list_report_commands():
            connection.execute(command.encode())
        [(has_role,)] = connection.execute(HAS_ROLE, [ROLE]).fetchall()
        for grant in list_grants() if has_role else ():
            connection.execute(grant.encode())
