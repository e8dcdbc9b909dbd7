"""All checks: their order, and which ones need the success of another.

settings
    access tokens
    spool
    disk space, first credentials                               with the embedded Postgres only
    database
        version, writable, clock, durability, pooler
        migrations
            rights, partitions, reporting role, sink credential, expiry, subscriptions
            post and read back                                  beside a running service only

A check below one that failed is skipped and keeps its line, so every run has the same lines.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial

from psycopg import Connection

from receiver.api.access.tokens.authorization_server import read_authorization_server
from receiver.app.address import find_local_service
from receiver.app.database import Database, find_data_dir, open_database
from receiver.doctor import connection, machine, server
from receiver.doctor.diagnosis import (
    CheckResult,
    CheckState,
    Diagnosis,
    run_check,
    skip_checks,
    skipped,
)
from receiver.doctor.keys import check_access_tokens
from receiver.doctor.round_trip import post_and_read_back
from receiver.doctor.spool import check_spool
from receiver.doctor.subscriptions import check_subscriptions
from receiver.errors import ConfigurationError
from receiver.settings.settings import Settings
from receiver.store.connections.database import session

SETTINGS = "settings"
ACCESS_TOKENS = "access tokens"
SPOOL = "spool"
DISK_SPACE = "disk space"
FIRST_CREDENTIALS = "first credentials"
DATABASE = "database"
OF_ANY_SERVER: dict[str, Callable[[Connection], CheckResult]] = {
    "version": server.check_version,
    "writable": connection.check_writable,
    "clock": server.check_clock,
    "durability": server.check_durability,
}
POOLER = "pooler"
MIGRATIONS = "migrations"
OF_THE_SCHEMA: dict[str, Callable[[Connection], CheckResult]] = {
    "rights": connection.check_rights,
    "partitions": server.check_partitions,
    "reporting role": server.check_reporting_role,
}
OF_CREDENTIALS: dict[str, Callable[[Database], CheckResult]] = {
    "sink credential": server.check_sink_credential,
    "expiry": server.check_expiry,
    "subscriptions": check_subscriptions,
}
ROUND_TRIP = "post and read back"

BEHIND_MIGRATIONS = (*OF_THE_SCHEMA, *OF_CREDENTIALS, ROUND_TRIP)
BEHIND_DATABASE = (*OF_ANY_SERVER, POOLER, MIGRATIONS, *BEHIND_MIGRATIONS)
BEHIND_SETTINGS = (ACCESS_TOKENS, SPOOL, DISK_SPACE, FIRST_CREDENTIALS, DATABASE, *BEHIND_DATABASE)
CHECKS = (SETTINGS, *BEHIND_SETTINGS)


def diagnose(url: str | None) -> Iterator[Diagnosis]:
    """Yields the diagnosis of each of `CHECKS`, in their order, as soon as the check has ended.

    Args:
        url: the running service; None: the local one.
    """
    try:
        settings = Settings.from_environment()
    except ConfigurationError as error:
        yield Diagnosis(SETTINGS, CheckState.FAILED, str(error))
        yield from skip_checks(BEHIND_SETTINGS, "the settings come first")
        return
    yield run_check(SETTINGS, machine.check_settings)
    yield run_check(ACCESS_TOKENS, lambda: check_access_tokens(read_authorization_server(settings)))
    yield run_check(SPOOL, partial(check_spool, settings))
    if settings.database_conninfo is None:
        data_dir = find_data_dir(settings)
        yield run_check(DISK_SPACE, partial(machine.check_disk_space, data_dir))
        yield run_check(FIRST_CREDENTIALS, partial(machine.check_first_credentials, data_dir))
    else:
        there = "the data is on the server of DATABASE_URL"
        yield from skip_checks((DISK_SPACE, FIRST_CREDENTIALS), there)
    with ExitStack() as stack:
        opened: list[Database] = []

        def check_database() -> CheckResult:
            database = stack.enter_context(open_database(settings))
            result = server.check_answer(database)
            opened.append(database)
            return result

        yield run_check(DATABASE, check_database)
        if opened:
            yield from _diagnose_database(opened[0], settings, url)
        else:
            yield from skip_checks(BEHIND_DATABASE, "the database comes first")


def _diagnose_database(
    database: Database, settings: Settings, url: str | None
) -> Iterator[Diagnosis]:
    for name, check in OF_ANY_SERVER.items():
        yield run_check(name, partial(_check_connected, database, check))
    yield run_check(POOLER, partial(connection.check_pooler, database, settings))
    migrations = run_check(MIGRATIONS, partial(server.check_migrations, database))
    yield migrations
    if migrations.state is CheckState.FAILED:
        yield from skip_checks(BEHIND_MIGRATIONS, "the migrations come first")
        return
    for name, check in OF_THE_SCHEMA.items():
        yield run_check(name, partial(_check_connected, database, check))
    for name, check_credentials in OF_CREDENTIALS.items():
        yield run_check(name, partial(check_credentials, database))
    yield run_check(ROUND_TRIP, partial(_check_round_trip, database, settings, url))


def _check_connected(database: Database, check: Callable[[Connection], CheckResult]) -> CheckResult:
    with session(database.conninfo, "receiver doctor") as opened:
        return check(opened)


def _check_round_trip(database: Database, settings: Settings, url: str | None) -> CheckResult:
    if database.embedded is not None and database.embedded.owned:
        return skipped("no service runs on the embedded Postgres; start `receiver serve`")
    service = url or find_local_service(settings)
    if service is None:
        return skipped("RECEIVER_PORT is 0, so only you know the port; give --url")
    return post_and_read_back(database.conninfo, service)
