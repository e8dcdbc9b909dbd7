"""What `receiver doctor` says of access tokens."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Response

from receiver.doctor.diagnosis import CheckState
from receiver.doctor.keys import check_access_tokens
from tests.support.authorization_server import AuthorizationServer, authorization_server
from tests.support.signing import SERVER


@pytest.fixture
def server() -> Iterator[AuthorizationServer]:
    with authorization_server() as running:
        yield running


def test_published_keys_are_counted_with_what_they_are_good_for(
    server: AuthorizationServer,
) -> None:
    server.rotate()
    found = check_access_tokens(replace(SERVER, jwks_url=server.jwks_url))
    assert found.state is CheckState.OK
    assert found.message == "2 keys are published, for PS256, RS256"


def test_keys_that_cannot_be_fetched_fail_with_the_reason(server: AuthorizationServer) -> None:
    server.answer = lambda: Response("<html>")
    found = check_access_tokens(replace(SERVER, jwks_url=server.jwks_url))
    assert found.state is CheckState.FAILED
    assert "RECEIVER_JWT_JWKS_URL: what it answers is not a key set" in found.message
    server.stop()
    found = check_access_tokens(replace(SERVER, jwks_url=server.jwks_url))
    assert found.state is CheckState.FAILED
    assert "no answer (ConnectError)" in found.message


def test_without_an_authorization_server_there_is_nothing_to_check() -> None:
    assert check_access_tokens(None).state is CheckState.SKIPPED
