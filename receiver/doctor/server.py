"""The checks of the database: version, migrations, clock, durability, partitions, credentials."""

from datetime import UTC, datetime

from psycopg import Connection

from receiver.app.database import FINISH, Database
from receiver.doctor.diagnosis import CheckResult, failed, ok, warning
from receiver.store.connections.database import OLDEST_VERSION, session
from receiver.store.connections.reporting import GRANT_VIEWS, MAKE_ROLE
from receiver.store.credentials.credentials import Credential, Role, list_credentials
from receiver.store.credentials.expiry import EXPIRY_WARNING, find_expiring
from receiver.store.credentials.names import is_trial_name
from receiver.store.health import examination
from receiver.store.schema import revisions
from receiver.store.schema.partitions import read_coverage

# Time servers keep two machines within milliseconds; a difference of seconds means that one of them
# follows none.
CLOCK_WARNING_SECONDS = 5.0


def check_answer(database: Database) -> CheckResult:
    """Checks that the database answers, and says which one it is."""
    with session(database.conninfo, "receiver doctor"):
        pass
    if database.embedded is None:
        return ok("the server of DATABASE_URL answers")
    owner = "run for this check" if database.embedded.owned else "run by the service"
    return ok(f"the embedded Postgres answers, {owner}")


def check_version(connection: Connection) -> CheckResult:
    """Checks that the server is new enough, and that the database can hold every text."""
    number = connection.info.server_version
    written = f"Postgres {number // 10_000}.{number % 10_000}"
    if number < OLDEST_VERSION:
        return failed(f"{written}; 15 or newer is needed")
    revisions.require_supported(connection)
    return ok(f"{written}, encoding UTF8")


def check_migrations(database: Database) -> CheckResult:
    """Checks that no migration is pending, or only the last ones, which may wait."""
    newer: list[str] = []
    pending = revisions.pending_migrations(database.direct_conninfo, tell_newer=newer.append)
    if newer:
        return warning(f"applied up to {newer[0]} by a newer release; this one serves beside it")
    if pending and all(map(revisions.is_for_last, pending)):
        return warning(f"{', '.join(pending)} pending; {FINISH}")
    if pending:
        return failed(f"{', '.join(pending)} pending; run `receiver migrate`")
    return ok(f"applied up to {revisions.revision_head()}")


def check_clock(connection: Connection) -> CheckResult:
    """Checks that the clocks of the database and of this machine agree."""
    ahead = examination.clock_difference(connection)
    difference = (
        f"the database's clock is {abs(ahead):.3f} s {'ahead of' if ahead > 0 else 'behind'}"
        " this machine's"
    )
    if abs(ahead) > CLOCK_WARNING_SECONDS:
        return warning(f"{difference}; let both follow the same time servers")
    return ok(difference)


def check_durability(connection: Connection) -> CheckResult:
    """Checks that the server syncs each commit to disk."""
    off = [name for name, value in examination.durability(connection).items() if value == "off"]
    if off == ["synchronous_commit"]:
        return warning(
            "synchronous_commit off; notifications are stored durably all the same, but a crash of"
            " the server can undo the last change of a credential"
        )
    if off:
        return warning(
            f"{', '.join(off)} off; a crash of the server can lose notifications that were"
            " answered 204"
        )
    return ok("fsync, full_page_writes and synchronous_commit are on")


def check_partitions(connection: Connection) -> CheckResult:
    """Checks that the partitions of this month and of those ahead exist."""
    coverage = read_coverage(connection)
    missing = coverage.missing()
    what_to_do = "run `receiver migrate`, and see why the service did not make them"
    if coverage.months_ahead < 0:
        return failed(f"no event can be stored, {', '.join(missing)} missing; {what_to_do}")
    if missing:
        return warning(f"{', '.join(missing)} missing; {what_to_do}")
    return ok("the partitions of this month and of those ahead exist")


def check_reporting_role(connection: Connection) -> CheckResult:
    """Checks that the role of the reports exists and may read the views."""
    granted = examination.reporting_is_granted(connection)
    if granted:
        return ok("receiver_reporting can read the views")
    wanted = GRANT_VIEWS if granted is False else f"{MAKE_ROLE} {GRANT_VIEWS}"
    return warning(f"psql reports need, from an administrator: {wanted}")


def list_own_credentials(database: Database) -> list[Credential]:
    """Returns the credentials that people made, without those of trials."""
    return [one for one in list_credentials(database.conninfo) if not is_trial_name(one.name)]


def check_sink_credential(database: Database) -> CheckResult:
    """Checks that a valid credential may post notifications."""
    stored = list_own_credentials(database)
    now = datetime.now(UTC)
    valid = [one for one in stored if one.role is Role.SINK and one.is_valid(now)]
    if valid:
        return ok(f"{len(valid)} valid")
    if not stored and database.embedded is not None:
        return warning("none yet; the first `receiver serve` makes one")
    return failed("none is valid, every notification is refused; run `receiver credential create`")


def check_expiry(database: Database) -> CheckResult:
    """Checks that no credential's last valid token expires soon."""
    ending = [
        f"{name} expires {end.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        for name, end in find_expiring(list_credentials(database.conninfo), datetime.now(UTC))
    ]
    if ending:
        return warning(f"{'; '.join(ending)}; make the next ones and hand them out")
    return ok(f"none expires within {EXPIRY_WARNING.days} days")
