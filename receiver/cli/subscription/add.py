"""`receiver subscription add`: registers what providers answered, from files."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer

from receiver.app.database import Database, open_database, require_migrated
from receiver.cli.exits import exits
from receiver.cli.files import explain_unread, read_file
from receiver.cli.subscription.database import open_engine
from receiver.errors import ConfigurationError, InvalidArgument, NotificationRefused
from receiver.log import audit, configure_logging
from receiver.projection.subscriptions.registering import parse_answers, read_answer
from receiver.projection.subscriptions.registration import Registration
from receiver.settings.settings import Settings
from receiver.store.schema.installation import read_namespace
from receiver.store.subscriptions.registrations import Registrations

# Bytes of a file: thousands of answers, each of which has less than a thousand.
SIZE_MAX = 16 * 1024 * 1024

# What is registered, by the file in which it was told.
Told = tuple[str, str, Registration]


@exits()
def add(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...",
            help="Each holds what the provider answered when the subscription was made, or an "
            "array of it. -: stdin.",
        ),
    ],
    credential: Annotated[
        str, typer.Option(help="The name of the credential that sends its events.")
    ],
    phone_number: Annotated[
        str | None,
        typer.Option(help="Of the device, where notifications name none. One file, one number."),
    ] = None,
) -> None:
    """Register subscriptions: their expiry, largest number of events, types and device.

    Again is harmless: what an answer says replaces what was told before.
    """
    settings = Settings.from_environment()
    configure_logging(settings.log_format, settings.log_level)
    bodies = [(file, _read_file(file)) for file in files]
    with open_database(settings) as database:
        require_migrated(database)
        asyncio.run(_add(database, settings, credential, phone_number, bodies))


def _read_file(file: str) -> bytes:
    try:
        body = read_file(file, SIZE_MAX)
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{file}: cannot be read ({explain_unread(error)})") from None
    if len(body) > SIZE_MAX:
        raise ConfigurationError(f"{file}: larger than {SIZE_MAX} bytes")
    return body


def _read_answers(
    file: str, body: bytes, phone_number: str | None, namespace: UUID
) -> Sequence[Told]:
    device = None if phone_number is None else {"phoneNumber": phone_number}
    now = datetime.now(UTC)
    try:
        return [
            (file, *read_answer(answer, device, namespace=namespace, registered_at=now))
            for answer in parse_answers(body)
        ]
    except (InvalidArgument, NotificationRefused) as error:
        raise ConfigurationError(f"{file}: {error}") from None


async def _add(
    database: Database,
    settings: Settings,
    credential: str,
    phone_number: str | None,
    bodies: Sequence[tuple[str, bytes]],
) -> None:
    async with open_engine(database, settings) as engine:
        namespace = await read_namespace(engine)
        # Nothing is registered before everything is understood.
        told = [
            one
            for file, body in bodies
            for one in _read_answers(file, body, phone_number, namespace)
        ]
        if phone_number is not None and len(told) > 1:
            raise ConfigurationError("--phone-number is the device of one subscription")
        registrations = Registrations(engine)
        for file, subscription_id, registration in told:
            is_new = await registrations.register((credential, subscription_id), registration)
            outcome = "registered" if is_new else "changed"
            audit("subscription.register", credential=None, outcome=outcome)
            typer.echo(f"{file}: {outcome} {subscription_id}", err=True)
