"""What an export must equal: the rows of psql, and the events as the API has them."""

import csv
import io
import json
from typing import Any

import psycopg
from psycopg.rows import dict_row

from tests.support.arrivals import arrival
from tests.support.paths import SAMPLES
from tests.support.store.history import store

# Texts that a spreadsheet takes for a formula, or that a careless format breaks.
HOSTILE = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\tx",
    "\rx",
    "\nx",
    "'=1",
    "'",
    "",
    " =1",
    "＝1",  # noqa: RUF001 # the wide one is meant
    'a "quoted" text, and a comma',
    "two\nlines\r\nand \u2028 three",
    "back\\slash / \u0001 \u007f \U0001f4f1 é",
    "\b\f\v\x1f\x1b\x80\x9f\ufeff\ufffd\uffff e\u0301",
    '","payload":{}}',
]


async def store_hostile(conninfo: str) -> None:
    """Stores events with each of the hostile texts, one of them with a payload of several lines."""
    pretty = json.dumps({"source": "a\nb", "list": [1, 2.50]}, indent=1).replace("\n", "\r\n")
    await store(
        conninfo,
        [
            arrival(
                1000 + number,
                source=text,
                subscription_id=text or None,
                event_id=text,
                payload=f"\t{pretty}\n" if number == 0 else json.dumps({"source": text}),
            )
            for number, text in enumerate(HOSTILE)
        ],
    )


def read_samples() -> list[tuple[bytes, str]]:
    """Returns the notifications of the samples, each with its media type."""
    found = []
    for path in sorted(SAMPLES.glob("*/*.expected.json")):
        legacy = json.loads(path.read_text()).get("form") == "legacy"
        body = path.with_name(path.name.replace(".expected", "")).read_bytes()
        found.append((body, "application/json" if legacy else "application/cloudevents+json"))
    return found


def read_view(conninfo: str, view: str = "event", order: str = "stored_at, event_id") -> list[Any]:
    """Returns the rows of a reporting view."""
    with psycopg.connect(conninfo, row_factory=dict_row) as connection:
        connection.execute("SET TIME ZONE 'UTC'")
        query = f"SELECT * FROM reporting.{view} ORDER BY {order}"  # noqa: S608 # the tests' own
        return connection.execute(query.encode()).fetchall()


def read_csv(body: bytes) -> list[dict[str, str]]:
    """Returns the rows of CSV as a program reads them."""
    return list(csv.DictReader(io.StringIO(body.decode(), newline="")))


def unguard(text: str) -> str:
    """Takes the apostrophe off that guards a text from spreadsheets."""
    return text.removeprefix("'")
