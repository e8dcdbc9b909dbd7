"""Access tokens are accepted where an authorization server is configured."""

from datetime import UTC, datetime
from typing import Any

from receiver.api.access.tokens.access_tokens import AccessTokens
from receiver.api.access.tokens.configured import AccessTokenFinder, configure_access_tokens
from receiver.settings.settings import Settings
from receiver.store.connections.engine import question_engine
from receiver.store.credentials.book import CredentialBook

TRUSTED: dict[str, Any] = {
    "jwt_issuer": "https://issuer.example/",
    "jwt_audience": "https://receiver.example",
    "jwt_jwks_url": "https://issuer.example/jwks",
}


def configured(**settings: Any) -> AccessTokenFinder | None:
    # Nothing connects.
    engine = question_engine(
        "postgresql://", pool_size=1, statement_timeout_seconds=5, prepare_threshold=None
    )
    return configure_access_tokens(
        Settings.model_validate(settings),
        CredentialBook(engine, trust_seconds=3600),
        clock=lambda: datetime.now(UTC),
        note_key_fetch=lambda _: None,
        call_scopes=(),
    )


def test_without_an_authorization_server_there_are_none() -> None:
    assert configured() is None


def test_the_tokens_of_the_configured_one_are_checked() -> None:
    assert isinstance(configured(**TRUSTED), AccessTokens)
