"""Catching up: pages of what was stored since the caller's last event, then the feed."""

from datetime import datetime

from receiver.api.questions.stream.blocks import write_gap
from receiver.api.questions.stream.fan_out import FanOut
from receiver.api.questions.stream.listener import Chunk, Listener
from receiver.api.questions.stream.sharing import SharedPages
from receiver.errors import Unavailable
from receiver.store.events.selection import Position


class Resumption:
    """Brings listeners from where they were to the feed."""

    def __init__(self, fan_out: FanOut, pages: SharedPages) -> None:
        self._fan_out = fan_out
        self._pages = pages

    async def resume(self, listener: Listener, stored_at: datetime) -> None:
        """Catches up until the listener is live, or has ended.

        Args:
            stored_at: of the last event that was told.
        """
        try:
            if await self._tell_gap(listener, stored_at):
                end: Position | None = self._pages.catch_up.begin(stored_at)
                while end is not None and not listener.is_live:
                    # What is read now is settled, whoever stores meanwhile; it is nearly all.
                    end = await self._read_settled(listener, end)
                    if end is not None:
                        await self._join(listener, end)
        except Unavailable:
            listener.end("unavailable")
        except Exception:
            # Whoever waits for this is owed the fault, and the caller an end.
            listener.end("unavailable")
            raise

    async def _tell_gap(self, listener: Listener, stored_at: datetime) -> bool:
        kept_from = await self._pages.catch_up.read_kept_from()
        if kept_from is None or kept_from <= stored_at:
            return True
        return await listener.put_page(Chunk(write_gap(kept_from), 0))

    async def _read_settled(self, listener: Listener, position: Position) -> Position | None:
        """Reads pages to their end; returns it, or None: the stream has ended."""
        while True:
            page = await self._pages.read_settled(listener.selection, position)
            position = page.end
            if not await listener.put_page(page.chunk):
                return None
            if page.is_last:
                return position

    async def _join(self, listener: Listener, position: Position) -> None:
        """Reads the last page and lets the feed go on behind it, if one page is enough.

        What the feed brings from the joining on, and what is read afterwards, leave no gap.
        """

        async def join() -> None:
            listener.hold()
            await self._fan_out.attach(listener)

        page = await self._pages.read_last(listener.selection, position, join)
        if page.is_last:
            if await listener.put_page(page.chunk):
                listener.go_live()
        else:
            # More was stored while it waited for its turn; those pages are shared again.
            self._fan_out.detach(listener)
            listener.drop_held()
