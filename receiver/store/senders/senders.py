"""What each sender sent, asked once for all who want to know the same at the same time."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.errors import DatabaseAway
from receiver.store.connections.engine import asking
from receiver.store.events.keys import EventKey, write_event_id
from receiver.store.senders import questions
from receiver.store.senders.rhythm import is_silent
from receiver.store.senders.sent import (
    Admitted,
    Found,
    Refusals,
    Sender,
    SendersSelection,
    Sent,
    Slot,
)

# How old an answer may be: it takes half a second of a core, and people reload a page.
SHARED_SECONDS = 5.0

# Of each question to the database, and of the wait for an answer that others asked for.
DEADLINE_SECONDS = 5.0

# Later than every event.
NO_END = datetime(9999, 1, 1, tzinfo=UTC)


class Senders:
    """Answers what came from whom; one answer is made at a time.

    Args:
        looked_events: how many events an answer looks at.
        timer: seconds that never go back.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        *,
        looked_events: int = questions.LOOKED_EVENTS,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._looked_events = looked_events
        self._timer = timer
        self._turn = asyncio.Lock()
        self._answers: dict[SendersSelection, tuple[float, Sent]] = {}

    async def ask(self, selection: SendersSelection) -> Sent:
        """Returns what was sent, as it was a few seconds ago at most.

        Raises:
            Unavailable: the database is away or too slow, or too many others ask.
        """
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                await self._turn.acquire()
        except TimeoutError:
            raise DatabaseAway("the senders are still being asked about") from None
        try:
            self._forget_old()
            if selection not in self._answers:
                # Old from when it was asked: what comes meanwhile is not in it.
                asked_at = self._timer()
                self._answers[selection] = asked_at, await self._look(selection)
            return self._answers[selection][1]
        finally:
            self._turn.release()

    def _forget_old(self) -> None:
        oldest = self._timer() - SHARED_SECONDS
        self._answers = {
            selection: answer for selection, answer in self._answers.items() if answer[0] > oldest
        }

    async def _look(self, selection: SendersSelection) -> Sent:
        bounds = {
            "start": selection.start,
            "end": selection.end or NO_END,
            "credentials": list(selection.credentials),
        }
        of_events = {
            **bounds,
            "limit": self._looked_events,
            "step": selection.step_seconds,
            "is_by_source": selection.is_by_source,
            "senders": questions.SENDERS_MAX,
        }
        of_refusals = {
            **bounds,
            "limit": questions.LOOKED_REFUSALS,
            "reasons": questions.REASONS_MAX,
        }
        async with asking(self._engine) as connection:
            await connection.exec_driver_sql(
                questions.LIMITS, {"milliseconds": str(round(DEADLINE_SECONDS * 1000))}
            )
            rows = (await connection.exec_driver_sql(questions.EVENTS, of_events)).all()
            refusals = (await connection.exec_driver_sql(questions.REFUSALS, of_refusals)).all()
            waiting = (
                await connection.exec_driver_sql(
                    questions.WAITING, {"limit": questions.LOOKED_REFUSALS}
                )
            ).one()
            admitted = await connection.exec_driver_sql(
                questions.ADMITTED, {"limit": questions.ADMITTED_MAX}
            )
            known = [
                Admitted(row.name, row.last_used_at)
                for row in admitted
                if not selection.credentials or row.name in selection.credentials
            ]
        looked_events, looked_from = rows[0].looked_events, rows[0].looked_from
        senders = [row for row in rows if row.credential is not None]
        looked_refusals = refusals[0].looked if refusals else 0
        are_all_events = looked_events < self._looked_events
        # Only the present tells whether somebody is silent.
        as_of = waiting.as_of
        now = as_of if selection.end is None or selection.end >= as_of else None
        return Sent(
            as_of=as_of,
            selection=selection,
            counted_from=selection.start if are_all_events else looked_from,
            is_complete=are_all_events and looked_refusals < questions.LOOKED_REFUSALS,
            senders=[_read_sender(row, now) for row in senders],
            left_out=senders[0].senders - len(senders) if senders else 0,
            refusals=[
                Refusals(
                    credential=row.credential,
                    reason=row.reason,
                    notifications=row.notifications,
                    waiting=row.waiting,
                    latest_at=row.latest_at,
                    latest_key=row.latest_key,
                )
                for row in refusals
            ],
            admitted=known,
            waiting=waiting.waiting,
        )


def _read_sender(row: Row[*tuple[Any, ...]], now: datetime | None) -> Sender:
    pause = None if row.pause is None else row.pause.total_seconds()
    median, ninety_nine, most = row.lateness
    since = None if now is None else (now - row.last_stored_at).total_seconds()
    return Sender(
        credential=row.credential,
        source=row.source,
        sources=row.sources or None,
        first_at=row.first_at,
        last_at=row.last_at,
        events=row.events,
        duplicates=row.duplicates,
        ahead=row.ahead,
        lateness=(median, ninety_nine, most),
        longest_pause_seconds=pause,
        is_silent=since is not None and is_silent(row.events, pause, since),
        slots=[Slot(at, events) for at, events in zip(row.slots_at, row.slots_events, strict=True)],
        findings=[_read_found(*one) for one in row.findings or ()],
    )


def _read_found(
    finding: str,
    day: str,
    events: int,
    device_id: str,
    stored_at: str,
    seq: int,
    received_at: str,
) -> Found:
    """Returns what is in an array of JSON; `test_senders.py` guards the order."""
    key = EventKey(UUID(device_id), datetime.fromisoformat(stored_at), seq)
    return Found(
        finding=finding,
        day=datetime.fromisoformat(day).date(),
        events=events,
        latest_at=datetime.fromisoformat(received_at),
        latest_id=write_event_id(key),
    )
