"""The parts of the stream, as the settings have them."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.api.questions.stream.live import Live
from receiver.errors import QuestionsExceeded
from receiver.settings.settings import Settings
from receiver.store.connections.engine import question_engine


async def test_its_feed_has_one_connection_and_its_places_are_those_of_the_settings(
    settings: Settings, conninfo: str
) -> None:
    opened: list[int] = []

    def open_pool(*, pool_size: int) -> AsyncEngine:
        opened.append(pool_size)
        return question_engine(
            conninfo, pool_size=pool_size, statement_timeout_seconds=10, prepare_threshold=None
        )

    engine = open_pool(pool_size=2)
    live = Live(settings.model_copy(update={"stream_credential_limit": 1}), open_pool, engine)
    assert opened == [2, 1]
    live.places.take("a")
    with pytest.raises(QuestionsExceeded):
        live.places.take("a")
    await live.close()
    await engine.dispose()
