"""The live stream of one process: its parts, built together."""

from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.api.questions.stream.fan_out import FanOut
from receiver.api.questions.stream.places import StreamPlaces
from receiver.api.questions.stream.sharing import SharedPages
from receiver.settings.settings import Settings
from receiver.store.following.catching_up import CatchUp
from receiver.store.following.feed import Feed


class Live:
    """What streams run on.

    Args:
        open_pool: makes a pool of connections of a size.
        questions_engine: pages are read over it.

    Attributes:
        fan_out: who listens; it is run in the background.
        pages: of what was missed.
        places: how many streams there are.
    """

    def __init__(
        self,
        settings: Settings,
        open_pool: Callable[..., AsyncEngine],
        questions_engine: AsyncEngine,
    ) -> None:
        # One connection of its own: the feed waits for no question.
        self._engine = open_pool(pool_size=1)
        self.fan_out = FanOut(Feed(self._engine, settings.feed))
        self.pages = SharedPages(CatchUp(questions_engine))
        self.places = StreamPlaces(settings.stream_limit, settings.stream_credential_limit)

    async def close(self) -> None:
        """Closes the connection of the feed, and ends what is being read."""
        await self.pages.close()
        await self._engine.dispose()
