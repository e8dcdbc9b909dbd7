"""Portions: much small work of intake, of which a few pieces are done in a turn of the event loop.

A turn that reads, hands over or answers 64 notifications takes 2 ms, and whatever else is ready
waits for its end, several times for each question. In portions the first notifications are also on
their way to Postgres while the others are read.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

# Pieces in a turn, of some 20 to 40 µs each. Measured with `python -m benchmark.answers`: with half
# as many intake pays for more turns, and questions beside it wait no less.
PORTION = 8

Piece = TypeVar("Piece")


class Portions(Generic[Piece]):
    """Takes pieces in the order in which they come, `PORTION` in a turn of the loop.

    Args:
        take: does a portion; what it raises is the loop's to report, and costs that portion alone.
    """

    def __init__(self, take: Callable[[Sequence[Piece]], None]) -> None:
        self._take = take
        self._waiting: deque[Piece] = deque()
        self._is_due = False

    def __len__(self) -> int:
        """Returns how many pieces wait."""
        return len(self._waiting)

    def add(self, pieces: Iterable[Piece]) -> None:
        """Takes pieces in; the first have their turn in the loop's next one."""
        self._waiting.extend(pieces)
        self._fall_due()

    def finish(self) -> None:
        """Takes whatever waits, now."""
        pieces = list(self._waiting)
        self._waiting.clear()
        if pieces:
            self._take(pieces)

    def _fall_due(self) -> None:
        if self._waiting and not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._take_portion)

    def _take_portion(self) -> None:
        waiting = self._waiting
        portion = [waiting.popleft() for _ in range(min(PORTION, len(waiting)))]
        self._is_due = False
        # Before the portion is done, so that an error in it keeps no other one waiting.
        self._fall_due()
        if portion:
            self._take(portion)
