"""The log keeps quiet about what is stored, and does not grow for ever."""

import stat
from contextlib import suppress
from pathlib import Path

import psycopg

from receiver.postgres import embedded_postgres


def test_the_log_tells_no_phone_number(data_dir: Path) -> None:
    number = "99999991000"
    mistakes = (
        "SELECT '+%s'::bool",
        "INSERT INTO device VALUES ('%s'), ('%s')",
        "DO $$ BEGIN RAISE WARNING 'of %s'; END $$",
        "DO $$ BEGIN RAISE LOG 'told' USING DETAIL = '%s'; END $$",
    )
    with (
        embedded_postgres(data_dir) as postgres,
        psycopg.connect(postgres.conninfo, autocommit=True) as connection,
    ):
        connection.execute("CREATE TEMP TABLE device (number text PRIMARY KEY)")
        for mistake in mistakes:
            with suppress(psycopg.Error):
                connection.execute(mistake.replace("%s", number))
        with suppress(psycopg.Error):
            connection.execute("SELECT %s::text::bool", [number])
    log = data_dir / "postgres.log"
    assert "ready to accept connections" in log.read_text()
    assert number not in log.read_text()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_a_large_log_is_put_aside_at_the_start(spare_data_dir: Path) -> None:
    log = spare_data_dir / "postgres.log"
    log.write_text("old\n" * 3_000_000)
    with embedded_postgres(spare_data_dir):
        assert log.stat().st_size < 100_000
    assert log.with_name("postgres.log.1").stat().st_size == 12_000_000
