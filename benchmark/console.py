"""`python -m benchmark.console`: how long the service takes for pages of the console."""

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from typing import Annotated
from urllib.parse import urlencode

import typer

from benchmark.contenders import catalogue, ours
from benchmark.contenders.contender import Place
from benchmark.fleet import facts, projecting
from benchmark.fleet.asking import READER_TOKEN
from benchmark.fleet.fleet import BUSIEST, Fleet, Shape, find_fleet
from benchmark.load.open_loop import find_percentile
from benchmark.machine import postgres
from benchmark.machine.folders import open_folder
from benchmark.machine.processes import leave_on_signals

TIMEOUT_SECONDS = 60


def main(
    events: Annotated[int, typer.Option(min=1000, help="To look at.")] = 1_000_000,
    devices: Annotated[int, typer.Option(min=10, help="That they are of.")] = 200_000,
    pages: Annotated[int, typer.Option(min=5, help="Of each kind.")] = 50,
    database_url: Annotated[
        str | None,
        typer.Option(help="A server to use, by a superuser. Default: an embedded one."),
    ] = None,
) -> None:
    """Measure how long pages of the console take, one at a time."""
    leave_on_signals()
    with ExitStack() as stack:
        folder = stack.enter_context(open_folder())
        server = stack.enter_context(postgres.open_server(folder, database_url))
        url = stack.enter_context(server.make_database("console"))
        ours.prepare(url)
        ours.make_credential(url, "reader", READER_TOKEN)
        fleet = find_fleet(url, Shape(events, devices))
        facts.fill(url, fleet, say)
        projecting.rebuild(url)
        facts.vacuum(url, facts.DERIVED)
        running = stack.enter_context(catalogue.OURS.start(Place(url, folder)))
        window = stack.enter_context(closing(Window(running.address, READER_TOKEN)))
        for line in take_pages(window, list_places(fleet), pages):
            typer.echo(line)


def list_places(fleet: Fleet) -> Mapping[str, str]:
    """Returns the pages to look at by what they are; the busiest device has most events."""
    return {
        "fleet": "fleet",
        "fleet, not connected": "fleet?connectivity=NOT_CONNECTED",
        "fleet, in a country": "fleet?country=FR",
        "device with most events": f"devices/{fleet.ids[BUSIEST]}",
    }


class Window:
    """A window of a browser in which a reader has signed in.

    Args:
        address: of the service, without a path.
        token: of the reader.
    """

    def __init__(self, address: str, token: str) -> None:
        self._connection = HTTPConnection(address.removeprefix("http://"), timeout=TIMEOUT_SECONDS)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Sec-Fetch-Site": "same-origin",
        }
        self._connection.request("POST", "/console/sign-in", urlencode({"token": token}), headers)
        answer = self._connection.getresponse()
        answer.read()
        cookie = answer.getheader("Set-Cookie", "").partition(";")[0]
        self._headers = {"Cookie": cookie}

    def close(self) -> None:
        self._connection.close()

    def open(self, place: str) -> float:
        """Returns how long a page takes, in milliseconds.

        Raises:
            RuntimeError: it is an error, or the page to sign in.
        """
        begin = time.perf_counter()
        self._connection.request("GET", f"/console/{place}", headers=self._headers)
        answer = self._connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{place.partition('?')[0]}: {answer.status}")
        return (time.perf_counter() - begin) * 1000


def take_pages(window: Window, places: Mapping[str, str], pages: int) -> Iterator[str]:
    """Opens each page many times, and yields what to say; the first of the fleet counts it."""
    for title, place in places.items():
        first, *taken = [window.open(place) for _ in range(pages)]
        p50, p99 = (find_percentile(taken, share) for share in (0.5, 0.99))
        yield f"{title}: the first {first:.0f} ms, then p50 {p50:.0f} ms, p99 {p99:.0f} ms"


def say(line: str) -> None:
    """Tells on stderr what is going on."""
    typer.echo(line, err=True)


if __name__ == "__main__":
    typer.run(main)
