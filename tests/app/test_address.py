"""The address of the service: its URL leads to it from this machine, and a taken one is named."""

import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from receiver.app.address import (
    ADDRESS,
    announce,
    compose_url,
    find_local_service,
    listen,
    name_others,
)
from receiver.errors import ConfigurationError
from receiver.settings.settings import Settings
from tests.support.environment import no_settings as no_settings


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),  # noqa: S104 - read, not bound
        ("", "http://127.0.0.1:8000"),
        ("::", "http://[::1]:8000"),
        ("2001:db8::7", "http://[2001:db8::7]:8000"),
        ("[::1]", "http://[::1]:8000"),
        ("[::]", "http://[::1]:8000"),
        ("receiver.example", "http://receiver.example:8000"),
    ],
)
def test_a_url_can_be_connected_to(host: str, url: str) -> None:
    assert url == compose_url(host, 8000)


@pytest.mark.parametrize(
    ("host", "others"),
    [
        ("127.0.0.1", None),
        ("0.0.0.0", "every other IPv4 address"),  # noqa: S104 - not bound
        ("", "every other IPv4 address"),
        ("[::]", "every other address"),
        ("receiver.example", None),
    ],
)
def test_every_interface_has_other_addresses(host: str, others: str | None) -> None:
    assert name_others(host) == others


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "[::1]", ""])
def test_a_socket_listens_on_a_free_port_and_its_url_leads_there(host: str) -> None:
    with listen(host, 0) as door:
        port = door.getsockname()[1]
        url = urlsplit(compose_url(host, port))
        socket.create_connection((str(url.hostname), port), timeout=5).close()


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this system has not both families")
def test_every_address_of_ipv6_is_every_address_of_ipv4_too() -> None:
    with listen("::", 0) as door:
        port = door.getsockname()[1]
        for host in ("127.0.0.1", "::1"):
            socket.create_connection((host, port), timeout=5).close()


def test_a_service_is_found_where_it_listens_and_no_longer_than_it_does(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RECEIVER_DATA_DIR", str(tmp_path))
    settings = Settings.from_environment()
    with announce(tmp_path, "http://[::1]:4711"):
        assert find_local_service(settings) == "http://[::1]:4711"
    assert find_local_service(settings) == "http://127.0.0.1:8000"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("left", ["{gone} http://127.0.0.1:4711\n", "", "x y\n", "\xff"])
def test_an_address_that_a_killed_service_left_leads_nowhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, left: str
) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    (tmp_path / ADDRESS).write_text(left.format(gone=gone.pid), encoding="latin-1")
    monkeypatch.setenv("RECEIVER_DATA_DIR", str(tmp_path))
    assert find_local_service(Settings.from_environment()) == "http://127.0.0.1:8000"
    with announce(tmp_path, "http://127.0.0.1:4712"):
        assert find_local_service(Settings.from_environment()) == "http://127.0.0.1:4712"


def test_a_database_of_its_own_or_a_free_port_leave_only_the_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RECEIVER_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("RECEIVER_PORT", "0")
    assert find_local_service(Settings.from_environment()) is None
    monkeypatch.setenv("RECEIVER_PORT", "8001")
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1/receiver")
    with announce(tmp_path, "http://127.0.0.1:4711"):
        assert find_local_service(Settings.from_environment()) == "http://127.0.0.1:8001"


def test_a_taken_port_is_named() -> None:
    with listen("127.0.0.1", 0) as door:
        port = door.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"127.0.0.1 port {port}: Address already"):
            listen("127.0.0.1", port)


@pytest.mark.parametrize("host", ["203.0.113.7", "nowhere.invalid"])
def test_an_address_of_another_machine_is_named(host: str) -> None:
    with pytest.raises(ConfigurationError, match=f"cannot listen on {host} port 0"):
        listen(host, 0)
