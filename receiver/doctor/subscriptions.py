"""The check of subscriptions: which end soon, should have ended, or fell silent."""

import asyncio

from receiver.app.database import Database
from receiver.doctor.diagnosis import CheckResult, ok, skipped, warning
from receiver.store.connections.engine import question_engine
from receiver.store.subscriptions.ledger import Ledger
from receiver.store.subscriptions.watch import ENDING_SOON, Attention, Watch

STATEMENT_TIMEOUT_SECONDS = 10.0


def check_subscriptions(database: Database) -> CheckResult:
    """Checks that no subscription needs a look."""
    found = asyncio.run(_look(database))
    if found is None:
        return skipped("subscriptions are known once a service has derived them from the events")
    kinds = {
        f"end within {ENDING_SOON.days} days and are not replaced": found.ending,
        "are past their expiry without an end": found.overdue,
        "are silent": found.silent,
    }
    needing = [f"{number} {what}" for what, number in kinds.items() if number]
    if needing:
        return warning(f"{', '.join(needing)}; `receiver subscription list` names them")
    return ok("none ends soon without another, is overdue or silent")


async def _look(database: Database) -> Attention | None:
    engine = question_engine(
        database.conninfo,
        pool_size=1,
        statement_timeout_seconds=STATEMENT_TIMEOUT_SECONDS,
        prepare_threshold=None,
    )
    try:
        watch = Watch(Ledger(engine))
        await watch.look()
        return watch.latest
    finally:
        await engine.dispose()
