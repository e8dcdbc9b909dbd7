"""`receiver forget`: erases a device, whether the service runs or not."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import structlog
import typer
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.api.questions.resolving import Resolver
from receiver.app.database import Database, open_database, require_migrated
from receiver.cli.deriving import derive_all
from receiver.cli.exits import exits
from receiver.cli.subscription.database import open_engine
from receiver.erasure.erasing import Eraser
from receiver.erasure.outcome import ELSEWHERE, Erased
from receiver.errors import ConfigurationError, IdentifierAmbiguous, IdentifierNotFound
from receiver.events.devices import identifiers
from receiver.events.devices.identity import identify_reported
from receiver.events.event import Device
from receiver.ids import new_id
from receiver.log import configure_logging
from receiver.settings.settings import Settings
from receiver.spool.overflow import open_overflow
from receiver.store.derived.linking import Links
from receiver.store.erasure.subjects import Asked
from receiver.store.events.history import History
from receiver.store.schema.installation import read_namespace
from receiver.store.subscriptions.registrations import Registrations


@exits({1: "something of this installation was not reached, or it failed"})
def forget(
    phone_number: Annotated[
        str | None, typer.Option(help="Of the device, in any notation.")
    ] = None,
    network_access_identifier: Annotated[
        str | None, typer.Option(help="Of the device, such as user@example.com.")
    ] = None,
    device_id: Annotated[
        UUID | None, typer.Option(help="`deviceId` of any event of the device.")
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Erase it; without, only say what would be removed.")
    ] = False,
) -> None:
    """Erase a device and what stands for it, everywhere that this service reaches.

    Nothing is changed without --yes. Again is harmless, and goes on where it was cut off. Run it as
    the user of the service if there is a spool. What was not reached is said, such as a file of the
    spool that the service has open.
    """
    asked = _read_identifier(phone_number, network_access_identifier)
    if (asked is None) == (device_id is None):
        raise ConfigurationError(
            "name one of --phone-number, --network-access-identifier and --device-id"
        )
    settings = Settings.from_environment()
    configure_logging(settings.log_format, settings.log_level)
    with open_database(settings) as database:
        require_migrated(database)
        erased = asyncio.run(_forget(settings, database, asked, device_id, is_meant=yes))
    for line in _compose_lines(erased):
        typer.echo(line)
    if not yes:
        typer.echo("nothing was changed; --yes does it", err=True)
    raise typer.Exit(1 if yes and (erased.spool_files or erased.statistics) else 0)


def _read_identifier(phone_number: str | None, nai: str | None) -> Device | None:
    if phone_number is not None and nai is not None:
        raise ConfigurationError("name one identifier")
    if phone_number is not None:
        number = identifiers.normalise_phone_number(phone_number)
        if number is None:
            raise ConfigurationError("--phone-number: not a phone number")
        return Device(phone_number=number)
    if nai is not None:
        identifier = identifiers.normalise_network_access_identifier(nai)
        if identifier is None:
            raise ConfigurationError("--network-access-identifier: not an identifier of this kind")
        return Device(network_access_identifier=identifier)
    return None


async def _forget(
    settings: Settings,
    database: Database,
    identifier: Device | None,
    device_id: UUID | None,
    *,
    is_meant: bool,
) -> Erased:
    async with open_engine(database, settings) as engine:
        namespace = await read_namespace(engine)
        await derive_all(settings, database.conninfo)
        if device_id is None:
            device_id = await _resolve(engine, namespace, identifier or Device())
    overflow = open_overflow(settings, namespace=lambda: namespace, clock=lambda: datetime.now(UTC))
    eraser = Eraser(
        database.direct_conninfo,
        lambda: namespace,
        spool=None if overflow is None else overflow.spool,
        body_limit_bytes=settings.body_limit_bytes,
        members_limit=settings.members_limit,
        limit_seconds=None,
        search_seconds=None,
    )
    asked = Asked(device_id, identifier)
    with structlog.contextvars.bound_contextvars(correlator=new_id()):
        try:
            return await (eraser.forget(asked, None) if is_meant else eraser.rehearse(asked))
        finally:
            if overflow is not None:
                await overflow.spool.aclose()


async def _resolve(engine: AsyncEngine, namespace: UUID, identifier: Device) -> UUID:
    resolver = Resolver(
        History(engine), Links(engine).identifiers, Registrations(engine), lambda: namespace
    )
    with suppress(IdentifierNotFound):
        try:
            return await resolver.resolve(identifier)
        except IdentifierAmbiguous:
            raise ConfigurationError(
                "the identifier was reported with several devices; name one by --device-id"
            ) from None
    return UUID(identify_reported(namespace, identifier))


def _compose_lines(erased: Erased) -> Iterator[str]:
    """Yields what was removed, or would be, and what was not reached."""
    yield "REMOVED" if erased.erasure_id is not None else "WOULD REMOVE"
    for name, number in erased.removed._asdict().items():
        yield f"{name:<15} {number}"
    yield "NOT REACHED"
    yield f"{'other events':<15} {erased.mentions.events}"
    for event_id in erased.mentions.event_ids:
        yield f"{'':<15} {event_id}"
    yield f"{'spool files':<15} {erased.spool_files}"
    for table in erased.statistics:
        yield f"{'statistics':<15} {table}"
    for place in ELSEWHERE:
        yield f"{'elsewhere':<15} {place}"
