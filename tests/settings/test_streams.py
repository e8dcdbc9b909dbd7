"""How many streams there may be."""

from receiver.settings.settings import Settings


def test_one_credential_does_not_take_all_streams_by_default() -> None:
    settings = Settings()
    assert settings.stream_credential_limit < settings.stream_limit < settings.connection_limit
