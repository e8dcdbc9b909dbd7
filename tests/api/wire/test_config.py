"""uvicorn's configuration."""

from receiver.api.wire.config import RequestBounds, ServerConfig


def test_a_configuration_carries_its_bounds_to_every_connection() -> None:
    bounds = RequestBounds(
        head_timeout_seconds=1,
        head_limit_bytes=2,
        body_timeout_seconds=3,
        answer_timeout_seconds=4,
    )
    config = ServerConfig("app:create", request=bounds, connection_limit=4, timeout_keep_alive=5)
    assert config.request is bounds
    assert (config.connection_limit, config.timeout_keep_alive) == (4, 5)
    assert list(config.waiting) == []
