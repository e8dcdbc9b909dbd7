"""`receiver subscription list`: prints what became of each subscription."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

from receiver.api.subscriptions.resources import SubscriptionResource
from receiver.app.database import Database, open_database, require_migrated
from receiver.cli.exits import exits
from receiver.cli.subscription.database import open_engine
from receiver.projection.ledger import Key
from receiver.projection.subscriptions.forecast import State
from receiver.settings.settings import Settings
from receiver.store.projector.feeds import FEEDS
from receiver.store.projector.projecting import Projection
from receiver.store.subscriptions.entry import Entry
from receiver.store.subscriptions.ledger import Ledger
from receiver.store.subscriptions.questions import LedgerSelection

HEADINGS = (
    "CREDENTIAL", "SUBSCRIPTION", "STATE", "EVENTS", "LAST EVENT", "EXPIRES", "ENDED", "BECAUSE",
)  # fmt: skip

# Subscriptions that are read at a time.
PAGE_SIZE = 100


@exits()
def list_all(
    states: Annotated[
        list[State] | None, typer.Option("--state", help="Only those; again for more.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON array, as `GET /subscriptions` has it.")
    ] = False,
) -> None:
    """Show each subscription of which an event came, or which was registered.

    A number of events with a + is the least: there are more than were counted.
    """
    settings = Settings.from_environment()
    with open_database(settings) as database:
        require_migrated(database)
        entries = asyncio.run(_read(database, settings, states or ()))
    if as_json:
        items = [
            SubscriptionResource.of(entry).model_dump(mode="json", by_alias=True, exclude_none=True)
            for entry in entries
        ]
        typer.echo(json.dumps(items, indent=2, ensure_ascii=False))
        return
    rows = [HEADINGS, *map(_compose_row, entries)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        typer.echo("  ".join(cells).rstrip())


async def _read(database: Database, settings: Settings, states: Sequence[State]) -> list[Entry]:
    # Where no service runs, nobody else derives from what it stored last.
    projection = Projection(
        database.conninfo,
        statement_timeout_seconds=settings.query_timeout_seconds,
        prepare_threshold=settings.prepare_threshold,
        feed=FEEDS[settings.feed],
    )
    try:
        await projection.derive()
    finally:
        await projection.close()
    entries: list[Entry] = []
    after: Key | None = None
    async with open_engine(database, settings) as engine:
        ledger = Ledger(engine)
        while True:
            page, after = await ledger.page(
                LedgerSelection(states=states), order="asc", after=after, limit=PAGE_SIZE
            )
            entries += page
            if after is None:
                return entries


def _compose_row(entry: Entry) -> tuple[str, ...]:
    credential, subscription_id = entry.key
    end = None if entry.told is None else entry.told.end
    expires_at = None if entry.registration is None else entry.registration.expires_at
    return (
        credential,
        subscription_id,
        f"{entry.state}, uncovered" if entry.is_uncovered else entry.state,
        f"{entry.tally.total}{'' if entry.tally.is_whole else '+'}",
        _format_time(entry.tally.last_at),
        _format_time(expires_at),
        _format_time(None if end is None else end[0]),
        (end and end[2]) or "-",
    )


def _format_time(time: datetime | None) -> str:
    return "-" if time is None else f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
