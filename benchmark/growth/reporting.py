"""Reports in SQL, as analysts ask them, and the same of the table itself."""

import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import psycopg

from benchmark.growth.stock import Stock
from benchmark.load.contents import phone_number
from benchmark.machine.postgres import connect
from benchmark.measuring.growth import MONTH, MONTH_OF_TABLE, Report

DAYS = 31
DEVICE = """
    SELECT device_id FROM reporting.device_identifier
    WHERE kind = 'phone-number' AND value = %(phone_number)s
"""
REPORTS = {
    MONTH: """
        SELECT kind, count(*) FROM reporting.event
        WHERE stored_at >= %(begin)s AND stored_at < %(end)s GROUP BY kind
    """,
    "a month's count by arrival, reporting.event": """
        SELECT kind, count(*) FROM reporting.event
        WHERE received_at >= %(begin)s AND received_at < %(end)s GROUP BY kind
    """,
    MONTH_OF_TABLE: """
        SELECT kind, count(*) FROM event
        WHERE stored_at >= %(begin)s AND stored_at < %(end)s GROUP BY kind
    """,
    "findings of a month, reporting.finding": """
        SELECT finding, sum(events) FROM reporting.finding
        WHERE day >= %(begin)s::date AND day < %(end)s::date GROUP BY finding
    """,
    "the device of a phone number, reporting.device": f"""
        SELECT device_id, first_event_at, last_event_at FROM reporting.device
        WHERE device_id = ({DEVICE})
    """,  # noqa: S608 - composed of constants
    "the events of a phone number, reporting.event": f"""
        SELECT occurred_at, name FROM reporting.event
        WHERE device_id = ({DEVICE}) ORDER BY occurred_at DESC
    """,  # noqa: S608 - composed of constants
    "the events of a device, reporting.event": """
        SELECT occurred_at, name FROM reporting.event
        WHERE device_id = %(device_id)s ORDER BY occurred_at DESC
    """,
}


def take(stocks: Sequence[Stock], rounds: int, limit_seconds: float) -> Iterator[Report]:
    """Asks every report on every size in each round.

    Args:
        limit_seconds: after which a report is given up.
    """
    for round_ in range(1, rounds + 1):
        for stock in stocks:
            # Every other round goes backwards, so that no report always finds the caches of one.
            names = list(REPORTS) if round_ % 2 else list(reversed(REPORTS))
            for name in names:
                seconds = _ask(stock, name, round_, limit_seconds)
                yield Report(stock.title, name, round_, seconds)


def _ask(stock: Stock, name: str, round_: int, limit_seconds: float) -> float:
    # A month in the middle, and another device each time.
    begin = stock.fleet.begin + timedelta(days=DAYS)
    [number] = stock.fleet.choose(round_, by_traffic=True)[-1:]
    terms: dict[str, str | datetime] = {
        "begin": begin,
        "end": begin + timedelta(days=DAYS),
        "phone_number": phone_number(number),
        "device_id": str(stock.fleet.ids[number]),
    }
    with connect(stock.url) as connection:
        connection.execute(f"SET statement_timeout = '{limit_seconds:g}s'".encode())
        started = time.perf_counter()
        try:
            connection.execute(REPORTS[name].encode(), terms).fetchall()
        except psycopg.errors.QueryCanceled:
            return limit_seconds
        return time.perf_counter() - started
