"""The proxies that ship: they pass notifications and slips in the sink's URL, and nothing else."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from receiver.client import NotFound
from tests.support.between import seeded
from tests.support.paths import ROOT
from tests.support.proxies import INTERNAL, PROXIES, SINK, find_caddy, find_program, proxied
from tests.support.replicas import asked_inside
from tests.support.service import Installation, Service, bearer, notification, open_folder

JSON = {"content-type": "application/cloudevents+json"}
NOT_FOUND = {"status": 404, "code": "NOT_FOUND", "message": "Nothing is served at this path"}


@pytest.fixture(scope="module", params=PROXIES)
def proxy(request: pytest.FixtureRequest, service: Service) -> Iterator[str]:
    with (
        open_folder() as folder,
        proxied(PROXIES[request.param], service.address, folder) as address,
    ):
        yield address


@pytest.fixture(scope="module")
def admin(service: Service, shared_installation: Installation) -> str:
    return shared_installation.create("admin-behind-proxies", "admin")


@pytest.fixture
def world(proxy: str) -> Iterator[httpx.Client]:
    """Somebody outside."""
    with httpx.Client(base_url=proxy, headers={"host": SINK}, trust_env=False) as client:
        yield client


def test_caddy_takes_its_file_as_it_ships() -> None:
    command = [find_caddy(), "validate", "--adapter", "caddyfile", "--config"]
    ran = subprocess.run(
        [*command, str(ROOT / "deploy" / "Caddyfile")], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr


def test_nginx_takes_its_file_as_it_ships(tmp_path: Path) -> None:
    text = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    make = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x", "-days", "1")
    files = ("-out", str(tmp_path / "receiver.pem"), "-keyout", str(tmp_path / "receiver.key"))
    program = find_program("nginx")
    subprocess.run([find_program("openssl"), *make, *files], capture_output=True, check=True)
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid;\n" + text.replace("/etc/nginx/", f"{tmp_path}/")
    )
    command = [program, "-t", "-e", "stderr", "-p", str(tmp_path), "-c", "nginx.conf"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "warn" not in ran.stderr


def test_haproxy_takes_its_file_as_it_ships(tmp_path: Path) -> None:
    text = (ROOT / "deploy" / "haproxy.cfg").read_text(encoding="utf-8")
    make = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x", "-days", "1")
    files = ("-out", str(tmp_path / "certificate"), "-keyout", str(tmp_path / "key"))
    program = find_program("haproxy")
    subprocess.run([find_program("openssl"), *make, *files], capture_output=True, check=True)
    pem = (tmp_path / "certificate").read_text() + (tmp_path / "key").read_text()
    (tmp_path / "receiver.pem").write_text(pem)
    (tmp_path / "haproxy.cfg").write_text(text.replace("/etc/haproxy/", f"{tmp_path}/"))
    command = [program, "-c", "-f", str(tmp_path / "haproxy.cfg")]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "WARNING" not in ran.stderr


@pytest.mark.parametrize("path", ["/notifications", "/notifications/", "//notifications"])
def test_notifications_pass_over_kept_connections(
    world: httpx.Client, service: Service, sink: str, reader: str, path: str
) -> None:
    number = f"+99999{uuid4().int % 10**9:09}"
    for _ in range(5):
        answer = world.post(
            httpx.URL(f"{world.base_url}".rstrip("/") + path),
            json=notification(phone_number=number),
            headers=bearer(sink) | JSON,
        )
        assert answer.status_code == 204, answer.text
    assert len(service.history(reader, number)) == 5


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("POST", path) for path in ("/", "/webhook", "/notifications/x", "/Notifications")),
        *(("POST", path) for path in ("/events/retrieve", "/devices/retrieve?x=y", "/events")),
        *(("PUT", "/notifications"), ("PATCH", "/webhook"), ("POST", "/notifications%0a")),
    ],
)
def test_a_slip_in_the_url_is_kept_and_reaches_no_other_call(
    world: httpx.Client, service: Service, sink: str, admin: str, method: str, path: str
) -> None:
    correlator = uuid4().hex
    headers = {**bearer(sink), **JSON, "x-correlator": correlator}
    answer = world.request(method, path, json=notification(), headers=headers)
    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)
    client = service.ask_as(admin)
    [kept] = client.list_refused_notifications(limit=1).items
    assert kept.reason.startswith("wrong-path: ")
    assert client.get_refused_notification(kept.id).headers["x-correlator"] == correlator


@pytest.mark.parametrize("path", ["/events/retrieve", "/devices/retrieve", "//events/retrieve"])
def test_no_question_is_answered_to_the_world(world: httpx.Client, reader: str, path: str) -> None:
    url = httpx.URL(f"{world.base_url}".rstrip("/") + path)
    answer = world.post(url, json={}, headers=bearer(reader))
    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


HIDDEN = ["/", "/events", "/metrics", "/readyz", "/docs", "/notifications"]
CONSOLE = ["/console", "/console/fleet", "/console/sign-in", "/console/enter?key=x"]


@pytest.mark.parametrize("path", [*HIDDEN, *CONSOLE])
def test_nothing_is_shown_to_the_world(world: httpx.Client, reader: str, path: str) -> None:
    for method in ("GET", "DELETE", "OPTIONS"):
        answer = world.request(method, path, headers=bearer(reader))
        assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


def test_a_body_over_the_limit_is_413_in_the_receivers_form(world: httpx.Client, sink: str) -> None:
    answer = world.post("/notifications", content=b" " * 262_145, headers=bearer(sink) | JSON)
    assert (answer.status_code, answer.json()["code"]) == (413, "PAYLOAD_TOO_LARGE")
    largest = world.post("/notifications", content=b" " * 262_144, headers=bearer(sink) | JSON)
    assert largest.status_code == 400


def test_questions_are_answered_inside(proxy: str, reader: str) -> None:
    with asked_inside(proxy, reader) as client:
        assert client.list_events(limit=1).items
        with pytest.raises(NotFound) as asked:
            client.retrieve_device(phone_number="+99999000000000")
        assert asked.value.code == "IDENTIFIER_NOT_FOUND"
        assert client.get_metrics()


def test_people_sign_in_inside_and_nobody_outside(
    proxy: str, world: httpx.Client, reader: str
) -> None:
    form = {"data": {"token": reader}, "headers": {"sec-fetch-site": "same-origin"}}
    assert world.post("/console/sign-in", **form).status_code == 404  # type: ignore[arg-type]
    with httpx.Client(base_url=proxy, headers={"host": INTERNAL}, trust_env=False) as client:
        answer = client.post("/console/sign-in", **form)  # type: ignore[arg-type]
        assert (answer.status_code, answer.headers["location"]) == (303, "fleet")
        assert client.get("/console/fleet").status_code == 200


@pytest.fixture(scope="module")
def trusting(seed: Path) -> Iterator[Service]:
    """A service that believes proxies on this machine, and lets few guess."""
    settings = {"RECEIVER_TRUSTED_PROXIES": "127.0.0.1", "RECEIVER_ATTEMPTS_LIMIT": "2"}
    with seeded(seed, settings) as installation, installation.serve() as service:
        yield service


@pytest.mark.parametrize(("place", "kind"), list(enumerate(PROXIES)), ids=list(PROXIES))
def test_a_stranger_counts_by_the_address_that_the_proxy_saw_whatever_it_writes(
    trusting: Service, place: int, kind: str
) -> None:
    # Nobody stands at the address of another test.
    often, once = (f"127.0.{place}.{host}" for host in (2, 3))
    statuses = []
    with (
        open_folder() as folder,
        proxied(PROXIES[kind], trusting.address, folder) as address,
    ):
        for number, seen in ((1, often), (2, often), (3, often), (4, once)):
            transport = httpx.HTTPTransport(local_address=seen)
            forged = {"x-forwarded-for": f"198.51.100.{number}", "host": SINK}
            with httpx.Client(transport=transport, base_url=address, headers=forged) as client:
                answer = client.post("/notifications", headers=bearer(f"guess-{number}"))
                statuses.append(answer.status_code)
    # The last one comes from another address.
    assert statuses == [401, 401, 429, 401]
