"""Faults of a database that runs: locked, full, read-only, closed to a role, being migrated."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import psycopg

import receiver
from receiver.store.schema.partitions import ensure_partitions
from receiver.store.schema.revisions import migrations_folder, revision_head
from tests.support.service import RECEIVER
from tests.support.store.read_only import read_only
from tests.system.faults.places import Place
from tests.system.faults.processes import kill_postgres, server_of
from tests.system.faults.supervisor import supervised

TERMINATIONS = 10
TERMINATION_PAUSE_SECONDS = 0.3
TERMINATE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
"""

# Sooner than the standard deadline of a migration ends; later than one try waits for its lock.
MIGRATION_SECONDS = 60
NEXT = "9999"
NEXT_MIGRATION = f'''"""What a release after this one may add."""

from alembic import op

revision = "{NEXT}"
down_revision = "{{head}}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("ALTER TABLE event ADD COLUMN of_next_release text")
    op.execute("COMMENT ON COLUMN event.of_next_release IS 'Made by the next release.'")


def downgrade() -> None:
    op.execute("ALTER TABLE event DROP COLUMN of_next_release")
'''

MONTH = """
SELECT inhrelid::regclass::text FROM pg_inherits
WHERE inhparent = 'event'::regclass
    AND inhrelid::regclass::text = to_char(now() AT TIME ZONE 'UTC', '"event_"YYYY_MM')
"""


# Its processes flush what was committed asynchronously so seldom that each crash loses some of it.
ASYNCHRONOUS = (
    "ALTER DATABASE receiver SET synchronous_commit = off",
    "ALTER SYSTEM SET wal_writer_delay = '10s'",
    "SELECT pg_reload_conf()",
)
ASYNCHRONOUS_SECONDS = 2.0

PUT_BACK = "INSERT INTO event SELECT * FROM lost_month"


@contextmanager
def terminate_backends(place: Place) -> Iterator[None]:
    """Ends every session, again and again."""
    for _ in range(TERMINATIONS):
        server_of(place).execute(TERMINATE)
        time.sleep(TERMINATION_PAUSE_SECONDS)
    yield


@contextmanager
def use_up_connections(place: Place) -> Iterator[None]:
    """Takes every connection that Postgres has left; those of the service stay."""
    with ExitStack() as stack:
        with suppress(psycopg.OperationalError):
            while True:
                stack.enter_context(psycopg.connect(server_of(place).conninfo))
        yield


@contextmanager
def crash_asynchronous(place: Place) -> Iterator[None]:
    """Kills Postgres, whose database says that commits need not be synced."""
    server = server_of(place)
    server.execute(*ASYNCHRONOUS, TERMINATE)
    time.sleep(ASYNCHRONOUS_SECONDS)
    with kill_postgres(place):
        yield


@contextmanager
def make_read_only(place: Place) -> Iterator[None]:
    """Lets every transaction be read-only."""
    with read_only(server_of(place).conninfo):
        yield


@contextmanager
def lock(place: Place, table: str) -> Iterator[None]:
    """Holds a table as `VACUUM FULL` or a careless `ALTER TABLE` does."""
    with psycopg.connect(server_of(place).conninfo) as connection:
        connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield
        connection.rollback()


@contextmanager
def fill_disk(place: Place) -> Iterator[None]:
    """Fills the disk of Postgres to the last byte; Postgres is started again if it gives up."""
    assert place.disk is not None
    filler = place.disk / "filler"
    block = b"\0" * 2**16
    ends_full = False
    with filler.open("wb", buffering=0) as file:
        while not ends_full:
            try:
                file.write(block)
            except OSError:
                ends_full = True
    try:
        yield
    finally:
        filler.unlink()
        if not server_of(place).family():
            server_of(place).start()


@contextmanager
def lose_partition(place: Place) -> Iterator[None]:
    """Takes this month's partition away; nobody gives it back, and its events stay in it."""
    server = server_of(place)
    [(partition,)] = server.ask(MONTH)

    def put_events_back() -> None:
        ensure_partitions(server.conninfo)
        server.execute(PUT_BACK)

    place.afterwards.append(put_events_back)
    # Under a name of its own, so that another of the old name can be made.
    server.execute(
        f"ALTER TABLE event DETACH PARTITION {partition}",
        f"ALTER TABLE {partition} RENAME TO lost_month",
    )
    yield


@contextmanager
def migrate_beside_a_report(place: Place) -> Iterator[None]:
    """Runs the migration of a next release while a report reads the events in one transaction."""
    release = _next_release(place.folder)
    with psycopg.connect(server_of(place).conninfo) as report:
        report.execute("SELECT count(*) FROM event")
        migrating = subprocess.Popen(
            [RECEIVER, "migrate"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env=place.installation.environment(PYTHONPATH=str(release)),
        )
        try:
            yield
            report.rollback()
            if migrating.wait(MIGRATION_SECONDS) != 0:
                place.remarks.append(f"migrate ended with status {migrating.returncode}")
        finally:
            migrating.kill()
            migrating.wait()


@contextmanager
def upgrade(place: Place) -> Iterator[None]:
    """Migrates to a next release under the service, and lets that release serve beside it."""
    release = _next_release(place.folder)
    newer = replace(place.installation, folder=place.folder / "newer")
    newer.folder.mkdir()
    newer = replace(newer, settings={**newer.settings, "PYTHONPATH": str(release)})
    migrated = newer.run("migrate")
    assert migrated.returncode == 0, migrated.stderr
    with supervised(newer, workers=1) as beside:
        place.addresses.append(beside.address)
        yield
        place.addresses.remove(beside.address)
        # The answers to what was posted to it last.
        time.sleep(1)


def _next_release(folder: Path) -> Path:
    """Makes a copy of this code that has one migration more; returns what PYTHONPATH needs."""
    release = folder / "next"
    package = Path(receiver.__file__).parent
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(package, release / "receiver", ignore=ignore)
    shipped = release / "receiver" / "migrations"
    if not shipped.is_dir():
        shutil.copytree(migrations_folder(), shipped, ignore=ignore)
    text = NEXT_MIGRATION.format(head=revision_head())
    (shipped / "versions" / f"2999_01_01_{NEXT}_next.py").write_text(text)
    return release


@contextmanager
def leave_log_unread(place: Place) -> Iterator[None]:
    """Fills the pipe of the log, which nobody reads; bad bodies make more lines."""
    assert place.service is not None
    path = place.folder / "stderr-0"
    writer = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    for size in (4096, 1):
        try:
            while True:
                os.write(writer, b" " * size)
        except BlockingIOError:
            pass
    os.close(writer)
    yield
