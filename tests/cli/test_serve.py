"""`receiver serve`: what it hands to the server, and one line for what keeps it from starting."""

import os
import signal
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from receiver.api.wire import server
from receiver.app.address import listen
from receiver.app.processes import shared_metrics
from receiver.cli import serve
from receiver.lazy import CREATE_WORKER
from receiver.settings.settings import Settings
from tests.support.command_line import error_of, run

HANDLED = (signal.SIGTERM, signal.SIGINT, signal.SIGALRM)


@dataclass(frozen=True, slots=True)
class Started:
    """What the server got."""

    factory: str
    settings: Settings
    port: int
    connection_limit: int
    metrics_dir: str | None
    database_urls: tuple[str, str]


@pytest.fixture(autouse=True)
def unchanged_signals() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in HANDLED}
    yield
    signal.alarm(0)
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, conninfo: str) -> list[Started]:
    """Collects what would be served on a migrated database; the server ends at once."""
    found: list[Started] = []

    def note(
        factory: str, settings: Settings, door: socket.socket, *, connection_limit: int
    ) -> None:
        urls = os.environ["DATABASE_URL"], os.environ["DATABASE_DIRECT_URL"]
        metrics_dir = os.environ.get(shared_metrics.VARIABLE)
        port = door.getsockname()[1]
        found.append(Started(factory, settings, port, connection_limit, metrics_dir, urls))

    monkeypatch.setattr(server, "run", note)
    monkeypatch.delenv(shared_metrics.VARIABLE, raising=False)
    # Set, so that what the command puts there is taken away again.
    monkeypatch.setenv("DATABASE_URL", conninfo)
    monkeypatch.setenv("DATABASE_DIRECT_URL", conninfo)
    return found


def test_options_win_over_settings(
    started: list[Started], monkeypatch: pytest.MonkeyPatch, conninfo: str
) -> None:
    monkeypatch.setenv("RECEIVER_PORT", "1")
    monkeypatch.setenv("RECEIVER_WORKERS", "7")
    ended = run("serve", "--host", "127.0.0.1", "--port", "0", "--workers", "1")
    [one] = started
    assert ended.status == 0
    assert ended.stdout == f"Listening on http://127.0.0.1:{one.port}\n"
    assert (one.factory, one.settings.workers) == (CREATE_WORKER, 1)
    assert (one.database_urls, one.connection_limit) == ((conninfo, conninfo), 1000)
    assert one.metrics_dir is None


def test_a_service_on_every_interface_says_that_it_is(
    started: list[Started], monkeypatch: pytest.MonkeyPatch
) -> None:
    # In a container nobody else reaches the address of the first line.
    monkeypatch.setattr(serve, "listen", lambda _, port: listen("127.0.0.1", port))
    ended = run("serve", "--host", "0.0.0.0", "--port", "0")  # noqa: S104 - not bound
    [one] = started
    assert ended.stdout.splitlines() == [
        f"Listening on http://127.0.0.1:{one.port}",
        "At every other IPv4 address of this machine, too",
    ]


def test_several_workers_share_a_directory_which_goes_at_the_end(started: list[Started]) -> None:
    run("serve", "--port", "0", "--workers", "2")
    [one] = started
    assert one.metrics_dir is not None
    assert not os.path.exists(one.metrics_dir)  # noqa: PTH110 - a name from the environment
    assert shared_metrics.VARIABLE not in os.environ


def test_a_directory_of_the_outer_world_reaches_no_worker(
    started: list[Started], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(shared_metrics.VARIABLE, "/nowhere")
    run("serve", "--port", "0")
    assert [one.metrics_dir for one in started] == [None]


def test_a_spool_that_others_can_use_is_one_line(
    started: list[Started], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o755)
    monkeypatch.setenv("RECEIVER_SPOOL_DIR", str(tmp_path))
    assert "others can use the folder" in error_of(run("serve"))
    assert started == []


def test_a_taken_port_is_one_line(started: list[Started]) -> None:
    with listen("127.0.0.1", 0) as taken:
        port = str(taken.getsockname()[1])
        message = error_of(run("serve", "--port", port))
    assert message.startswith(f"cannot listen on 127.0.0.1 port {port}: Address already in use")
    assert started == []


def test_pending_migrations_are_one_line(
    started: list[Started], monkeypatch: pytest.MonkeyPatch, empty_conninfo: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_conninfo)
    monkeypatch.setenv("DATABASE_DIRECT_URL", empty_conninfo)
    assert "run `receiver migrate` first" in error_of(run("serve", "--port", "0"))
    assert started == []


@pytest.mark.parametrize(
    ("option", "value"), [("--port", "65536"), ("--port", "-1"), ("--workers", "0")]
)
def test_an_option_out_of_range_exits_2(option: str, value: str) -> None:
    ended = run("serve", option, value)
    assert (ended.status, ended.stdout) == (2, "")
    assert option in ended.stderr
