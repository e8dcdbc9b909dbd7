"""`receiver doctor`: is all as it should be, and if not, what is to be done?"""

import json
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from types import FrameType
from typing import Annotated

import httpx
import typer
from psycopg import Connection

from receiver.api.access.tokens.authorization_server import read_authorization_server
from receiver.app import database
from receiver.app.address import compose_url
from receiver.doctor import keys, machine, server
from receiver.doctor.diagnosis import Diagnosis, Outcome, State, examine, skip, skipped
from receiver.doctor.round_trip import post_and_read_back
from receiver.errors import ConfigurationError
from receiver.settings.settings import Settings
from receiver.store.connections.database import session

Connected = Callable[[Connection], Outcome]
Found = Callable[[database.Database], Outcome]

ON_ANY_SERVER: dict[str, Connected] = {
    "version": server.version,
    "clock": server.clock,
    "durability": server.durability,
}
MIGRATIONS = "migrations"
ON_THE_SCHEMA: dict[str, Connected] = {
    "partitions": server.partitions,
    "reporting role": server.reporting_role,
}
OF_CREDENTIALS: dict[str, Found] = {
    "sink credential": server.sink_credential,
    "expiry": server.expiry,
}
ACCESS_TOKENS = "access tokens"
ROUND_TRIP = "post and read back"
BEHIND_MIGRATIONS = (*ON_THE_SCHEMA, *OF_CREDENTIALS, ROUND_TRIP)
BEHIND_THE_DATABASE = (*ON_ANY_SERVER, MIGRATIONS, *BEHIND_MIGRATIONS)
BEHIND_SETTINGS = (
    ACCESS_TOKENS,
    "disk space",
    "first credentials",
    "database",
    *BEHIND_THE_DATABASE,
)

WIDTH = max(map(len, BEHIND_SETTINGS))


def doctor(
    url: Annotated[
        str | None,
        typer.Option(
            help="The running service, such as http://127.0.0.1:8000. Default: the local."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check settings, database and service; a test notification is posted, read and removed.

    Exit status: 1 when a check failed, else 0, also with warnings.
    """
    if url is not None:
        _require_url(url)
    signal.signal(signal.SIGTERM, _end)
    found: list[Diagnosis] = []
    for diagnosis in diagnoses(url):
        found.append(diagnosis)
        if not as_json:
            typer.echo(f"{diagnosis.state:<8} {diagnosis.check:<{WIDTH}}  {diagnosis.message}")
    states = {diagnosis.state for diagnosis in found}
    worst = next((one for one in (State.FAILED, State.WARNING) if one in states), State.OK)
    if as_json:
        checks = [{"check": one.check, "state": one.state, "message": one.message} for one in found]
        typer.echo(json.dumps({"state": worst, "checks": checks}, indent=2, ensure_ascii=False))
    raise typer.Exit(1 if worst is State.FAILED else 0)


def diagnoses(url: str | None) -> Iterator[Diagnosis]:
    """Every check, always the same ones in the same order, each as soon as it is made."""
    try:
        settings = Settings.from_environment()
    except ConfigurationError as error:
        yield Diagnosis("settings", State.FAILED, str(error))
        yield from skip(BEHIND_SETTINGS, "the settings come first")
        return
    yield examine("settings", machine.settings_are_known)
    yield examine(ACCESS_TOKENS, lambda: keys.access_tokens(read_authorization_server(settings)))
    if settings.database_conninfo is None:
        home = database.find_data_dir(settings)
        yield examine("disk space", lambda: machine.disk_space(home))
        yield examine("first credentials", lambda: machine.first_credentials(home))
    else:
        yield from skip(
            ("disk space", "first credentials"), "the data is on the server of DATABASE_URL"
        )
    with ExitStack() as stack:
        opened: list[database.Database] = []

        def reached() -> Outcome:
            found = stack.enter_context(database.open_database(settings))
            outcome = server.reached(found)
            opened.append(found)
            return outcome

        yield examine("database", reached)
        if opened:
            yield from _of_the_database(opened[0], settings, url)
        else:
            yield from skip(BEHIND_THE_DATABASE, "the database comes first")


def _of_the_database(
    found: database.Database, settings: Settings, url: str | None
) -> Iterator[Diagnosis]:
    for check, look in ON_ANY_SERVER.items():
        yield examine(check, _connected(found, look))
    migrated = examine(MIGRATIONS, lambda: server.migrations(found))
    yield migrated
    if migrated.state is not State.OK:
        yield from skip(BEHIND_MIGRATIONS, "the migrations come first")
        return
    for check, look in ON_THE_SCHEMA.items():
        yield examine(check, _connected(found, look))
    for check, ask in OF_CREDENTIALS.items():
        yield examine(check, partial(ask, found))
    yield examine(ROUND_TRIP, lambda: _round_trip(found, settings, url))


def _round_trip(found: database.Database, settings: Settings, url: str | None) -> Outcome:
    if found.embedded is not None and found.embedded.owned:
        return skipped("no service runs on the embedded Postgres; start `receiver serve`")
    if url is None and settings.port == 0:
        return skipped("RECEIVER_PORT is 0, so only you know the port; give --url")
    address = url or compose_url(settings.host, settings.port)
    return post_and_read_back(found.conninfo, address.rstrip("/"))


def _connected(found: database.Database, look: Connected) -> Callable[[], Outcome]:
    def connected() -> Outcome:
        with session(found.conninfo, "receiver doctor") as connection:
            return look(connection)

    return connected


def _require_url(url: str) -> None:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise typer.BadParameter("not a URL", param_hint="--url") from error
    if parsed.scheme not in ("http", "https") or not parsed.host or parsed.userinfo:
        raise typer.BadParameter(
            "must begin with http:// or https:// and a host", param_hint="--url"
        )


def _end(_number: int, _frame: FrameType | None) -> None:
    """Leaves every block on the way out, so that a trial is removed and Postgres is stopped."""
    sys.exit(1)
