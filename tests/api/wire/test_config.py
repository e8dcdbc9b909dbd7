"""uvicorn's configuration."""

import gc
from typing import Any

from pydantic import BaseModel

from receiver.api.wire.config import RequestBounds, ServerConfig, models_built_at_first_use

BOUNDS = RequestBounds(
    head_timeout_seconds=1, head_limit_bytes=2, body_timeout_seconds=3, answer_timeout_seconds=4
)


def test_a_configuration_carries_its_bounds_to_every_connection() -> None:
    config = ServerConfig("app:create", request=BOUNDS, connection_limit=4, timeout_keep_alive=5)
    assert config.request is BOUNDS
    assert (config.places.limit, config.timeout_keep_alive) == (4, 5)


def test_the_collector_rests_while_the_application_is_made_and_no_longer() -> None:
    collects: list[bool] = []

    def create() -> object:
        collects.append(gc.isenabled())
        return object()

    factory: Any = create
    config = ServerConfig(factory, request=BOUNDS, connection_limit=4, factory=True)
    config.load()
    assert (collects, gc.isenabled()) == ([False], True)


def test_models_that_are_declared_in_the_block_are_built_when_they_are_used() -> None:
    with models_built_at_first_use():

        class Inside(BaseModel):
            number: int

    class Outside(BaseModel):
        number: int

    assert (Inside.__pydantic_complete__, Outside.__pydantic_complete__) == (False, True)
    assert Inside.model_validate({"number": 1}).number == 1
    assert Inside.__pydantic_complete__
