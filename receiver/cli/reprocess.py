"""`receiver reprocess`: parses quarantined notifications again, whether the service runs or not."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from typing import Annotated
from uuid import uuid4

import structlog
import typer
from pydantic import SecretStr

from receiver.app import database
from receiver.app.storing import Storing
from receiver.errors import ConfigurationError, ReceiverError
from receiver.log import configure_logging
from receiver.settings.settings import Settings
from receiver.store.quarantine.keys import read_quarantine_id
from receiver.store.quarantine.quarantined import Quarantined, State

PAGE = 500

# Bodies in memory at a time, and connections that hold a row while the writer stores it.
AT_ONCE = 4

REASONS_MAX = 100
OTHER_REASONS = "other reasons"
_NUMBER = re.compile(r"\d+")


def reprocess(
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="ID", help="As `GET /quarantine` lists them.", show_default=False),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that is still refused.")] = False,
) -> None:
    """Parse quarantined notifications again with today's code, and store what is understood.

    Exit status: 0 nothing of it is refused any more, 1 something is.
    """
    if bool(ids) == everything:
        raise ConfigurationError("name the ids to reprocess, or --all")
    numbers = [read_quarantine_id(reference) for reference in ids or []]
    configured = Settings.from_environment()
    configure_logging(configured.log_format, configured.log_level)
    summary = Summary()
    try:
        with database.open_database(configured) as found:
            database.require_migrated(found)
            settings = configured.model_copy(
                update={
                    "database_url": SecretStr(found.conninfo),
                    "database_direct_url": SecretStr(found.direct_conninfo),
                }
            )
            asyncio.run(_reprocess(Storing(settings), numbers, summary, settings.pool_size))
    except ReceiverError:
        if summary.stored or summary.refused:
            typer.echo(summary.text())
        raise
    typer.echo(summary.text())
    raise typer.Exit(1 if summary.refused else 0)


class Summary:
    """How many were stored, and how many refused again for which reason."""

    def __init__(self) -> None:
        self.stored = 0
        self.refused = 0
        self._reasons: Counter[str] = Counter()

    def count(self, outcome: Quarantined) -> None:
        """Adds one; reasons that differ in a place only are one reason."""
        if outcome.state is State.STORED:
            self.stored += 1
            return
        self.refused += 1
        reason = _NUMBER.sub("N", outcome.reason)
        if reason not in self._reasons and len(self._reasons) >= REASONS_MAX:
            reason = OTHER_REASONS
        self._reasons[reason] += 1

    def text(self) -> str:
        """A line each for what was stored and what was refused, and one for each reason."""
        lines = [f"stored         {self.stored}", f"refused again  {self.refused}"]
        lines += [f"{count:>8}  {reason}" for reason, count in self._reasons.most_common()]
        return "\n".join(lines)


async def _reprocess(stores: Storing, numbers: list[int], summary: Summary, pool_size: int) -> None:
    at_once = min(AT_ONCE, pool_size)
    with structlog.contextvars.bound_contextvars(correlator=str(uuid4())):
        async with stores.storing():
            async for page in _pages(stores, numbers):
                for start in range(0, len(page), at_once):
                    await _reprocess_together(stores, page[start : start + at_once], summary)


async def _reprocess_together(stores: Storing, numbers: list[int], summary: Summary) -> None:
    outcomes = await asyncio.gather(
        *(stores.reprocessing.reprocess(number, None) for number in numbers),
        return_exceptions=True,
    )
    # All are counted before the first error ends the command.
    errors = []
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            errors.append(outcome)
        else:
            summary.count(outcome)
    if errors:
        raise errors[0]


async def _pages(stores: Storing, numbers: list[int]) -> AsyncIterator[list[int]]:
    """The rows named, or without any all that is refused."""
    if numbers:
        yield list(dict.fromkeys(numbers))
        return
    after = 0
    while page := await stores.quarantine.refused_numbers(after=after, limit=PAGE):
        yield list(page)
        after = page[-1]
