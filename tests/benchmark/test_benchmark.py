"""The benchmark in small: what it sends, counts, notices and says."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from socket import create_server

import psycopg
import pytest
from psycopg import sql

from benchmark.contenders import catalogue, ours
from benchmark.contenders.contender import Contender, Instance, Place, post
from benchmark.contenders.without import VARIABLE, Piece
from benchmark.load import pgbench, wrk
from benchmark.load.contents import Content
from benchmark.load.notifications import new_series
from benchmark.load.open_loop import find_percentile, send
from benchmark.machine.postgres import (
    Server,
    ask_number,
    checkpoint,
    connect,
    count_page_images,
)
from benchmark.measuring import accounting
from benchmark.measuring.bench import Bench
from benchmark.measuring.cases import Case, Programs, make_piece_cases
from benchmark.parts import against
from receiver.postgres.binaries import installed_binaries

WRK = shutil.which("wrk")
EVENTS = 200
DELIVERIES = """
SELECT max(deliveries) FROM reporting.event
WHERE split_part(sender_event_id, '-', 1) IN (%s, %s)
"""


@pytest.mark.parametrize(
    ("contender", "table"),
    [(catalogue.OURS, "event"), (catalogue.CAREFUL, "notification_once")],
    ids=["ours", "careful"],
)
def test_what_is_sent_is_counted_and_what_is_lost_is_noticed(
    contender: Contender, table: str, server: Server, folder: Path
) -> None:
    series = new_series()
    assert contender.prepare is not None
    assert contender.stored is not None
    with server.make_database(contender.name) as url:
        contender.prepare(url)
        with contender.start(Place(url, folder)) as running:
            answers = send(running.address, running.token, series.body, rate=EVENTS, seconds=1)
        ids = {series.event_id(answer.number) for answer in answers if answer.status == 204}
        assert len(ids) == EVENTS
        assert accounting.count(url, contender.stored, series) == accounting.Count(EVENTS, EVENTS)
        assert accounting.find_missing(url, contender.stored, ids) == set()
        lost = series.event_id(17)
        with connect(url) as connection:
            delete = sql.SQL("DELETE FROM {} WHERE event_id = %s").format(sql.Identifier(table))
            assert connection.execute(delete, [lost]).rowcount == 1
        found = accounting.count(url, contender.stored, series)
        assert (found.confirm(EVENTS), found.count_missing(EVENTS)) == (EVENTS - 1, 1)
        assert accounting.find_missing(url, contender.stored, ids) == {lost}


def test_every_content_is_answered_as_it_should_be_and_found(
    served: tuple[str, Instance],
) -> None:
    url, running = served
    of_content = {
        content: Case(content, content, catalogue.OURS, content=content) for content in Content
    }
    for case in of_content.values():
        series, expected = case.series(), 400 if case.is_refused else 204
        numbers = range(len(series.templates))
        answers = [post(running.address, running.token, series, number) for number in numbers]
        assert answers == [expected for _ in numbers]
        found = accounting.count(url, str(case.stored), series)
        assert found == accounting.Count(len(numbers), len(numbers)), case.name


@pytest.mark.skipif(WRK is None, reason="wrk is not installed")
def test_two_installations_are_measured_in_turns(
    server: Server, folder: Path, prepared: str
) -> None:
    lines: list[str] = []
    with ExitStack() as stack:
        programs = Programs(Path(str(WRK)), None)
        # The other one prepares its database by its own commands.
        templates = {catalogue.OURS.name: prepared}
        bench = Bench(server, programs, folder, 1.0, lines.append, stack, templates)
        other = catalogue.make_installation(Path(ours.RECEIVER[0]))
        (pair,) = against.take(bench, against.choose({"refused"}), other, rounds=1)
    turns = [line.split()[3] for line in lines if line.startswith("round")]
    assert turns == ["ours", "other"]
    for sample in (pair.ours, pair.other):
        assert sample.acknowledged > 0
        assert (sample.refused, sample.failed, sample.missing, sample.duplicates) == (0, 0, 0, 0)
        assert sample.page_images is not None


def test_the_service_serves_with_every_piece_left_out(
    server: Server, folder: Path, prepared: str
) -> None:
    case = make_piece_cases()[-1]
    assert set(case.settings[VARIABLE].split(",")) == set(Piece) - {Piece.STATUS}
    series, settings = case.series(), {VARIABLE: ",".join(Piece)}
    with server.make_database("pieces", prepared) as url:
        with case.contender.start(Place(url, folder, settings=settings)) as running:
            assert post(running.address, "nobody's token", series) == 204
        assert accounting.count(url, ours.STORED, series) == accounting.Count(1, 1)
        assert ask_number(url, "SELECT count(*) FROM event WHERE findings <> '{}'") == 0
        assert ask_number(url, "SELECT count(*) FROM device_status") == 0


@pytest.mark.skipif(WRK is None, reason="wrk is not installed")
def test_wrk_sends_no_event_twice_from_several_threads(served: tuple[str, Instance]) -> None:
    url, running = served
    single, batches = new_series(), new_series()
    driven = [
        wrk.drive(
            Path(str(WRK)),
            running.address,
            running.token,
            series,
            seconds=1,
            connections=4,
            members=members,
            threads=2,
        )
        for series, members in ((single, 1), (batches, 100))
    ]
    found = accounting.count_each(url, ours.STORED, [single, batches])
    with connect(url) as connection:
        delivered = connection.execute(DELIVERIES, [single.tag, batches.tag]).fetchone()
    assert delivered == (1,)
    for run, events in zip(driven, found, strict=True):
        assert (run.refused, run.failed, events.duplicates) == (0, 0, 0)
        assert 0 < run.acknowledged <= events.events <= run.issued


def test_pgbench_writes_rows_that_the_product_reads(
    served: tuple[str, Instance], folder: Path
) -> None:
    url, running = served
    script, sample = folder / "pgbench.sql", new_series()
    program = installed_binaries().bin_dir / "pgbench"
    counted = f"SELECT count(*) FROM ({ours.STORED}) AS stored"  # noqa: S608 - ours
    post(running.address, running.token, sample)
    script.write_text(pgbench.make_script(url, sample, rows=10))
    before = ask_number(url, counted)
    written = pgbench.write(program, url, script, seconds=1, clients=2, rows=10)
    assert written.rows == ask_number(url, counted) - before


def test_page_images_of_a_session_are_counted_once_it_has_ended(server: Server) -> None:
    with server.make_database("images") as url:
        with connect(url) as connection:
            # Each row fills a page.
            connection.execute("CREATE TABLE wide (content char(5000))")
            connection.execute("ALTER TABLE wide ALTER content SET STORAGE PLAIN")
            connection.execute("INSERT INTO wide SELECT 'x' FROM generate_series(1, 50)")
        checkpoint(url)
        before = count_page_images(url)
        session = psycopg.connect(url, autocommit=True)
        # The server counts the first statement at once, the next a second later at the earliest.
        session.execute("SELECT")
        session.execute("DELETE FROM wide")
        ending = threading.Timer(0.1, session.close)
        ending.start()
        assert count_page_images(url) >= before + 50
        ending.join()


def test_a_latency_counts_from_when_the_request_was_due() -> None:
    with slow_to_begin(0.3) as port:
        answers = send(
            f"http://127.0.0.1:{port}", "", new_series().body, rate=50, seconds=0.1, connections=1
        )
    assert [answer.status for answer in answers] == [204] * 5
    # The first holds up all the others, and each says so.
    assert all(answer.due_seconds + answer.seconds >= 0.3 for answer in answers)


def test_a_connection_that_ends_is_no_answer() -> None:
    with create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=lambda: door.accept()[0].close())
        thread.start()
        port = door.getsockname()[1]
        answers = send(f"http://127.0.0.1:{port}", "", new_series().body, rate=10, seconds=0.1)
        thread.join()
    assert [answer.status for answer in answers] == [0]


def test_percentiles_are_values_that_occurred() -> None:
    values = [float(value) for value in range(1000, 0, -1)]
    found = [find_percentile(values, share) for share in (0.5, 0.99, 0.999, 1)]
    assert found == [500, 990, 999, 1000]
    assert find_percentile([7.0], 0.99) == 7.0


@contextmanager
def slow_to_begin(seconds: float) -> Iterator[int]:
    """A port on which one connection is answered 204 each time, at first after a pause."""
    answer = b"HTTP/1.1 204 No Content\r\n\r\n"

    def serve() -> None:
        connection, _ = door.accept()
        with connection:
            pause = threading.Event()
            while connection.recv(65_536):
                pause.wait(seconds)
                pause.set()
                connection.sendall(answer)

    with create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=serve)
        thread.start()
        yield int(door.getsockname()[1])
        thread.join()
