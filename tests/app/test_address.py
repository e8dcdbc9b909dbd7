"""The URL of the service leads to it from this machine, whatever address it listens on."""

import pytest

from receiver.app.address import compose_url


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
