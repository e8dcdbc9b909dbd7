"""`python -m benchmark.steps`: the CPU of each step of the intake by itself, in warm caches."""

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar
from uuid import UUID, uuid4

from benchmark.load.notifications import new_series
from receiver.events import registry
from receiver.events.devices.identity import identify
from receiver.events.event import Arrival, Event
from receiver.events.forms.structured import read_structured
from receiver.ids import new_id
from receiver.intake.intake import Delivery, Intake, Sender
from receiver.intake.modes import structured
from receiver.intake.writer import Writer
from receiver.store.credentials.credentials import token_digest
from receiver.store.events.storing.rows import rows_of

# Half a second for a step of 25 µs, which the clock of the process resolves well.
NUMBER = 20_000
# The best of five is the one that others disturbed least.
TRIES = 5
# With 64 connections one commit holds at most 64 notifications.
BATCH = 64

Output = TypeVar("Output")
Input = TypeVar("Input")


def main() -> None:
    """Prints microseconds for each notification, the best of several tries."""
    series, now = new_series(), datetime.now(UTC)
    bodies = [series.body(number) for number in range(NUMBER)]
    namespace = uuid4()
    arrive = partial(_arrival, namespace, now)

    envelopes = _time("read the envelope, digest included", read_structured, bodies)
    events = _time("understand it", partial(registry.understand, received_at=now), envelopes)
    arrivals = _time("identify its device", arrive, events)
    batches = [arrivals[first : first + BATCH] for first in range(0, NUMBER, BATCH)]
    _time(f"write its row, {BATCH} together", rows_of, batches, each=BATCH)
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
        _time(name, intake.arrivals, turns, each=together)
    _time("digest a token", token_digest, [token.hex() for token in bodies])


def _delivery(now: datetime, body: bytes) -> Delivery:
    return Delivery(structured(body), Sender("operator"), now, new_id())


async def _uncommitted(_: Sequence[Arrival]) -> None:
    raise NotImplementedError


def _arrival(namespace: UUID, now: datetime, event: Event) -> Arrival:
    device_id = identify(
        namespace,
        event.device,
        credential="operator",
        subscription_id=event.subscription_id,
        source=event.source,
    )
    return Arrival(uuid4().hex, device_id, "operator", now, event)


def _time(
    name: str, step: Callable[[Input], Output], inputs: Iterable[Input], each: int = 1
) -> list[Output]:
    inputs = list(inputs)
    best = float("inf")
    outputs: list[Output] = []
    for _ in range(TRIES):
        begin = time.process_time()
        outputs = [step(one) for one in inputs]
        best = min(best, time.process_time() - begin)
    print(f"{best / len(inputs) / each * 1e6:8.1f} µs  {name}")  # noqa: T201 - the output of the program
    return outputs


if __name__ == "__main__":
    main()
