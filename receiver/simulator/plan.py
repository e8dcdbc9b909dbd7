"""The plan of a simulation: which notifications are sent, and whether they can be."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from receiver.simulator.address import find_token_fault, find_url_fault
from receiver.simulator.batches import gather_batches
from receiver.simulator.faults import count_copies, mix_faults
from receiver.simulator.notification import Notification
from receiver.simulator.stories.telling import tell_stories

# A sink refuses bodies over 256 KiB by default, and a CloudEvent of the simulator has up to 1 KB.
BATCH_SIZE_MAX = 100
# Ten years, chosen; a sink that keeps CAMARA's times takes none before 2000.
DAYS_MAX = 3650
EARLIEST = datetime(2012, 1, 1, tzinfo=UTC)


class Forms(StrEnum):
    """The forms in which the stories are written."""

    USUAL = "usual"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The notifications of a run: the same plan is the same notifications, byte for byte.

    Attributes:
        until: the time of the latest possible event, aware UTC; another one moves all times.
        days: the time from the first possible event until then.
        seed: the seed of the stories and of the faults.
        count: the number of events.
        batch: the largest number of events in one POST.
        faults: whether some of them have a fault.
    """

    until: datetime
    days: int = 7
    seed: int = 1
    count: int = 400
    forms: Forms = Forms.USUAL
    batch: int = 1
    faults: bool = False

    def make_notifications(self) -> Iterator[Notification]:
        """Yields the notifications in the order in which they are sent."""
        copies = count_copies(self.count) if self.faults else 0
        sent = tell_stories(
            self.seed,
            self.count - copies,
            until=self.until,
            days=self.days,
            unusual=self.forms is Forms.ALL,
        )
        if self.faults:
            sent = mix_faults(sent, self.seed, copies)
        return gather_batches(sent, self.batch)


def find_unusable(
    plan: Plan, *, url: str, token: str, rate: float | None, now: datetime
) -> tuple[str, str] | None:
    """Returns the option that cannot be used, and why, without the token; None: all can."""
    if fault := find_url_fault(url):
        return "--to", fault
    if fault := find_token_fault(token):
        return "--token", fault
    bounds = {
        "--days": (1 <= plan.days <= DAYS_MAX, f"must be 1 to {DAYS_MAX}"),
        "--until": (EARLIEST <= plan.until <= now, "must be in 2012 or later, and not ahead"),
        "--seed": (plan.seed >= 0, "must be 0 or more"),
        "--rate": (rate is None or (math.isfinite(rate) and rate > 0), "must be more than 0"),
        "--count": (plan.count >= 1, "must be 1 or more"),
        "--batch": (1 <= plan.batch <= BATCH_SIZE_MAX, f"must be 1 to {BATCH_SIZE_MAX}"),
    }
    return next(
        ((option, reason) for option, (is_usable, reason) in bounds.items() if not is_usable), None
    )
