"""`receiver console`: prints a link that signs a person in to the console."""

import webbrowser
from typing import Annotated
from urllib.parse import urlsplit

import typer

from receiver.api.console.place import compose_link
from receiver.app.address import find_local_service
from receiver.app.database import Database, open_database, require_migrated
from receiver.cli.exits import exits
from receiver.errors import ConfigurationError
from receiver.settings.settings import Settings
from receiver.store.credentials.links import LIFETIME, make_link


@exits({1: "there is no link, or no browser that opens it"})
def console(
    credential: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Whom it signs in: a reader, registrar or admin. Default: the oldest valid "
            "reader, else registrar, else admin.",
        ),
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(
            help="Where people reach the service, such as https://receiver.example.com. Default: "
            "the local service.",
        ),
    ] = None,
    open_: Annotated[bool, typer.Option("--open", help="Open it in a browser, too.")] = False,
) -> None:
    """Print a link that signs in to the console once.

    It works within five minutes, on every replica of the service. The link alone is on stdout; whom
    it signs in is on stderr.
    """
    if url is not None:
        _require_url(url)
    settings = Settings.from_environment()
    if not settings.console:
        raise ConfigurationError("RECEIVER_CONSOLE is false: the service has no console")
    with open_database(settings) as database:
        require_migrated(database)
        place = url or _find_service(settings, database)
        made = make_link(database.conninfo, credential)
    link = compose_link(place, made.key)
    minutes = LIFETIME.seconds // 60
    typer.echo(
        f"Signs in as the {made.credential.role} {made.credential.name}, once within {minutes}"
        " minutes:",
        err=True,
    )
    typer.echo(link)
    if open_ and not webbrowser.open(link):
        raise ConfigurationError("no browser was found; open the link yourself")


def _find_service(settings: Settings, database: Database) -> str:
    """Returns the URL of the local service.

    Raises:
        ConfigurationError: it does not run, or nothing tells where.
    """
    if database.embedded is not None and database.embedded.owned:
        raise ConfigurationError("the service does not run; start it with `receiver serve`")
    found = find_local_service(settings)
    if found is None:
        raise ConfigurationError("no local service is known, and RECEIVER_PORT is 0; give --url")
    return found


def _require_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        is_place = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        is_place = False
    if not is_place or parts.username is not None or parts.query or parts.fragment:
        raise typer.BadParameter(
            "must begin with http:// or https:// and a host", param_hint="--url"
        )
