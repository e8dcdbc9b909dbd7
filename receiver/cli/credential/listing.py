"""`receiver credential list`: prints every credential, once for each of its tokens."""

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from receiver.app.database import open_database
from receiver.cli.exits import exits
from receiver.settings.settings import Settings
from receiver.store.credentials.credentials import Credential, list_credentials
from receiver.store.credentials.expiry import find_state

HEADINGS = ("NAME", "ROLE", "STATE", "CREATED", "EXPIRES", "REVOKED", "LAST USED", "MAY SEND")


@exits()
def list_all(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show all credentials, never a token."""
    with open_database(Settings.from_environment()) as database:
        credentials = list_credentials(database.conninfo)
    now = datetime.now(UTC)
    if as_json:
        members = [_compose_members(credential, now) for credential in credentials]
        typer.echo(json.dumps({"credentials": members}, indent=2, ensure_ascii=False))
        return
    rows = [HEADINGS, *(_compose_row(credential, now) for credential in credentials)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        typer.echo("  ".join(cells).rstrip())


def _compose_row(credential: Credential, now: datetime) -> tuple[str, ...]:
    return (
        credential.name,
        credential.role,
        find_state(credential, now),
        *(
            "-" if time is None else _format_time(time)
            for time in (
                credential.created_at,
                credential.expires_at,
                credential.revoked_at,
                credential.last_used_at,
            )
        ),
        " ".join((*credential.types, *credential.sources)) or "-",
    )


def _compose_members(credential: Credential, now: datetime) -> dict[str, object]:
    times = {
        "createdAt": credential.created_at,
        "expiresAt": credential.expires_at,
        "revokedAt": credential.revoked_at,
        "lastUsedAt": credential.last_used_at,
    }
    return {
        "name": credential.name,
        "role": credential.role,
        "state": find_state(credential, now),
        **{name: _format_time(time) for name, time in times.items() if time is not None},
        "types": credential.types,
        "sources": credential.sources,
    }


def _format_time(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
