"""The plan of a simulation: which notifications are sent, and whether they can be."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

import httpx

from receiver.simulator.batches import gather_batches
from receiver.simulator.faults import mix_faults
from receiver.simulator.notification import Notification
from receiver.simulator.stories import tell_stories

# A sink refuses bodies over 256 KiB by default, and a CloudEvent of the simulator has up to 1 KB.
BATCH_SIZE_MAX = 100


class Forms(StrEnum):
    """The forms in which the stories are written."""

    USUAL = "usual"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Plan:
    """The notifications of a run: the same plan is the same notifications, byte for byte.

    Attributes:
        seed: the seed of the stories and of the faults.
        count: the number of events.
        batch: the largest number of events in one POST.
        faults: whether some of them have a fault.
    """

    seed: int = 1
    count: int = 200
    forms: Forms = Forms.USUAL
    batch: int = 1
    faults: bool = False

    def make_notifications(self) -> Iterator[Notification]:
        """Yields the notifications in the order in which they are sent."""
        stories = tell_stories(self.seed, unusual=self.forms is Forms.ALL)
        if self.faults:
            stories = mix_faults(stories, self.seed)
        return gather_batches(islice(stories, self.count), self.batch)


def find_unusable(
    plan: Plan, *, url: str, token: str, rate: float | None
) -> tuple[str, str] | None:
    """Returns the option that cannot be used, and why, without the token; None: all can."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        return "--to", "not a URL"
    if parsed.scheme not in ("http", "https") or not parsed.host:
        return "--to", "must begin with http:// or https://"
    if parsed.userinfo:
        return "--to", "a user name would displace the token"
    if not re.fullmatch(r"[!-~]+", token):
        return "--token", "must be visible ASCII without spaces"
    bounds = {
        "--seed": (plan.seed >= 0, "must be 0 or more"),
        "--rate": (rate is None or (math.isfinite(rate) and rate > 0), "must be more than 0"),
        "--count": (plan.count >= 1, "must be 1 or more"),
        "--batch": (1 <= plan.batch <= BATCH_SIZE_MAX, f"must be 1 to {BATCH_SIZE_MAX}"),
    }
    return next(
        ((option, reason) for option, (is_usable, reason) in bounds.items() if not is_usable), None
    )
