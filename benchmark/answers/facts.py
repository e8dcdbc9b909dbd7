"""Facts to ask about: years of a fleet, written into the tables as the service would have stored.

The identities that make a redelivery one are left out: no answer reads them.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime

import psycopg

from benchmark.machine.postgres import connect

# A transaction of the feed's own size.
SLICE = 50_000
MONTHS = 6

# Connectivity in six events of ten, then roaming, network types, starts and ends: subscriptions of
# one device and axis follow each other monthly, and one in fifty ends without another after it.
# A few devices have most of the events: the busiest of 100,000 has one in three hundred.
FILL = """
WITH chosen AS MATERIALIZED (
    SELECT number, %(begin)s + number * %(step)s * interval '1 second' AS arrived,
        floor(%(devices)s * power(random(), 2))::int AS device,
        floor(random() * 10)::int AS sort, random() AS chance
    FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS number
), said AS (
    SELECT *, CASE
            WHEN sort < 3 THEN 'connectivity-data' WHEN sort < 4 THEN 'connectivity-sms'
            WHEN sort < 6 THEN 'connectivity-disconnected' WHEN sort < 8 THEN 'roaming-status'
            WHEN sort < 9 THEN 'network-type-changed'
            WHEN chance < 0.9 THEN 'subscription-started' ELSE 'subscription-ended'
        END AS name,
        -- One in twenty is late, by up to three days.
        arrived - CASE WHEN random() < 0.05 THEN random() * interval '3 days'
            ELSE random() * interval '3 seconds' END AS occurred
    FROM chosen
)
INSERT INTO event (
    device_id, stored_at, xact, digest, kind, name, type, form, source, event_id, subscription_id,
    credential, occurred_at, received_at, phone_number, connectivity, roaming, country_code,
    country_name, connected_network_type, termination_reason, findings, payload
)
SELECT md5('device ' || device)::uuid, arrived, pg_current_xact_id(),
    decode(md5('event ' || number), 'hex'),
    CASE WHEN sort < 6 THEN 'connectivity' WHEN sort < 8 THEN 'roaming'
        WHEN sort < 9 THEN 'network-type' ELSE 'subscription' END,
    name, 'org.camaraproject.device-status.v0.' || name, 'cloudevents',
    'https://operator.invalid/' || device %% 3, 'event-' || number,
    'sub-' || device || '-' || to_char(arrived, 'MM'), 'benchmark', occurred, arrived,
    '+99999' || device,
    CASE name WHEN 'connectivity-data' THEN 'CONNECTED_DATA'
        WHEN 'connectivity-sms' THEN 'CONNECTED_SMS'
        WHEN 'connectivity-disconnected' THEN 'NOT_CONNECTED' END,
    CASE WHEN name = 'roaming-status' THEN chance < 0.4 END,
    CASE WHEN name = 'roaming-status' AND chance < 0.4 THEN 208 + number %% 5 END,
    CASE WHEN name = 'roaming-status' AND chance < 0.4
        THEN ARRAY[(ARRAY['FR', 'DE', 'ES', 'IT', 'BE'])[1 + number %% 5]] END,
    CASE WHEN name = 'network-type-changed' THEN (ARRAY['3G', '4G', '5G'])[1 + number %% 3] END,
    CASE WHEN name = 'subscription-ended' THEN 'SUBSCRIPTION_EXPIRED' END,
    '{}', json_build_object('id', 'event-' || number, 'specversion', '1.0', 'data',
        json_build_object('subscriptionId', 'sub-' || device, 'padding', repeat('x', 200)))
FROM said
"""


def fill(url: str, events: int, devices: int, say: Callable[[str], None]) -> None:
    """Writes events of the last six months, in the order of their arrival."""
    end = datetime.now(UTC)
    begin = _first_month(end, MONTHS - 1)
    step = (end - begin).total_seconds() / events
    with connect(url) as connection:
        _make_months(connection, end)
        for first in range(0, events, SLICE):
            connection.execute(
                FILL,
                {
                    "begin": begin,
                    "step": step,
                    "devices": devices,
                    "first": first,
                    "last": min(first + SLICE, events) - 1,
                },
            )
            if first % 1_000_000 == 0:
                say(f"{first:,} of {events:,} events are written")
        connection.execute("ANALYZE")


def _make_months(connection: psycopg.Connection, now: datetime) -> None:
    for ago in range(1, MONTHS):
        start, end = _first_month(now, ago), _first_month(now, ago - 1)
        connection.execute(
            f"CREATE TABLE event_{start:%Y_%m} PARTITION OF event"
            f" FOR VALUES FROM ('{start.isoformat()}') TO ('{end.isoformat()}')".encode()
        )


def _first_month(now: datetime, ago: int) -> datetime:
    """Returns the beginning of the month that was so many months ago."""
    months = now.year * 12 + now.month - 1 - ago
    first = date(months // 12, months % 12 + 1, 1)
    return datetime(first.year, first.month, 1, tzinfo=UTC)
