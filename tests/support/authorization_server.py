"""A real authorization server on loopback: Authlib's token endpoint, a key set that can break."""

import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import Any
from uuid import uuid4

from authlib.integrations.flask_oauth2 import AuthorizationServer as OAuthServer
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc6749.models import ClientMixin
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion, private_key_jwt_sign
from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator
from flask import Flask, Response, jsonify
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from tests.support.clients import open_client

AUDIENCE = "https://receiver.invalid"
SINK_SCOPE = "device-status-receiver:sink"

Key = RSAKey | ECKey | OKPKey


def rsa_key(kid: str | None = None, bits: int = 2048) -> RSAKey:
    return RSAKey.generate_key(bits, {"kid": kid or str(uuid4()), "use": "sig"}, auto_kid=False)


class Client(ClientMixin):
    """The operator, registered with its public key; it may ask for any scope."""

    def __init__(self, client_id: str) -> None:
        self.client_id = client_id

    @cached_property
    def key(self) -> RSAKey:
        """Made when it is first needed, which few tests come to: to make one takes a while."""
        return rsa_key()

    def get_client_id(self) -> str:
        return self.client_id

    def get_allowed_scope(self, scope: Collection[str] | str) -> str:
        return str(scope)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return (method, endpoint) == ("client_assertion_jwt", "token")

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "client_credentials"


class AuthorizationServer:
    """Tokens at `/token` for clients that sign an assertion to get them; keys at `/jwks`.

    Attributes:
        published: the keys at `/jwks`.
        signing: the one of them that signs.
        answer: what `/jwks` does in place of answering with the keys; None: it answers with them.
        fetches: how often `/jwks` was asked.
    """

    def __init__(self) -> None:
        self.signing: Key = rsa_key()
        self.published: list[Key] = [self.signing]
        self.answer: Callable[[], Response] | None = None
        self.fetches = 0
        self._clients = {name: Client(name) for name in ("operator-prod", "operator-test")}
        self._app = self._application()
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None
        self._port = 0
        self._released = threading.Event()
        self.start()

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def jwks_url(self) -> str:
        return f"{self.issuer}/jwks"

    @property
    def settings(self) -> dict[str, str]:
        """What a receiver that trusts it is told."""
        return {
            "RECEIVER_JWT_ISSUER": self.issuer,
            "RECEIVER_JWT_AUDIENCE": AUDIENCE,
            "RECEIVER_JWT_JWKS_URL": self.jwks_url,
        }

    def start(self) -> None:
        """Listens, on the same port as before."""
        server = make_server(
            "127.0.0.1", self._port, self._app, threaded=True, request_handler=_Quiet
        )
        self._server, self._port = server, server.server_port
        self._released.clear()
        self._thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        self._thread.start()

    def stop(self) -> None:
        """Listens no more: connections are refused."""
        if self._server is not None and self._thread is not None:
            self._released.set()
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
            self._server = self._thread = None

    def hang(self) -> Response:
        """An answer that does not come."""
        self._released.wait(60)
        return Response(status=503)

    def rotate(self, key: Key | None = None, *, withdraw: bool = False) -> None:
        """Signs with another key from now on; the old one stays published unless withdrawn."""
        self.signing = key or rsa_key()
        self.published = [self.signing] if withdraw else [*self.published, self.signing]

    def token(self, client_id: str = "operator-prod", scope: str = SINK_SCOPE) -> str:
        """What the token endpoint gives a client that signs an assertion, as operators do."""
        endpoint = f"{self.issuer}/token"
        assertion = private_key_jwt_sign(self._clients[client_id].key, client_id, endpoint)
        with open_client() as client:
            answer = client.post(
                endpoint,
                data={
                    "grant_type": "client_credentials",
                    "scope": scope,
                    "client_assertion_type": JWTBearerClientAssertion.CLIENT_ASSERTION_TYPE,
                    "client_assertion": assertion,
                },
            )
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["access_token"]
        return token

    def _application(self) -> Flask:
        app = Flask(__name__)
        server = self
        used: set[str] = set()

        class Assertion(JWTBearerClientAssertion):
            def get_audiences(self) -> list[str]:
                return [f"{server.issuer}/token"]

            def validate_jti(self, claims: dict[str, Any], jti: str) -> bool:
                is_new = jti not in used
                used.add(jti)
                return is_new

            def resolve_client_public_key(self, client: Client) -> Key:
                return client.key

        class Grant(ClientCredentialsGrant):
            TOKEN_ENDPOINT_AUTH_METHODS = (Assertion.CLIENT_AUTH_METHOD,)

        class Tokens(JWTBearerTokenGenerator):
            def get_jwks(self) -> KeySet:
                return KeySet([server.signing])

            def get_audiences(self, client: Client, user: None, scope: str) -> str:
                return AUDIENCE

        oauth = OAuthServer(app, self._clients.get, lambda token, request: None)
        oauth.register_client_auth_method(Assertion.CLIENT_AUTH_METHOD, Assertion())
        oauth.register_grant(Grant)

        @app.post("/token")
        def token() -> Response:
            # Here, because the issuer is known once the server listens.
            oauth.register_token_generator("default", Tokens(server.issuer))
            answer: Response = oauth.create_token_response()  # type: ignore[assignment] # Flask's
            return answer

        @app.get("/jwks")
        def jwks() -> Response:
            server.fetches += 1
            if server.answer is not None:
                return server.answer()
            return jsonify(keys=[key.as_dict(private=False) for key in server.published])

        return app


@contextmanager
def authorization_server() -> Iterator[AuthorizationServer]:
    """Runs one for the length of the block."""
    server = AuthorizationServer()
    try:
        yield server
    finally:
        server.stop()


class _Quiet(WSGIRequestHandler):
    """Says nothing, also about those who hang up."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 # the library's name
        pass

    def run_wsgi(self) -> None:
        with suppress(ConnectionError):
            super().run_wsgi()
