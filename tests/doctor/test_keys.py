"""What `receiver doctor` says of access tokens."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Response

from receiver.doctor.diagnosis import State
from receiver.doctor.keys import access_tokens
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
    looked = access_tokens(replace(SERVER, jwks_url=server.jwks_url))
    assert looked.state is State.OK
    assert looked.message == "2 keys are published, for PS256, RS256"


def test_keys_that_cannot_be_fetched_fail_with_the_reason(server: AuthorizationServer) -> None:
    server.answer = lambda: Response("<html>")
    looked = access_tokens(replace(SERVER, jwks_url=server.jwks_url))
    assert looked.state is State.FAILED
    assert "RECEIVER_JWT_JWKS_URL: what it answers is not a key set" in looked.message
    server.stop()
    looked = access_tokens(replace(SERVER, jwks_url=server.jwks_url))
    assert looked.state is State.FAILED
    assert "no answer (ConnectError)" in looked.message


def test_without_an_authorization_server_there_is_nothing_to_check() -> None:
    assert access_tokens(None).state is State.SKIPPED
