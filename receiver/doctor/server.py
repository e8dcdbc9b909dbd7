"""What the database says about itself: version, migrations, clock, durability, partitions."""

from collections.abc import Sequence
from datetime import UTC, datetime

from psycopg import Connection

from receiver.app.database import Database
from receiver.doctor.diagnosis import Outcome, failed, ok, warning
from receiver.doctor.round_trip import is_of_a_trial
from receiver.store.connections.database import OLDEST_VERSION, session
from receiver.store.credentials.credentials import (
    EXPIRY_WARNING,
    Credential,
    Role,
    list_credentials,
)
from receiver.store.health import examination
from receiver.store.schema import revisions

CLOCK_WARNING_SECONDS = 5.0

REPORTING_ROLE = "CREATE ROLE receiver_reporting NOLOGIN;"
REPORTING_GRANTS = (
    "GRANT USAGE ON SCHEMA reporting TO receiver_reporting;"
    " GRANT SELECT ON ALL TABLES IN SCHEMA reporting TO receiver_reporting;"
)


def reached(found: Database) -> Outcome:
    """That it answers, and which one it is."""
    with session(found.conninfo, "receiver doctor"):
        pass
    if found.embedded is None:
        return ok("the server of DATABASE_URL answers")
    whose = "run for this check" if found.embedded.owned else "run by the service"
    return ok(f"the embedded Postgres answers, {whose}")


def version(connection: Connection) -> Outcome:
    number = connection.info.server_version
    written = f"Postgres {number // 10_000}.{number % 10_000}"
    if number < OLDEST_VERSION:
        return failed(f"{written}; 15 or newer is needed")
    return ok(written)


def migrations(found: Database) -> Outcome:
    pending = revisions.pending_migrations(found.direct_conninfo)
    if pending:
        return failed(f"{', '.join(pending)} pending; run `receiver migrate`")
    return ok(f"applied up to {revisions.revision_head()}")


def clock(connection: Connection) -> Outcome:
    ahead = examination.clock_difference(connection)
    said = (
        f"the database's clock is {abs(ahead):.3f} s {'ahead of' if ahead > 0 else 'behind'}"
        " this machine's"
    )
    if abs(ahead) > CLOCK_WARNING_SECONDS:
        return warning(f"{said}; let both follow the same time servers")
    return ok(said)


def durability(connection: Connection) -> Outcome:
    off = [name for name, value in examination.durability(connection).items() if value == "off"]
    if off:
        return warning(
            f"{', '.join(off)} off; a crash of the server can lose what was answered 204"
        )
    return ok("fsync, full_page_writes and synchronous_commit are on")


def partitions(connection: Connection) -> Outcome:
    missing = examination.partitions_missing(connection)
    what_to_do = "run `receiver migrate`, and see why the service did not make them"
    if examination.current_partition(connection) in missing:
        return failed(f"no event can be stored, {', '.join(missing)} missing; {what_to_do}")
    if missing:
        return warning(f"{', '.join(missing)} missing; {what_to_do}")
    return ok("this month's and those ahead are there")


def reporting_role(connection: Connection) -> Outcome:
    granted = examination.reporting_is_granted(connection)
    if granted:
        return ok("receiver_reporting can read the views")
    wanted = REPORTING_GRANTS if granted is False else f"{REPORTING_ROLE} {REPORTING_GRANTS}"
    return warning(f"psql reports need, from an administrator: {wanted}")


def stored_credentials(found: Database) -> list[Credential]:
    """Those that people made."""
    return [one for one in list_credentials(found.conninfo) if not is_of_a_trial(one.name)]


def sink_credential(found: Database) -> Outcome:
    stored = stored_credentials(found)
    now = datetime.now(UTC)
    valid = [one for one in stored if one.role is Role.SINK and one.is_valid(now)]
    if valid:
        return ok(f"{len(valid)} valid")
    if not stored and found.embedded is not None:
        return warning("none yet; the first `receiver serve` makes one")
    return failed("none is valid, every notification is refused; run `receiver credential create`")


def expiry(found: Database) -> Outcome:
    now = datetime.now(UTC)
    ending = _ending(stored_credentials(found), now)
    if ending:
        return warning(f"{'; '.join(ending)}; make the next ones and hand them out")
    return ok(f"none expires within {EXPIRY_WARNING.days} days")


def _ending(credentials: Sequence[Credential], now: datetime) -> list[str]:
    return [
        f"{one.name} expires {one.expires_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        for one in credentials
        if one.is_valid(now)
        and one.expires_at is not None
        and one.expires_at - now < EXPIRY_WARNING
    ]
