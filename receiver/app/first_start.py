"""The first start of an embedded installation: two credentials, and what to do next."""

import json
import os
import shlex
from pathlib import Path

from receiver.api.console.place import compose_link
from receiver.api.questions.examples import RETRIEVE_DEVICE
from receiver.api.sink.path import PATH
from receiver.events.examples import NOTIFICATION
from receiver.store.credentials.credentials import (
    Role,
    create_credential,
    list_credentials,
    token_digest,
)
from receiver.store.credentials.links import LIFETIME, make_link
from receiver.store.credentials.rules import make_token

# The folder of the tokens, below the data directory.
FIRST_CREDENTIALS = "first-credentials"


def find_token_file(data_dir: Path, role: Role) -> Path:
    """Returns the path at which the first start leaves the token of a role."""
    return data_dir / FIRST_CREDENTIALS / role


def make_credentials(conninfo: str, data_dir: Path) -> bool:
    """Makes a sink and a reader credential, and a file with each token.

    Returns:
        Whether this is the first start; a database with any credential gets none.
    """
    if list_credentials(conninfo):
        return False
    for role in (Role.SINK, Role.READER):
        token = make_token()
        # The file is written first: a credential without its token could not be made again.
        _write_secret(find_token_file(data_dir, role), token)
        create_credential(conninfo, name_of(role), role, token_digest(token), None)
    return True


def name_of(role: Role) -> str:
    """Returns what the credential of a role is called."""
    return f"first-{role}"


def make_first_link(conninfo: str, url: str) -> str:
    """Returns a link that signs the reader of the first start in to the console, once."""
    return compose_link(url, make_link(conninfo, name_of(Role.READER)).key)


def describe_next_steps(data_dir: Path, url: str, link: str | None) -> str:
    """Returns the commands that store a notification and ask for the status, for a shell.

    Args:
        url: of the service.
        link: into the console; None: there is none.
    """
    store = _curl(
        f"{url}{PATH}",
        find_token_file(data_dir, Role.SINK),
        "application/cloudevents+json",
        NOTIFICATION,
    )
    ask = _curl(
        f"{url}/status/retrieve",
        find_token_file(data_dir, Role.READER),
        "application/json",
        RETRIEVE_DEVICE,
    )
    look = (
        ""
        if link is None
        else f"\nLook at it in a browser, signed in by this link, which works once within"
        f" {LIFETIME.seconds // 60} minutes:\n\n{link}\n\nAnother one: receiver console\n"
    )
    return (
        "\nThis first start made a sink and a reader credential. Store a notification:\n\n"
        f"{store}\n\nand ask what is true of the device now:\n\n{ask}\n\n"
        f"More to look at: receiver simulate --to {shlex.quote(url + PATH)}\n{look}"
    )


def _curl(url: str, token: Path, media_type: str, body: object) -> str:
    return (
        f"curl -sS -w '\\n%{{http_code}}\\n' {shlex.quote(url)} \\\n"
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
