"""Deriving for a command: where no service runs, nobody else does it."""

from receiver.settings.settings import Settings
from receiver.store.projector.feeds import FEEDS
from receiver.store.projector.projecting import STATEMENT_SECONDS, Projection


async def derive_all(settings: Settings, conninfo: str) -> None:
    """Derives what is stored and not derived yet.

    Raises:
        DatabaseAway: the database cannot be asked.
    """
    projection = Projection(
        conninfo,
        statement_timeout_seconds=STATEMENT_SECONDS,
        prepare_threshold=settings.prepare_threshold,
        feed=FEEDS[settings.feed],
    )
    try:
        await projection.derive_all()
    finally:
        await projection.close()
