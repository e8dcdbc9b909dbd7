"""The limit below: Postgres alone writes the product's rows, at pgbench's word."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from psycopg import sql

from benchmark.load.notifications import DIGITS, Series
from benchmark.machine.postgres import Server, connected

# Debian keeps it beside the server it belongs to.
DEBIAN = "usr/lib/postgresql/*/bin/pgbench"
TRANSACTIONS = re.compile(r"number of transactions actually processed: (\d+)")
LATENCY = re.compile(r"latency average = ([\d.]+) ms")
MARGIN_SECONDS = 60

COLUMNS = """
SELECT attname, format_type(atttypid, atttypmod), atthasdef
FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
ORDER BY attnum
"""

# What differs from row to row; everything else is as the product itself stored it.
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
class Written:
    """What one run wrote.

    Attributes:
        rows: events, each with its identity.
    """

    seconds: float
    rows: int
    mean_ms: float


def find_pgbench(server: Server) -> Path | None:
    """Postgres' own pgbench, wherever it is."""
    if server.programs is not None and (server.programs / "pgbench").exists():
        return server.programs / "pgbench"
    found = shutil.which("pgbench") or next(map(str, sorted(Path("/").glob(DEBIAN))), None)
    return None if found is None else Path(found)


def script(url: str, sample: Series, rows: int) -> str:
    """A pgbench script that writes rows such as the product made of a notification.

    They go into the same tables, constraints and indexes in one statement and one transaction,
    but nothing is sent, parsed or looked for: the columns are made inside Postgres.

    Args:
        url: a database of the product that holds the first notification of the sample.
        rows: how many one statement writes.
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
) -> Written:
    """Runs a script of so many rows a statement for some seconds.

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
    return Written(float(whole), int(processed[1]) * rows, float(latency[1]))


def _values(url: str, table: str, sample: Series) -> dict[str, str]:
    """For each column what is written into it: an expression over a row of `made`."""
    with connected(url) as connection:
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
    """The text as SQL, with the number of the row wherever the sample has its own."""
    if text is None:
        return "NULL"
    quoted = text.replace("'", "''").replace(f"{0:0{DIGITS}}", "' || number || '")
    return f"('{quoted}')"
