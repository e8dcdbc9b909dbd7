"""A real authorization server for each test, asked as often as a test likes."""

from collections.abc import Iterator

import pytest

from receiver.api.access.tokens import fetching, keys
from tests.support.authorization_server import AuthorizationServer, authorization_server
from tests.support.token_service import service as service


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[AuthorizationServer]:
    monkeypatch.setattr(keys, "FETCH_INTERVAL_SECONDS", 0.05)
    monkeypatch.setattr(fetching, "TIMEOUT_SECONDS", 0.5)
    with authorization_server() as running:
        yield running
