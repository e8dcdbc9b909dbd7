"""`receiver maintain`: the daily work, whether the service runs or not."""

import asyncio

import typer

from receiver.app.database import open_database, require_migrated
from receiver.cli.exits import exits
from receiver.log import configure_logging
from receiver.settings.settings import Settings
from receiver.store.connections.engine import question_engine
from receiver.store.projector.projecting import STATEMENT_SECONDS, Projection
from receiver.store.projector.sweeping import sweep
from receiver.store.quarantine.bounds import QuarantineBounds
from receiver.store.retention.retaining import retain
from receiver.store.schema.partitions import ensure_partitions


@exits()
def maintain() -> None:
    """Do what the service does daily: partitions, retention, quarantine and sweep; for cron.

    A report that reads a month which is to be dropped makes it fail; the rest is done the next
    time.
    """
    settings = Settings.from_environment()
    configure_logging(settings.log_format, settings.log_level)
    with open_database(settings) as database:
        require_migrated(database)
        for name in ensure_partitions(database.direct_conninfo):
            typer.echo(f"made {name}")
        asyncio.run(_maintain(settings, database.conninfo, database.direct_conninfo))


async def _maintain(settings: Settings, conninfo: str, direct_conninfo: str) -> None:
    projection = Projection(
        conninfo,
        statement_timeout_seconds=STATEMENT_SECONDS,
        prepare_threshold=settings.prepare_threshold,
    )
    engine = question_engine(
        conninfo,
        pool_size=1,
        statement_timeout_seconds=settings.query_timeout_seconds,
        prepare_threshold=settings.prepare_threshold,
    )
    quarantine_bounds = QuarantineBounds(
        engine,
        limit_bytes=settings.quarantine_limit_bytes,
        share=settings.quarantine_share,
        age_limit_days=settings.quarantine_days,
    )
    try:
        deleted = await quarantine_bounds.sweep()
        if deleted:
            typer.echo(f"deleted {deleted} entries of the quarantine")
        # What is not derived is not dropped.
        await projection.derive_all()
        await sweep(direct_conninfo, statement_timeout_seconds=STATEMENT_SECONDS)
        has_more = True
        while has_more:
            gone, has_more = await retain(direct_conninfo, settings.retention_months)
            for name in gone:
                typer.echo(f"dropped {name}")
    finally:
        await projection.close()
        await engine.dispose()
