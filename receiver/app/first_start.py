"""The first start of an embedded installation: two credentials, and what to type next."""

import json
import os
import secrets
import shlex
from pathlib import Path

import typer

from receiver.api.questions.examples import RETRIEVE_DEVICE
from receiver.events.examples import NOTIFICATION
from receiver.store.credentials.credentials import (
    Role,
    create_credential,
    list_credentials,
    token_digest,
)

FIRST_CREDENTIALS = "first-credentials"


def new_token() -> str:
    """256 random bits, with a prefix that secret scanners can look for."""
    return f"dsr_{secrets.token_urlsafe(32)}"


def token_file(data_dir: Path, role: Role) -> Path:
    """Where the first start leaves the token of that role."""
    return data_dir / FIRST_CREDENTIALS / role


def welcome(conninfo: str, data_dir: Path, address: str) -> None:
    """Makes a sink and a reader credential when there is none at all, and says how to use them."""
    typer.echo(f"Data in {data_dir}")
    if list_credentials(conninfo):
        return
    for role in (Role.SINK, Role.READER):
        token = new_token()
        # The file first: a credential whose token nobody has could not be made again.
        _write_secret(token_file(data_dir, role), token)
        create_credential(conninfo, f"first-{role}", role, token_digest(token), None)
    typer.echo(
        "\nThis first start made a sink and a reader credential. Store a notification:\n\n"
        + _curl(
            f"{address}/notifications",
            token_file(data_dir, Role.SINK),
            "application/cloudevents+json",
            NOTIFICATION,
        )
        + "\n\nand read the device's history back:\n\n"
        + _curl(
            f"{address}/events/retrieve",
            token_file(data_dir, Role.READER),
            "application/json",
            RETRIEVE_DEVICE,
        )
        + f"\n\nMore to look at: receiver simulate --to {address}/notifications\n"
    )


def _curl(url: str, token: Path, media_type: str, body: object) -> str:
    return (
        f"curl -sS -w '\\n%{{http_code}}\\n' {url} \\\n"
        f'  -H "Authorization: Bearer $(cat {shlex.quote(str(token))})" \\\n'
        f"  -H 'Content-Type: {media_type}' \\\n"
        f"  -d '{json.dumps(body)}'"
    )


def _write_secret(path: Path, token: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{token}\n")
