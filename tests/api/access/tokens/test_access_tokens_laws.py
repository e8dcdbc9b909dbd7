"""No outage makes a token wrong, and a token that was made here is always known here."""

from flask import Response

from receiver.store.credentials.credentials import (
    Role,
    create_credential,
    revoke_credential,
    token_digest,
)
from tests.support.authorization_server import AuthorizationServer, rsa_key
from tests.support.exposition import value
from tests.support.signing import claims, signed
from tests.support.tables import away
from tests.support.token_service import Open, ask, post


async def test_a_token_made_here_goes_on_working_whatever_it_looks_like(
    service: Open, server: AuthorizationServer, conninfo: str
) -> None:
    looks = {
        "foreign": signed(claims(iss="https://stranger.invalid"), rsa_key()),
        "unsigned": signed(claims(iss=server.issuer), rsa_key("stranger")),
        "dotted": "a.b.c-and-enough-of-it",
        "good": server.token(),
    }
    async with service() as client:
        for name, token in looks.items():
            if name != "good":
                assert (await post(client, token)).status_code == 401
            create_credential(conninfo, name, Role.READER, token_digest(token), None)
        for name in ("foreign", "unsigned", "dotted"):
            assert (await ask(client, looks[name])).status_code == 404
    server.stop()
    async with service() as client:
        for token in looks.values():
            assert (await ask(client, token)).status_code == 404
        # Made here, so what was decided here holds, though its scope would let it post.
        assert (await post(client, looks["good"])).status_code == 403
    revoke_credential(conninfo, "good")
    server.start()
    async with service() as client:
        assert (await post(client, looks["good"])).status_code == 401


async def test_without_keys_or_with_an_unknown_one_an_outage_is_503_and_never_401(
    service: Open, server: AuthorizationServer
) -> None:
    server.answer = lambda: Response("<html>")
    async with service() as client:
        answer = await post(client, server.token())
        assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE")
        assert "retry-after" in answer.headers
        server.answer = None
        known = server.token()
        assert (await post(client, known)).status_code == 204
        server.answer = lambda: Response(status=500)
        fresh = server.token()
        server.rotate()
        unknown = server.token()
        for token, status in ((known, 204), (fresh, 204), (unknown, 503), ("opaque", 401)):
            assert (await post(client, token)).status_code == status
        text = (await client.get("/metrics")).text
        server.answer = None
        assert (await post(client, unknown)).status_code == 204
    labels = {"call": "notifications", "status": "503", "reason": "keys-away"}
    assert value(text, "receiver_answers_total", labels) == 2


async def test_an_unready_database_makes_no_token_wrong(
    service: Open, server: AuthorizationServer, conninfo: str
) -> None:
    """A token that no key verifies may have been made here, which cannot be looked up."""
    async with service() as client, away(conninfo, "credential"):
        unsigned = signed(claims(iss=server.issuer), rsa_key("stranger"))
        assert (await post(client, unsigned)).status_code == 503
        assert (await post(client, server.token())).status_code == 204
