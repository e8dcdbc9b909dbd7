"""The keys of access tokens are rotated, broken and restored under load, without a false 401."""

from collections.abc import Callable, Sequence

import pytest
from flask import Response

from receiver.client import Unavailable
from tests.support.authorization_server import AuthorizationServer, authorization_server, rsa_key
from tests.support.sender import Sender, senders
from tests.support.service import Installation, notification

# Fetched every second here; a fetch that hangs is given up after five.
SECONDS_TO_NOTICE = 30

Break = Callable[[AuthorizationServer], None]


def answer_with(answer: Callable[[AuthorizationServer], Response]) -> Break:
    def break_it(server: AuthorizationServer) -> None:
        server.answer = lambda: answer(server)

    return break_it


BROKEN: dict[str, Break] = {
    "500": answer_with(lambda _: Response(status=500)),
    "html": answer_with(lambda _: Response("<html><body>Maintenance</body></html>")),
    "empty": answer_with(lambda _: Response('{"keys": []}')),
    "hang": answer_with(AuthorizationServer.hang),
    "refused": AuthorizationServer.stop,
}


# The short form has one that answers and one that does not. The other forms stand in the tests of
# the keys, without load.
SHORT = ("500", "refused")


@pytest.mark.parametrize(
    "forms",
    [pytest.param(SHORT, id="short"), pytest.param([*BROKEN], id="long", marks=pytest.mark.long)],
)
def test_keys_are_rotated_broken_and_restored_under_load_without_a_false_401(
    installation: Installation, forms: Sequence[str]
) -> None:
    tokens = {}
    with (
        authorization_server() as server,
        installation.serve(
            "--workers", "2", RECEIVER_JWT_REFRESH_SECONDS="1", **server.settings
        ) as service,
        senders() as sending,
    ):

        def send(name: str, token: str) -> None:
            tokens[name] = token
            sending[name] = Sender(service, token)

        send("first", server.token())
        send("other", server.token("operator-test"))
        assert sending["first"].answers(204)
        assert sending["other"].answers(204)
        first_key = server.signing

        server.rotate()
        send("rotated", server.token())
        assert sending["rotated"].answers(204)

        for form in forms:
            # So that nobody hears of the new key before the right breakage begins.
            BROKEN["html"](server)
            server.rotate()
            token = server.token()
            BROKEN[form](server)
            send(form, token)
            assert sending[form].answers(503, SECONDS_TO_NOTICE)
            for known in ("first", "other", "rotated"):
                assert sending[known].goes_on()
            server.answer = None
            if form == "refused":
                server.start()
            assert sending[form].answers(204, SECONDS_TO_NOTICE)

        # Signs with a key that was never published, under the name of one that is.
        server.signing = rsa_key(server.signing.kid)
        send("forged", server.token())
        assert sending["forged"].answers(401, SECONDS_TO_NOTICE)

        server.published = [key for key in server.published if key is not first_key]
        assert sending["first"].answers(401, SECONDS_TO_NOTICE)
        assert sending["rotated"].goes_on()

    assert {name: sender.changes for name, sender in sending.items()} == {
        "first": [204, 401],
        "other": [204, 401],
        "rotated": [204],
        **{form: [503, 204] for form in forms},
        "forged": [401],
    }
    acknowledged = set().union(*(sender.acknowledged for sender in sending.values()))
    stored = set(installation.ask("SELECT sender_event_id FROM reporting.event"))
    assert len(acknowledged) > 100
    assert acknowledged <= stored
    credentials = installation.ask(
        "SELECT DISTINCT credential FROM reporting.event WHERE credential LIKE 'jwt:%' ORDER BY 1"
    )
    assert credentials == ["jwt:operator-prod", "jwt:operator-test"]
    parts = {part for token in tokens.values() for part in token.split(".")[1:]}
    assert [part for part in parts if part in service.stderr or part in service.stdout] == []


def test_a_start_with_half_an_authorization_server_is_refused_by_name(
    installation: Installation,
) -> None:
    ran = installation.run("serve", RECEIVER_JWT_ISSUER="https://login.example")
    assert ran.returncode != 0
    assert "RECEIVER_JWT_AUDIENCE and RECEIVER_JWT_JWKS_URL: missing" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_start_without_the_authorization_server_serves_all_the_same(
    installation: Installation,
) -> None:
    with authorization_server() as server:
        token = server.token()
        server.stop()
        with installation.serve(**server.settings) as service:
            assert service.post(notification(), installation.token("sink")) == 204
            with pytest.raises(Unavailable):
                service.ask_as(token).post_notification(notification())
            server.start()
            assert service.post(notification(), token) == 204
