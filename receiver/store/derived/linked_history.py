"""The history of a device with what links to it: read when asked, and written nowhere."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from receiver.store.connections.keyset import Order
from receiver.store.derived.linking import Links
from receiver.store.events.history import History
from receiver.store.events.selection import Position, Selection
from receiver.store.events.stored_event import StoredEvent
from receiver.store.events.summaries import DeviceSummary


class LinkedHistory:
    """Answers questions about the events of one device and of those that stand for it.

    Args:
        device_id: the device whose links are followed.
    """

    def __init__(self, history: History, links: Links, device_id: UUID) -> None:
        self._history = history
        self._links = links
        self._device_id = device_id

    async def page(
        self,
        selection: Selection,
        *,
        order: Order,
        after: Position | None,
        limit: int,
        limit_bytes: int,
    ) -> tuple[list[StoredEvent], Position | None]:
        """Returns the next events, and where their page ends; None: there are no more.

        Args:
            selection: without links; they may differ from page to page, and a cursor may not.
            limit, limit_bytes: as of `History.page`.
        """
        return await self._history.page(
            await self._follow(selection),
            order=order,
            after=after,
            limit=limit,
            limit_bytes=limit_bytes,
        )

    async def exists(self, selection: Selection) -> bool:
        """Tells whether a selection has any event."""
        return await self._history.exists(await self._follow(selection))

    async def device(self) -> DeviceSummary | None:
        """Sums the device up, with what lasts of it; None if it has no event."""
        linked = await self._find()
        summary = await self._history.device(self._device_id, linked)
        if summary is None:
            return None
        lasting = await self._links.identifiers.list_reported([self._device_id, *linked])
        together = dict.fromkeys([*summary.identifiers, *lasting])
        return replace(summary, identifiers=tuple(together))

    async def _follow(self, selection: Selection) -> Selection:
        return replace(selection, linked=tuple(await self._find()))

    async def _find(self) -> Sequence[UUID]:
        return await self._links.find(self._device_id)
