"""The one reader of a process, and all who listen: each event is read and written once for all."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from receiver.api.questions.stream.blocks import write_event
from receiver.api.questions.stream.listener import Chunk, Listener
from receiver.errors import DatabaseAway
from receiver.store.following.lateness import Told
from receiver.store.following.matching import Matches, matcher

# How long a stream waits for the reader to begin; it takes milliseconds.
BEGIN_SECONDS = 5.0


class Feed(Protocol):
    """The reader of newly stored events; see `receiver.store.following.feed.Feed`."""

    @property
    def at(self) -> datetime | None:
        """The database's clock at the last step; None: it has not begun, or is broken."""

    async def begin(self) -> None:
        """Begins at what is visible now."""

    def leave(self) -> None:
        """Forgets the position."""

    def read(self) -> AsyncIterator[Sequence[Told]]:
        """Yields the new events, some at a time."""


@dataclass(slots=True)
class Group:
    """Those who listen to the same selection."""

    matches: Matches
    listeners: set[Listener] = field(default_factory=set)


class FanOut:
    """Hands newly stored events to all who listen.

    Attributes:
        wake: set when there may be something to read; whoever runs it clears it.
    """

    def __init__(self, feed: Feed) -> None:
        self.wake = asyncio.Event()
        self._feed = feed
        self._groups: dict[str, Group] = {}
        self._has_begun = asyncio.Event()
        self._is_stopping = False

    @property
    def at(self) -> datetime | None:
        """The database's clock before which all that was visible is handed out."""
        return self._feed.at

    def note_stored(self) -> None:
        """Notes a commit of this process."""
        if self._groups:
            self.wake.set()

    async def run_once(self) -> None:
        """Reads what is new, if anybody listens.

        Raises:
            DatabaseAway: the database cannot be asked; the next run goes on.
        """
        if not self._groups:
            self._feed.leave()
            return
        if not self._has_begun.is_set():
            await self._feed.begin()
            self._has_begun.set()
            return
        async for events in self._feed.read():
            self._publish(events)
        if self._feed.at is None:
            self._has_begun.clear()
            self._end_all("reset")

    async def attach(self, listener: Listener) -> None:
        """Hands to a listener what becomes visible from now on.

        Raises:
            DatabaseAway: the database cannot be asked.
        """
        if self._is_stopping:
            listener.end("stopping")
        if not self._groups:
            # What was stored while nobody listened is told to nobody.
            self._has_begun.clear()
        selection = listener.selection
        group = self._groups.get(repr(selection))
        if group is None:
            group = self._groups[repr(selection)] = Group(matcher(selection))
        group.listeners.add(listener)
        self.wake.set()
        try:
            async with asyncio.timeout(BEGIN_SECONDS):
                await self._has_begun.wait()
        except BaseException as error:
            self.detach(listener)
            if isinstance(error, TimeoutError):
                raise DatabaseAway("the stream cannot begin: the database is away") from None
            raise

    def detach(self, listener: Listener) -> None:
        """Hands nothing more to a listener; a second time changes nothing."""
        name = repr(listener.selection)
        group = self._groups.get(name)
        if group is not None:
            group.listeners.discard(listener)
            if not group.listeners:
                del self._groups[name]

    def stop(self) -> None:
        """Ends all streams, those to come included."""
        self._is_stopping = True
        self._end_all("stopping")

    def _end_all(self, reason: str) -> None:
        for group in self._groups.values():
            for listener in group.listeners:
                listener.end(reason)

    def _publish(self, events: Sequence[Told]) -> None:
        written: dict[int, bytes] = {}
        for group in self._groups.values():
            passed = [n for n, told in enumerate(events) if group.matches(told.event)]
            if not passed:
                continue
            for number in passed:
                if number not in written:
                    written[number] = write_event(events[number])
            chunk = Chunk(b"".join([written[number] for number in passed]), len(passed))
            for listener in group.listeners:
                listener.put(chunk)
