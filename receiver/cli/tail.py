"""`receiver tail`: follows the live stream in a terminal, and forwards it to a program."""

import signal
import sys
from datetime import datetime
from typing import Annotated

import httpx
import typer

from receiver.app.address import find_local_service
from receiver.app.database import find_data_dir
from receiver.app.first_start import find_token_file
from receiver.cli.exits import INTERRUPTED, exits
from receiver.client import Client, ClientError
from receiver.client.attempts import parse_url
from receiver.client.calls.arguments import EventFilters
from receiver.errors import ConfigurationError, Unavailable
from receiver.settings.settings import Settings
from receiver.store.credentials.credentials import Role
from receiver.tailer.run import Tail

Texts = list[str] | None
Filter = Annotated[Texts, typer.Option(help="Events with it; again for more.")]
Time = Annotated[str | None, typer.Option(help="RFC 3339, with its zone.")]


@exits({1: "the stream cannot be followed, and stderr says why", 143: "SIGTERM"})
def tail(
    url: Annotated[
        str | None,
        typer.Option(
            help="The running service, such as http://127.0.0.1:8000. Default: the local."
        ),
    ] = None,
    token_stdin: Annotated[
        bool,
        typer.Option(
            "--token-stdin",
            help="Read the token of a reader from stdin. Default: the one the first start left.",
        ),
    ] = False,
    after_id: Annotated[
        str | None,
        typer.Option(
            help="The id of an event: what was stored since comes first, and in the 40 seconds "
            "before it. Default: from now on.",
            metavar="ID",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
    forward_to: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Post each event to it, too, as the notification that was received.",
        ),
    ] = None,
    type_: Annotated[Texts, typer.Option("--type", help="Events with it; again for more.")] = None,
    kind: Filter = None,
    name: Filter = None,
    source: Filter = None,
    credential: Filter = None,
    subscription_id: Filter = None,
    finding: Filter = None,
    occurred_from: Time = None,
    occurred_to: Time = None,
    received_from: Time = None,
    received_to: Time = None,
) -> None:
    """Follow events live in a terminal, as they are stored.

    A line has the time of the event, the device by its identifier, kind, name and what is told;
    with --forward-to also the answer to what was posted. It goes on when the service is away for
    a while, and when a post fails. Ctrl-C ends it, and says how to go on.
    """
    filters: EventFilters = {
        "type": type_ or (),
        "kind": kind or (),
        "name": name or (),
        "source": source or (),
        "credential": credential or (),
        "subscription_id": subscription_id or (),
        "finding": finding or (),
        "occurred_from": _read_time(occurred_from, "--occurred-from"),
        "occurred_to": _read_time(occurred_to, "--occurred-to"),
        "received_from": _read_time(received_from, "--received-from"),
        "received_to": _read_time(received_to, "--received-to"),
    }
    if after_id == "":
        raise typer.BadParameter("must be the id of an event", param_hint="--after-id")
    if forward_to is not None:
        _require_url(forward_to)
    client = _open_client(url, from_stdin=token_stdin)
    signal.signal(signal.SIGTERM, _end)
    following = Tail(as_json=as_json, write=typer.echo, note=_note)
    _note(f"Following {client.url}; Ctrl-C ends it.")
    try:
        with client:
            following.follow(client, filters, after_id=after_id, forward_to=forward_to)
    except ClientError as error:
        raise Unavailable(str(error)) from None
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    finally:
        last_id = following.last_id or after_id
        if last_id is not None:
            _note(f"Go on with --after-id={last_id}")


def _open_client(url: str | None, *, from_stdin: bool) -> Client:
    """Returns a client of the service at a URL, or of the local one.

    Raises:
        ConfigurationError: there is none, or no token.
    """
    settings = Settings.from_environment()
    place = url or find_local_service(settings)
    if place is None:
        raise ConfigurationError("no local service is known, and RECEIVER_PORT is 0; give --url")
    token = sys.stdin.readline().strip() if from_stdin else _read_local_token(settings)
    try:
        return Client(place, token=token)
    except ValueError as error:
        raise ConfigurationError(str(error)) from None


def _read_local_token(settings: Settings) -> str:
    path = find_token_file(find_data_dir(settings), Role.READER)
    try:
        return path.read_text().strip()
    except OSError as error:
        raise ConfigurationError(
            f"no token: {path} cannot be read ({error.strerror}); give --token-stdin"
        ) from None


def _read_time(text: str | None, option: str) -> datetime | None:
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise typer.BadParameter("must be RFC 3339 with a time zone", param_hint=option)
    return time


def _require_url(url: str) -> None:
    try:
        parsed = parse_url(url)
    except ValueError:
        parsed = httpx.URL()
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise typer.BadParameter(
            "must begin with http:// or https:// and a host", param_hint="--forward-to"
        )


def _note(line: str) -> None:
    typer.echo(line, err=True)


def _end(_: int, __: object) -> None:
    """Ends the command as an error would."""
    raise SystemExit(128 + signal.SIGTERM)
