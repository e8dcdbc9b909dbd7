"""What each step of a notification's way costs by itself: CPU in one process, everything warm."""

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar
from uuid import UUID, uuid4

from benchmark.load.notifications import new_series
from receiver.events import device, envelope, registry
from receiver.events.event import Arrival, Event
from receiver.ids import new_id
from receiver.intake.intake import Delivery, Intake
from receiver.intake.modes import structured
from receiver.intake.writer import Writer
from receiver.store.credentials.credentials import token_digest
from receiver.store.events.ingest import rows_of

NUMBER = 20_000
TRIES = 5
BATCH = 64

Taken = TypeVar("Taken")
Given = TypeVar("Given")


def main() -> None:
    """Prints microseconds for each notification, the best of several tries."""
    series, now = new_series(), datetime.now(UTC)
    bodies = [series.body(number) for number in range(NUMBER)]
    namespace = uuid4()
    identify = partial(_arrival, namespace, now)

    envelopes = _timed("read the envelope, digest included", envelope.read, bodies)
    events = _timed("understand it", partial(registry.understand, received_at=now), envelopes)
    arrivals = _timed("identify its device", identify, events)
    batches = [arrivals[first : first + BATCH] for first in range(0, NUMBER, BATCH)]
    _timed(f"write its row, {BATCH} together", rows_of, batches, each=BATCH)
    intake = Intake(
        Writer(
            _uncommitted,
            queue_limit=NUMBER,
            queue_limit_bytes=1,
            batch_limit=BATCH,
            deadline_seconds=1,
        ),
        lambda: namespace,
    )
    deliveries = [_delivery(now, body) for body in bodies]
    for together in (1, 32):
        turns = [deliveries[first : first + together] for first in range(0, NUMBER, together)]
        name = f"all of that but the row, {together} together, step by step"
        _timed(name, intake.arrivals, turns, each=together)
    _timed("digest a token", token_digest, [token.hex() for token in bodies])


def _delivery(now: datetime, body: bytes) -> Delivery:
    return Delivery(structured(body), "operator", lambda *_: True, now, new_id())


async def _uncommitted(_: Sequence[Arrival]) -> None:
    raise NotImplementedError


def _arrival(namespace: UUID, now: datetime, event: Event) -> Arrival:
    device_id = device.identify(
        namespace,
        event.device,
        credential="operator",
        subscription_id=event.subscription_id,
        source=event.source,
    )
    return Arrival(uuid4().hex, device_id, "operator", now, event)


def _timed(
    name: str, step: Callable[[Given], Taken], given: Iterable[Given], each: int = 1
) -> list[Taken]:
    given = list(given)
    best = float("inf")
    taken: list[Taken] = []
    for _ in range(TRIES):
        begin = time.process_time()
        taken = [step(one) for one in given]
        best = min(best, time.process_time() - begin)
    print(f"{best / len(given) / each * 1e6:8.1f} µs  {name}")  # noqa: T201 - its output
    return taken


if __name__ == "__main__":
    main()
