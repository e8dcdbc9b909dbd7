"""The address of the service: its URL leads to it from this machine, and a taken one is named."""

import socket
from urllib.parse import urlsplit

import pytest

from receiver.app.address import compose_url, listen
from receiver.errors import ConfigurationError


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),  # noqa: S104 - read, not bound
        ("", "http://127.0.0.1:8000"),
        ("::", "http://[::1]:8000"),
        ("2001:db8::7", "http://[2001:db8::7]:8000"),
        ("receiver.example", "http://receiver.example:8000"),
    ],
)
def test_a_url_can_be_connected_to(host: str, url: str) -> None:
    assert url == compose_url(host, 8000)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", ""])
def test_a_socket_listens_on_a_free_port_and_its_url_leads_there(host: str) -> None:
    with listen(host, 0) as door:
        port = door.getsockname()[1]
        url = urlsplit(compose_url(host, port))
        socket.create_connection((str(url.hostname), port), timeout=5).close()


def test_a_taken_port_is_named() -> None:
    with listen("127.0.0.1", 0) as door:
        port = door.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"127.0.0.1 port {port}: Address already"):
            listen("127.0.0.1", port)


@pytest.mark.parametrize("host", ["203.0.113.7", "nowhere.invalid"])
def test_an_address_of_another_machine_is_named(host: str) -> None:
    with pytest.raises(ConfigurationError, match=f"cannot listen on {host} port 0"):
        listen(host, 0)
