"""Portions: much small work of intake, of which a few pieces are done in a turn of the event loop.

A turn that reads, hands over or answers 64 notifications takes 2 ms, and whatever else is ready
waits for its end, several times for each question. In portions the first notifications are also on
their way to Postgres while the others are read. Whatever the portions are of, a turn has one.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

# Pieces in a turn, of some 20 to 40 µs each. Measured with `python -m benchmark.answers`: with half
# as many intake pays for more turns, and questions beside it wait no less.
PORTION = 8

Piece = TypeVar("Piece")


class Rota:
    """Gives one portion after the other a turn of the event loop, in the order in which they come.

    Where a turn had one portion of each kind, questions beside an intake at full speed took a sixth
    longer, as long turns are what they wait for.
    """

    def __init__(self) -> None:
        self._due: deque[Callable[[], None]] = deque()
        self._is_called = False

    def add(self, take_portion: Callable[[], None]) -> None:
        """Lets a portion have a turn: the loop's next one, if no other portion is due."""
        self._due.append(take_portion)
        self._call()

    def _call(self) -> None:
        if self._due and not self._is_called:
            self._is_called = True
            asyncio.get_running_loop().call_soon(self._give_turn)

    def _give_turn(self) -> None:
        take_portion = self._due.popleft()
        self._is_called = False
        # Before the portion is taken, so that an error in it keeps no other one waiting.
        self._call()
        take_portion()


class Portions(Generic[Piece]):
    """Takes pieces in the order in which they come, `PORTION` in a turn of the loop.

    Args:
        take: does a portion; what it raises is the loop's to report, and costs that portion alone.
        rota: gives the portions their turns.
    """

    def __init__(self, take: Callable[[Sequence[Piece]], None], rota: Rota) -> None:
        self._take = take
        self._rota = rota
        self._waiting: deque[Piece] = deque()
        self._is_due = False

    def __len__(self) -> int:
        """Returns how many pieces wait."""
        return len(self._waiting)

    def add(self, pieces: Iterable[Piece]) -> None:
        """Takes pieces in; the first have one of the loop's next turns."""
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
            self._rota.add(self._take_portion)

    def _take_portion(self) -> None:
        waiting = self._waiting
        portion = [waiting.popleft() for _ in range(min(PORTION, len(waiting)))]
        self._is_due = False
        self._fall_due()
        if portion:
            self._take(portion)
