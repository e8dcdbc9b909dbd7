"""Names of hosts become addresses, in bounded time, as the driver would find them."""

import asyncio
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from receiver.store.connections import names
from receiver.store.connections.database import connect_async
from receiver.store.connections.names import Hosts, Way, resolve
from receiver.store.connections.silence import PatientConnection

ADDRESSES = {
    "one.invalid": ["192.0.2.1"],
    "two.invalid": ["192.0.2.2", "2001:db8::2"],
}


async def hosts(conninfo: str) -> tuple[Any, Any, Any]:
    parameters = conninfo_to_dict(await resolve(conninfo))
    return parameters["host"], parameters["hostaddr"], parameters["port"]


@pytest.fixture
async def resolver(monkeypatch: pytest.MonkeyPatch) -> None:
    """Knows the names above, is silent about one, and knows no other."""

    async def getaddrinfo(host: str, _port: None, **_options: Any) -> list[tuple[Any, ...]]:
        if host == "silent.invalid":
            await asyncio.Event().wait()
        if host not in ADDRESSES:
            raise OSError(-2, "Name or service not known")
        return [(2, 1, 6, "", (address, 0)) for address in ADDRESSES[host]]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(names, "RESOLVE_TIMEOUT_SECONDS", 0.05)


@pytest.mark.parametrize(
    "conninfo",
    [
        "host=/run/postgresql port=5432",
        "host=@abstract",
        "host=192.0.2.7,2001:db8::7",
        "host=one.invalid hostaddr=192.0.2.9",
        "dbname=receiver",
        "host=one.invalid,two.invalid port=1,2,3",
    ],
)
async def test_what_has_no_name_or_an_address_already_stays_as_it_is(
    resolver: None, conninfo: str
) -> None:
    assert await resolve(conninfo) == conninfo


async def test_each_address_of_each_name_is_tried_in_order(resolver: None) -> None:
    assert await hosts("postgresql://one.invalid,two.invalid:7,%2Frun,192.0.2.7/receiver") == (
        "one.invalid,two.invalid,two.invalid,/run,192.0.2.7",
        "192.0.2.1,192.0.2.2,2001:db8::2,,192.0.2.7",
        ",7,7,,",
    )
    assert await hosts("host=one.invalid,two.invalid port=7") == (
        "one.invalid,two.invalid,two.invalid",
        "192.0.2.1,192.0.2.2,2001:db8::2",
        "7,7,7",
    )


@pytest.mark.parametrize("lost", ["silent.invalid", "unknown.invalid", "." * 300])
async def test_a_name_without_an_address_is_left_out(resolver: None, lost: str) -> None:
    assert await hosts(f"host={lost},one.invalid port=1,2") == ("one.invalid", "192.0.2.1", "2")
    with pytest.raises(psycopg.OperationalError, match="has an address"):
        await resolve(f"host={lost}")


async def test_a_connection_waits_for_no_silent_resolver(resolver: None) -> None:
    with pytest.raises(psycopg.OperationalError, match="has an address"):
        await connect_async(
            "host=silent.invalid", statement_timeout_seconds=1, prepare_threshold=None
        )


async def test_a_host_that_is_found_by_its_name_or_folder_connects(conninfo: str) -> None:
    folder = conninfo_to_dict(conninfo)["host"]
    port = conninfo_to_dict(conninfo)["port"]
    several = make_conninfo(conninfo, host=f"localhost,{folder}", port=f"1,{port}")
    connection = await connect_async(several, statement_timeout_seconds=1, prepare_threshold=None)
    assert connection.info.host == folder
    await connection.close()


THREE = "host=192.0.2.1,192.0.2.2,192.0.2.3 port={}"


def ordered(conninfo: str, *hung: Way) -> list[tuple[str, str]]:
    hosts = Hosts()
    for way in hung:
        hosts.note_hung(way)
    parameters = conninfo_to_dict(hosts.order(conninfo))
    names = str(parameters.get("hostaddr") or parameters["host"]).split(",")
    return list(zip(names, str(parameters["port"]).split(","), strict=True))


def test_a_host_on_which_commits_hang_is_tried_last() -> None:
    assert ordered(THREE.format("1,2,3"), Way("192.0.2.1", "1")) == [
        ("192.0.2.2", "2"),
        ("192.0.2.3", "3"),
        ("192.0.2.1", "1"),
    ]
    # Another port is another server.
    assert ordered(THREE.format("7"), Way("192.0.2.2", "8"), Way("192.0.2.1", "7")) == [
        ("192.0.2.2", "7"),
        ("192.0.2.3", "7"),
        ("192.0.2.1", "7"),
    ]


def test_hosts_are_ordered_by_their_addresses_and_the_usual_port() -> None:
    conninfo = "host=one.invalid,two.invalid hostaddr=192.0.2.1,192.0.2.2 port=,7"
    assert ordered(conninfo, Way("192.0.2.1", "5432")) == [("192.0.2.2", "7"), ("192.0.2.1", "")]


def test_lots_are_drawn_among_those_that_answer() -> None:
    conninfo = THREE.format("1,2,3") + " load_balance_hosts=random"
    drawn = [ordered(conninfo, Way("192.0.2.1", "1")) for _ in range(100)]
    assert {each[0][0] for each in drawn} == {"192.0.2.2", "192.0.2.3"}
    assert {each[2][0] for each in drawn} == {"192.0.2.1"}


def test_the_order_of_the_url_comes_back_with_the_first_commit_that_is_confirmed() -> None:
    hosts, way = Hosts(), Way("192.0.2.1", "1")
    conninfo = THREE.format("1,2,3")
    assert hosts.order(conninfo) == conninfo
    hosts.note_hung(way)
    assert hosts.order(conninfo) != conninfo
    hosts.note_confirmed(way)
    assert hosts.order(conninfo) == conninfo


def test_a_host_is_left_once_commits_are_confirmed_elsewhere() -> None:
    hosts, old, new = Hosts(), Way("192.0.2.1", "1"), Way("192.0.2.2", "2")
    hosts.note_confirmed(old)
    hosts.note_hung(old)
    assert not hosts.is_left(old)
    hosts.note_confirmed(new)
    assert hosts.is_left(old)
    assert not hosts.is_left(new)
    hosts.note_confirmed(old)
    assert not hosts.is_left(old)


def test_one_host_has_no_order() -> None:
    assert ordered("host=192.0.2.1 port=1", Way("192.0.2.1", "1")) == [("192.0.2.1", "1")]


async def test_a_connection_is_lost_once_commits_have_left_its_host(conninfo: str) -> None:
    hosts, elsewhere = Hosts(), Way("192.0.2.1", "1")

    async def open_one() -> PatientConnection:
        return await connect_async(
            conninfo,
            statement_timeout_seconds=10,
            prepare_threshold=None,
            hosts=hosts,
        )

    before = await open_one()
    hosts.note_hung(before.way)
    assert not before.is_lost()
    hosts.note_confirmed(elsewhere)
    assert before.is_lost()
    # Where no other host answers, this one does.
    since = await open_one()
    assert not since.is_lost()
    for connection in (before, since):
        await connection.close()
