"""The rows of facts, made inside Postgres: events of a fleet, and their identities."""

from psycopg import sql

from benchmark.fleet import fleet as of_fleet
from benchmark.fleet.fleet import Fleet
from benchmark.load.contents import DEVICE_DIGITS, phone_number, subscription_id
from receiver.store.events.columns import sent_at

# Connectivity in six events of ten, then roaming, network types, starts and ends: subscriptions of
# one device and axis follow each other monthly, and one in fifty ends without another after it.
EVENTS = """
WITH chosen AS MATERIALIZED (
    SELECT number, %(begin)s + number * %(step)s AS arrived,
        CASE
            WHEN %(is_even)s THEN number %% %(devices)s
            WHEN random() < 0.005 THEN 0
            ELSE floor(%(devices)s * power(random(), 2))
        END::int AS device,
        floor(random() * 10)::int AS sort, random() AS chance
    FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS number
), said AS (
    SELECT *, lpad(device::text, {digits}, '0') AS digits, to_char(arrived, 'MM') AS month, CASE
            WHEN sort < 3 THEN 'connectivity-data' WHEN sort < 4 THEN 'connectivity-sms'
            WHEN sort < 6 THEN 'connectivity-disconnected' WHEN sort < 8 THEN 'roaming-status'
            WHEN sort < 9 THEN 'network-type-changed'
            WHEN chance < 0.9 THEN 'subscription-started' ELSE 'subscription-ended'
        END AS name,
        -- One in twenty is late, by up to three days.
        arrived - CASE WHEN random() < 0.05 THEN random() * interval '3 days'
            ELSE random() * interval '3 seconds' END AS occurred
    FROM chosen
), named AS (
    SELECT *, {phone_number} AS phone, {subscription_id} AS subscription,
        'org.camaraproject.device-status.v0.' || name AS type,
        'https://operator.invalid/device-status/v0.' || device %% 3 AS source,
        'event-' || number AS event_id
    FROM said
)
INSERT INTO {month} (
    device_id, stored_at, xact, digest, kind, name, type, form, source, event_id, subscription_id,
    credential, occurred_at, received_at, phone_number, network_access_identifier,
    ipv4_public_address, ipv4_public_port, ipv6_address, connectivity, roaming, country_code,
    country_name, connected_network_type, termination_reason, findings, payload
)
SELECT (SELECT device_id FROM benchmark_device WHERE benchmark_device.number = device), arrived,
    pg_current_xact_id(), decode(md5(event_id), 'hex'),
    CASE WHEN sort < 6 THEN 'connectivity' WHEN sort < 8 THEN 'roaming'
        WHEN sort < 9 THEN 'network-type' ELSE 'subscription' END,
    name, type, 'cloudevents', source, event_id, subscription,
    CASE WHEN number %% %(rare_every)s = 13 THEN %(rare)s
        WHEN device %% 5 = 4 THEN %(second)s ELSE %(usual)s END,
    occurred, arrived, phone,
    CASE WHEN device %% 5 = %(nai)s THEN 'device-' || device || '@operator.invalid' END,
    CASE WHEN device %% 5 = %(ipv4)s THEN %(ipv4_base)s::inet + device / %(devices_of_a_nat)s END,
    CASE WHEN device %% 5 = %(ipv4)s THEN %(first_port)s + device %% %(ports)s END,
    CASE WHEN device %% 10 = %(ipv6)s THEN %(ipv6_base)s::inet + device END,
    CASE name WHEN 'connectivity-data' THEN 'CONNECTED_DATA'
        WHEN 'connectivity-sms' THEN 'CONNECTED_SMS'
        WHEN 'connectivity-disconnected' THEN 'NOT_CONNECTED' END,
    CASE WHEN name = 'roaming-status' THEN chance < 0.4 END,
    CASE WHEN name = 'roaming-status' AND chance < 0.4 THEN 208 + number %% 5 END,
    CASE WHEN name = 'roaming-status' AND chance < 0.4
        THEN ARRAY[(ARRAY['FR', 'DE', 'ES', 'IT', 'BE'])[1 + number %% 5]] END,
    CASE WHEN name = 'network-type-changed' THEN (ARRAY['3G', '4G', '5G'])[1 + number %% 3] END,
    CASE WHEN name = 'subscription-ended' THEN 'SUBSCRIPTION_EXPIRED' END,
    CASE WHEN number %% %(rare_every)s = 11 THEN ARRAY[%(rare_finding)s]
        WHEN number %% 10 = 3 THEN ARRAY[%(finding)s] ELSE '{{}}' END,
    concat('{{"id": "', event_id, '", "source": "', source, '", "type": "', type,
        '", "specversion": "1.0", "datacontenttype": "application/json", "time": "',
        to_char(occurred AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        '", "data": {{"device": {{"phoneNumber": "', phone, '"}}, "subscriptionId": "',
        subscription, '", "extent": "', repeat('x', 100), '"}}}}')::json
FROM named
"""

# One event in fifty came twice. In the order of the key, or each row would be a page of its index.
IDENTITIES = f"""
INSERT INTO event_identity (sent_at, device_id, digest, deliveries, last_arrival)
SELECT {sent_at("fact")} AS sent_at, device_id, digest,
    CASE WHEN get_byte(digest, 0) < 5 THEN 2 ELSE 1 END, gen_random_uuid()
FROM {{month}} AS fact
ORDER BY sent_at, device_id, digest
"""  # noqa: S608 - composed of constants

PARAMETERS = {
    "rare_every": of_fleet.RARE_EVERY,
    "usual": of_fleet.USUAL,
    "second": of_fleet.SECOND,
    "rare": of_fleet.RARE,
    "finding": of_fleet.FINDING,
    "rare_finding": of_fleet.RARE_FINDING,
    "nai": of_fleet.NAI,
    "ipv4": of_fleet.IPV4,
    "ipv6": of_fleet.IPV6,
    "ipv4_base": str(of_fleet.IPV4_BASE),
    "ipv6_base": str(of_fleet.IPV6_BASE),
    "devices_of_a_nat": of_fleet.DEVICES_OF_A_NAT,
    "first_port": of_fleet.FIRST_PORT,
    "ports": of_fleet.PORTS,
}


def compose(
    fleet: Fleet, month: sql.Composable, first: int, last: int
) -> tuple[sql.Composed, dict[str, object]]:
    """Returns the command that writes events by their numbers, and its parameters.

    The table `benchmark_device` has the ids of the devices.

    Args:
        month: the table of the month in which they arrive.
    """
    write = sql.SQL(EVENTS).format(
        month=month,
        digits=sql.Literal(DEVICE_DIGITS),
        phone_number=_concatenate(phone_number("|digits|")),
        subscription_id=_concatenate(subscription_id("|digits|", "|month|")),
    )
    shape = fleet.shape
    return write, {
        "begin": fleet.begin,
        "step": fleet.step,
        "is_even": shape.is_even,
        "devices": shape.devices,
        "first": first,
        "last": last,
        **PARAMETERS,
    }


def _concatenate(text: str) -> sql.Composed:
    """Returns the SQL of a text in which every second part between bars is a column."""
    return sql.SQL(" || ").join(
        sql.Identifier(part) if place % 2 else sql.Literal(part)
        for place, part in enumerate(text.split("|"))
    )
