"""The documented questions (docs/questions.md), each with many requests about one fleet."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from benchmark.fleet import fleet as of_fleet
from benchmark.fleet.asking import Request
from benchmark.fleet.fleet import BUSIEST, FINDING, RARE, RARE_FINDING, SECOND, Fleet
from benchmark.load.contents import phone_number, subscription_id
from benchmark.machine.postgres import connect
from benchmark.measuring.growth import BY_ID

# Requests of one question; then they begin again.
REQUESTS = 200
NEVER = "never-sent"
# Of a device a subscription, of an address a port: nothing has them.
NEVER_PORT = 99
A_TYPE = "org.camaraproject.device-status.v0.roaming-status"
# Any event of each of these devices.
EVENT_IDS = """
SELECT (SELECT event_id FROM reporting.event WHERE event.device_id = chosen.device_id LIMIT 1)
FROM unnest(%s::uuid[]) AS chosen (device_id)
"""


@dataclass(frozen=True, slots=True)
class Question:
    """A question, and what to ask in turn.

    Attributes:
        turns_pages: whether each request after the first is for the page behind the one before.
        is_dense: whether the page finds 50 events within the newest 100,000.
    """

    name: str
    requests: Sequence[Request]
    turns_pages: bool = False
    is_dense: bool = False


def list_questions(url: str, fleet: Fleet) -> list[Question]:
    """Returns every question, about a fleet that a database has."""
    return [*_of_device(url, fleet), *_of_identifier(fleet), *_of_all(fleet), *_of_status(fleet)]


def _of_device(url: str, fleet: Fleet) -> Iterator[Question]:
    any_ = [fleet.ids[number] for number in fleet.choose(REQUESTS, by_traffic=False)]
    with connect(url) as connection:
        ids = [str(row[0]) for row in connection.execute(EVENT_IDS, [any_]) if row[0] is not None]
    yield Question(BY_ID, _gets(f"/events/{one}" for one in ids))
    yield Question("a device, summed up", _gets(f"/devices/{one}" for one in any_))
    busy = f"/devices/{fleet.ids[BUSIEST]}"
    yield Question("the busiest device, summed up", _gets([busy]))
    events = f"{busy}/events"
    day, noon = timedelta(days=1), fleet.begin + timedelta(days=40.5)
    for name, path in (
        ("first 50", events),
        ("kind=", f"{events}?kind=roaming"),
        ("type=", f"{events}?type={A_TYPE}"),
        ("finding=, rare", f"{events}?finding={RARE_FINDING}"),
        ("a day of occurredFrom and To", f"{events}?{_between('occurred', noon, noon + day)}"),
        ("a day of receivedFrom and To", f"{events}?{_between('received', noon, noon + day)}"),
        ("nothing found", f"{events}?subscriptionId={NEVER}"),
    ):
        yield Question(f"the busiest device: {name}", _gets([path]))
    pages = _gets([f"{events}?limit=1000"])
    yield Question("the busiest device: pages of 1000", pages, turns_pages=True)


def _of_identifier(fleet: Fleet) -> Iterator[Question]:
    def of(sort: int) -> list[int]:
        return fleet.choose(REQUESTS, by_traffic=True, sort=sort)

    phones = [phone_number(number) for number in fleet.choose(REQUESTS, by_traffic=True)]
    yield Question("history by phone number", _posts("phoneNumber", phones))
    yield Question("device by phone number", _posts("phoneNumber", phones, "/devices/retrieve"))
    nais = [of_fleet.network_access_identifier(number) for number in of(of_fleet.NAI)]
    yield Question("history by network access identifier", _posts("networkAccessIdentifier", nais))
    busy = of_fleet.network_access_identifier(of_fleet.NAI)
    asked = _posts("networkAccessIdentifier", [busy], "/devices/retrieve")
    yield Question("device by a busy network access identifier", asked)
    addresses = [str(of_fleet.ipv6(number)) for number in of(of_fleet.IPV6)]
    yield Question("history by IPv6", _posts("ipv6Address", addresses))
    ports = [of_fleet.ipv4(number) for number in of(of_fleet.IPV4)]
    by_address = [{"publicAddress": str(address)} for address, _ in ports]
    yield Question("history by IPv4", _posts("ipv4Address", by_address))
    by_port = [{"publicAddress": str(address), "publicPort": port} for address, port in ports]
    yield Question("history by IPv4 and port", _posts("ipv4Address", by_port))
    never = [{"publicAddress": str(of_fleet.IPV4_BASE), "publicPort": NEVER_PORT}]
    yield Question("history by a busy IPv4 and a port never seen", _posts("ipv4Address", never))


def _of_all(fleet: Fleet) -> Iterator[Question]:
    hour, noon, day = timedelta(hours=1), fleet.begin + timedelta(days=40.5), timedelta(days=1)
    for limit in (50, 100, 1000):
        pages = _gets([f"/events?limit={limit}"])
        yield Question(
            f"all events: pages of {limit}", pages, turns_pages=True, is_dense=limit < 1000
        )
    for name, filter_, is_dense in (
        ("kind=", "kind=roaming", True),
        ("type=", f"type={A_TYPE}", True),
        ("credential=", f"credential={SECOND}", True),
        ("finding=", f"finding={FINDING}", True),
        ("credential=, rare", f"credential={RARE}", False),
        ("finding=, rare", f"finding={RARE_FINDING}", False),
        ("nothing found", f"source={NEVER}", False),
        ("a day of occurredFrom and To", _between("occurred", noon, noon + day), False),
        ("receivedFrom=, the last hour", f"receivedFrom={_time(fleet.end - hour)}", False),
        ("a day of receivedFrom and To", _between("received", noon, noon + day), False),
    ):
        yield Question(f"all events: {name}", _gets([f"/events?{filter_}"]), is_dense=is_dense)
    pages = _gets(["/events?order=asc&limit=100"])
    yield Question("all events: order=asc, pages of 100", pages, turns_pages=True)
    month = fleet.end.month
    usual = [subscription_id(one, month) for one in fleet.choose(REQUESTS, by_traffic=True)]
    asked = _gets(f"/events?subscriptionId={one}" for one in usual)
    yield Question("all events: subscriptionId=", asked)
    busiest = f"/events?subscriptionId={subscription_id(BUSIEST, month)}"
    yield Question("all events: subscriptionId=, the busiest", _gets([busiest]))


def _of_status(fleet: Fleet) -> Iterator[Question]:
    any_ = [fleet.ids[number] for number in fleet.choose(REQUESTS, by_traffic=False)]
    yield Question("status", _gets(f"/devices/{one}/status" for one in any_))
    phones = [phone_number(number) for number in fleet.choose(REQUESTS, by_traffic=True)]
    # This release says of an unknown status 422, and later ones 503.
    asked = _posts("phoneNumber", phones, "/device-roaming-status/v0.6/retrieve")
    yield Question("CAMARA's roaming status", asked)
    for name, filter_ in (
        ("pages of 50", "limit=50"),
        ("that roam", "roaming=true"),
        ("in a country", "country=FR"),
        ("of which connectivity is unknown", "unknown=connectivity"),
    ):
        yield Question(f"the fleet: {name}", _gets([f"/devices?{filter_}"]), turns_pages=True)
    busy = [fleet.ids[number] for number in fleet.choose(REQUESTS, by_traffic=True)]
    from_ = _time(fleet.end - timedelta(days=30))
    for name, call in (
        ("intervals of a month", "intervals?axis=connectivity&"),
        ("roaming sessions of a month", "roaming-sessions?"),
        ("availability in a month", "availability?"),
    ):
        yield Question(name, _gets(f"/devices/{one}/{call}from={from_}" for one in busy))
    asked = _gets(f"/subscriptions?deviceId={one}" for one in any_)
    yield Question("subscriptions: of a device", asked)
    for name, filter_ in (("pages of 50", "limit=50"), ("that are silent", "state=silent")):
        pages = _gets([f"/subscriptions?{filter_}"])
        yield Question(f"subscriptions: {name}", pages, turns_pages=True)


def _gets(paths: Iterable[str]) -> list[Request]:
    return [Request(path) for path in paths]


def _posts(
    identifier: str, values: Iterable[object], path: str = "/events/retrieve"
) -> list[Request]:
    return [Request(path, {"device": {identifier: value}}) for value in values]


def _between(what: str, begin: datetime, end: datetime) -> str:
    return f"{what}From={_time(begin)}&{what}To={_time(end)}"


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
