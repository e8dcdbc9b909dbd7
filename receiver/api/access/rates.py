"""How often each of many may do something; a bucket for each, kept as a single number."""

from collections import OrderedDict
from collections.abc import Callable

from receiver.errors import RateExceeded

Timer = Callable[[], float]

# However many names turn up, no more than these are remembered.
NAMES_LIMIT = 10_000

# Notifications come in bursts: what a credential may send at once is what it may in this time.
BURST_SECONDS = 10


class Rates:
    """Lets each name pass a number of times at once, and then at a steady rate.

    The bucket of a name is the time at which it will be full again (GCRA of ITU-T I.371). Beyond
    the limit of names the one seen least recently goes, as if it had never come.

    Args:
        per_second: the steady rate.
        burst: how often at once, at least 1.
    """

    def __init__(self, per_second: float, *, burst: float, names_limit: int = NAMES_LIMIT) -> None:
        self._interval = 1 / per_second
        # Half of one more, so that rounding never takes one away.
        self._slack = (burst - 0.5) * self._interval
        self._names_limit = names_limit
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def wait_seconds(self, name: str, now: float) -> float:
        """0 if it passes, which counts; else the time until it would, and nothing is counted.

        Args:
            now: of any clock that never goes back, in seconds.
        """
        full_at = max(now, self._full_at.get(name, now))
        wait = max(0.0, full_at - now - self._slack)
        self._full_at[name] = full_at if wait else full_at + self._interval
        self._full_at.move_to_end(name)
        if len(self._full_at) > self._names_limit:
            self._full_at.popitem(last=False)
        return wait


def sending_rate(per_second: float | None, clock: Timer) -> Callable[[str], None] | None:
    """What bounds the requests of each credential: takes its name, and raises `RateExceeded`.

    Args:
        per_second: None where nothing is to be bounded; nor is there anything then.
    """
    if per_second is None:
        return None
    rates = Rates(per_second, burst=max(1.0, per_second * BURST_SECONDS))

    def count(credential: str) -> None:
        wait = rates.wait_seconds(credential, clock())
        if wait:
            raise RateExceeded(f"More than {per_second:g} requests a second", wait)

    return count
