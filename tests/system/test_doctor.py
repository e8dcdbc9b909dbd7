"""`receiver doctor` beside a running service: what it tries out leaves nothing, whatever fails."""

import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import psycopg
import pytest

from tests.support.between import skip_behind_pooler
from tests.support.service import Installation, Service

ROUND_TRIP = "post and read back"
LEFT = """
SELECT 'event' FROM event WHERE credential LIKE 'doctor.invalid%'
UNION ALL
SELECT 'quarantine' FROM quarantine WHERE credential LIKE 'doctor.invalid%'
UNION ALL
SELECT 'identity' FROM event_identity
WHERE NOT EXISTS (SELECT FROM event WHERE (event.device_id, event.digest)
                  = (event_identity.device_id, event_identity.digest))
UNION ALL
SELECT name FROM credential WHERE name LIKE 'doctor.invalid%'
"""


@dataclass(frozen=True, slots=True)
class Way:
    """What a proxy makes of what passes it."""

    body: Callable[[bytes], bytes] = bytes
    status: Callable[[str, int], int] = lambda _path, status: status


WAYS = {
    "the notification is spoilt": (Way(body=lambda body: body[:-1]), "400"),
    "its answer is lost": (Way(status=lambda _path, _status: 502), "doctor.invalid"),
    "the question does not pass": (
        Way(status=lambda path, status: status if path == "/notifications" else 404),
        "/events/retrieve was answered 404",
    ),
}


@contextmanager
def proxy(service: Service, way: Way) -> Iterator[str]:
    """A server before the service; yields its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            answer = httpx.post(
                f"{service.address}{self.path}",
                content=way.body(body),
                headers={name: self.headers[name] for name in ("authorization", "content-type")},
                trust_env=False,
                timeout=30,
            )
            self.send_response(way.status(self.path, answer.status_code))
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def told(ran: subprocess.CompletedProcess[str]) -> dict[str, tuple[str, str]]:
    """The state and the message of each check."""
    assert ran.stderr == ""
    checks = json.loads(ran.stdout)["checks"]
    return {one["check"]: (one["state"], one["message"]) for one in checks}


def test_beside_a_service_all_is_well_and_nothing_remains(
    service: Service, shared_installation: Installation
) -> None:
    ran = shared_installation.run_here("doctor", "--url", f"{service.address}/")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert {line.split()[0] for line in ran.stdout.splitlines()} <= {"ok", "warning", "skipped"}
    assert f"ok       {ROUND_TRIP}  {service.address}" in ran.stdout
    assert shared_installation.ask(LEFT) == []


@pytest.mark.parametrize("name", WAYS)
def test_nothing_remains_when_a_step_fails(
    service: Service, shared_installation: Installation, name: str
) -> None:
    way, said = WAYS[name]
    with proxy(service, way) as url:
        ran = shared_installation.run_here("doctor", "--url", url, "--json")
    state, message = told(ran)[ROUND_TRIP]
    assert (ran.returncode, state) == (1, "failed")
    assert said in message
    assert shared_installation.ask(LEFT) == []


def test_a_service_on_another_database_is_found_out(
    service: Service, shared_installation: Installation, conninfo: str
) -> None:
    other = replace(shared_installation, settings={"DATABASE_URL": conninfo})
    ran = other.run_here("doctor", "--url", service.address, "--json")
    state, message = told(ran)[ROUND_TRIP]
    assert (ran.returncode, state) == (1, "failed")
    assert "another database" in message
    assert shared_installation.ask(LEFT) == []
    with psycopg.connect(conninfo) as connection:
        assert connection.execute(LEFT).fetchall() == []


@skip_behind_pooler("it runs the embedded Postgres")
def test_without_a_service_the_doctor_runs_postgres_and_leaves_out_what_needs_one(
    installation: Installation,
) -> None:
    ran = installation.run_here("doctor", "--json")
    found = told(ran)
    assert ran.returncode == 0
    state, message = found.pop(ROUND_TRIP)
    assert state == "skipped"
    assert "`receiver serve`" in message
    assert found.pop("access tokens")[0] == "skipped"
    assert found.pop("spool")[0] == "skipped"
    assert {state for state, _ in found.values()} <= {"ok", "warning"}
    assert found["first credentials"][0] == "ok"
    assert installation.ask(LEFT) == []
