"""The limit that Postgres sets: pgbench writes the product's rows, without the product."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from psycopg import sql

from benchmark.load.notifications import DIGITS, Series
from benchmark.machine.postgres import Server, connect

# Debian keeps pgbench beside its server.
DEBIAN = "usr/lib/postgresql/*/bin/pgbench"
TRANSACTIONS = re.compile(r"number of transactions actually processed: (\d+)")
LATENCY = re.compile(r"latency average = ([\d.]+) ms")
# pgbench connects and prints within a second; a run that is a minute late hangs.
MARGIN_SECONDS = 60

COLUMNS = """
SELECT attname, format_type(atttypid, atttypmod), atthasdef
FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
ORDER BY attnum
"""

# These columns differ from row to row; the others are as the product stored them.
DIFFERENT = {
    "device_id": "gen_random_uuid()",
    "digest": "uuid_send(gen_random_uuid())",
    "last_arrival": "gen_random_uuid()",
    "stored_at": "now()",
    "xact": "pg_current_xact_id()",
}

MADE = ("device_id", "digest")

STORED_AS = """
SELECT {texts}
FROM {table} AS stored
JOIN reporting.event AS seen USING (device_id)
WHERE seen.sender_event_id = %s
"""

WRITE = """
\\set start random(0, 9000000000)
WITH made AS MATERIALIZED (
    SELECT {device_id} AS device_id, {digest} AS digest,
        lpad((:start::bigint + step)::text, {digits}, '0') AS number
    FROM generate_series(1, {rows}) AS step
), identity AS (
    INSERT INTO event_identity ({identity_columns})
    SELECT {identity_values} FROM made ORDER BY made.device_id
)
INSERT INTO event ({event_columns})
SELECT {event_values} FROM made ORDER BY made.device_id;
"""


@dataclass(frozen=True, slots=True)
class PgbenchRun:
    """One run of pgbench.

    Attributes:
        rows: events that it wrote, each with its identity.
        mean_ms: of one statement.
    """

    seconds: float
    rows: int
    mean_ms: float


def find_pgbench(server: Server) -> Path | None:
    """Finds the server's own pgbench, or another."""
    if server.programs is not None and (server.programs / "pgbench").exists():
        return server.programs / "pgbench"
    found = shutil.which("pgbench") or next(map(str, sorted(Path("/").glob(DEBIAN))), None)
    return None if found is None else Path(found)


def make_script(url: str, sample: Series, rows: int) -> str:
    """Returns a pgbench script that writes rows as the product made them of a notification.

    One statement and one transaction write them into the same tables, constraints and indexes,
    but nothing is sent, parsed or looked up: Postgres itself makes the columns.

    Args:
        url: a database of the product that holds the first notification of the sample.
        rows: of one statement.
    """
    identity = _values(url, "event_identity", sample)
    event = _values(url, "event", sample)
    return WRITE.format(
        device_id=DIFFERENT["device_id"],
        digest=DIFFERENT["digest"],
        digits=DIGITS,
        rows=rows,
        identity_columns=", ".join(identity),
        identity_values=", ".join(identity.values()),
        event_columns=", ".join(event),
        event_values=", ".join(event.values()),
    )


def write(
    program: Path, url: str, script_file: Path, *, seconds: float, clients: int, rows: int
) -> PgbenchRun:
    """Runs a script for some seconds.

    Args:
        rows: of one statement of the script.

    Raises:
        RuntimeError: pgbench failed, in its own words.
    """
    whole = max(1, round(seconds))
    command: list[str | Path] = [
        *(program, "-n", "-M", "prepared", "-T", str(whole), "-f", script_file),
        *("-c", str(clients), "-j", str(min(clients, 2)), url),
    ]
    ended = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=whole + MARGIN_SECONDS,
        start_new_session=True,
    )
    processed, latency = TRANSACTIONS.search(ended.stdout), LATENCY.search(ended.stdout)
    if ended.returncode != 0 or processed is None or latency is None:
        raise RuntimeError(f"pgbench ended with status {ended.returncode}: {ended.stderr.strip()}")
    return PgbenchRun(float(whole), int(processed[1]) * rows, float(latency[1]))


def _values(url: str, table: str, sample: Series) -> dict[str, str]:
    """Returns the expression over a row of `made` for each column of a table."""
    with connect(url) as connection:
        columns = connection.execute(COLUMNS, [table]).fetchall()
        names = [name for name, _, _ in columns]
        query = sql.SQL(STORED_AS).format(
            texts=sql.SQL(", ").join(sql.SQL("{}::text").format(_column(name)) for name in names),
            table=sql.Identifier(table),
        )
        stored = connection.execute(query, [sample.event_id(0)]).fetchone()
    assert stored is not None
    texts = dict(zip(names, stored, strict=True))
    written: dict[str, str] = {}
    for name, type_, has_default in columns:
        if name in DIFFERENT:
            written[name] = name if name in MADE else DIFFERENT[name]
        elif not has_default:
            written[name] = f"{_literal(texts[name])}::{type_}"
    return written


def _column(name: str) -> sql.Composed:
    return sql.SQL("stored.{}").format(sql.Identifier(name))


def _literal(text: str | None) -> str:
    """Returns the text as SQL, with the number of the row in place of the sample's own."""
    if text is None:
        return "NULL"
    quoted = text.replace("'", "''").replace(f"{0:0{DIGITS}}", "' || number || '")
    return f"('{quoted}')"
