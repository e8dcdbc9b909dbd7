"""The intake at a fixed rate, alone and beside what reads: a slow report, and clients."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from multiprocessing import get_context

import psycopg

from benchmark.contenders import catalogue
from benchmark.contenders.contender import Instance
from benchmark.fleet.asking import Request
from benchmark.growth.clients import ask_in_turn
from benchmark.growth.questions import list_questions
from benchmark.growth.stock import Stock
from benchmark.load.notifications import new_fleet_series, new_series
from benchmark.load.open_loop import find_percentile, send
from benchmark.machine.postgres import connect
from benchmark.measuring.bench import Bench
from benchmark.measuring.growth import BY_ID, CLIENTS, REPORT, Beside

# Far below what one worker takes, so that the cores have room for readers.
RATE = 300.0
WARM_SECONDS = 1.0
# As `CLIENTS` says.
CLIENT_COUNT, PAUSE_SECONDS = 8, 0.2
# It looks at every event and its identity, and ends when the intake does.
EVERYTHING = (
    "SELECT credential, source, sum(events), sum(duplicates) FROM reporting.sender GROUP BY 1, 2"
)
# The process of the clients takes so long to start.
START_SECONDS = 2.0

Done = list[int]
Company = Callable[[Bench, Stock, Instance], AbstractContextManager[Done]]


def take(bench: Bench, stock: Stock, rounds: int) -> Iterator[Beside]:
    """Sends alone and beside each in every round; every other round goes backwards."""
    companies: dict[str, Company] = {"": _nothing, REPORT: _report, CLIENTS: _clients}
    with catalogue.OURS.start(stock.place(bench.folder)) as running:
        send(running.address, running.token, new_series().body, rate=RATE, seconds=WARM_SECONDS)
        for round_ in range(1, rounds + 1):
            for what in companies if round_ % 2 else reversed(companies):
                one = _take_one(bench, stock, running, what, round_, companies[what])
                bench.say(f"round {round_}  {what or 'alone':44} p99 {one.p99_ms:7.2f} ms")
                yield one


def _take_one(
    bench: Bench, stock: Stock, running: Instance, what: str, round_: int, company: Company
) -> Beside:
    series = new_fleet_series(stock.fleet.shape.devices)
    with company(bench, stock, running) as done:
        answers = send(
            running.address, running.token, series.body, rate=RATE, seconds=bench.seconds
        )
    latencies = [answer.seconds * 1000 for answer in answers]
    return Beside(
        stock.title,
        what,
        round_,
        RATE,
        sum(done),
        sum(answer.status != 204 for answer in answers),
        find_percentile(latencies, 0.5),
        find_percentile(latencies, 0.99),
    )


@contextmanager
def _nothing(_bench: Bench, _stock: Stock, _running: Instance) -> Iterator[Done]:
    yield []


@contextmanager
def _report(_bench: Bench, stock: Stock, _running: Instance) -> Iterator[Done]:
    """Asks for the report again and again, and cancels the last one."""
    done: Done = []
    ended = threading.Event()
    with connect(stock.url) as connection:

        def ask() -> None:
            with suppress(psycopg.errors.QueryCanceled):
                while not ended.is_set():
                    connection.execute(EVERYTHING).fetchall()
                    done.append(1)

        asking = threading.Thread(target=ask, name="report")
        asking.start()
        try:
            yield done
        finally:
            ended.set()
            connection.cancel()
            asking.join()


@contextmanager
def _clients(bench: Bench, stock: Stock, running: Instance) -> Iterator[Done]:
    """Asks what applications ask all day: statuses, histories, the newest events."""
    done: Done = []
    requests = _choose_requests(stock)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        # The process has started once it answers.
        pool.submit(int).result()
        asked = pool.submit(
            ask_in_turn, running.address, requests, CLIENT_COUNT, PAUSE_SECONDS, bench.seconds
        )
        yield done
        done.append(asked.result())


def _choose_requests(stock: Stock) -> list[Request]:
    asked = ("status", "history by phone number", "all events: pages of 50", BY_ID)
    questions = [one for one in list_questions(stock.url, stock.fleet) if one.name in asked]
    longest = max(len(one.requests) for one in questions)
    return [one.requests[turn % len(one.requests)] for turn in range(longest) for one in questions]
