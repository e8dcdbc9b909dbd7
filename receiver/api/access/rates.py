"""How often a credential may send, and how many questions it may ask at a time."""

from collections import OrderedDict
from collections.abc import Callable

from receiver.api.slices import Slices
from receiver.errors import QuestionsExceeded, RateExceeded
from receiver.turns import Turns

Timer = Callable[[], float]

# Names that are remembered. A name takes about 160 bytes (by tracemalloc), so that strangers who
# use up all names fill 1.6 MB and no more.
NAMES_LIMIT = 10_000

# Seconds of its rate that a credential may send at once, because notifications come in bursts:
# `RECEIVER_RATE_LIMIT` promises this number.
BURST_SECONDS = 10


# A turn may be free at any moment: whoever is refused may ask again as soon as HTTP can say.
RETRY_AFTER_SECONDS = 1.0


class Rates:
    """Lets each name pass a number of times at once, and then at a steady rate.

    The bucket of a name is the time at which it is full again (GCRA of ITU-T I.371). Beyond the
    limit of names, the bucket of the name seen least recently is dropped, and is full again.

    Args:
        per_second: the steady rate.
        burst: how often at once, at least 1.
    """

    def __init__(self, per_second: float, *, burst: float, names_limit: int = NAMES_LIMIT) -> None:
        self._interval = 1 / per_second
        # Half a token of slack against rounding.
        self._slack = (burst - 0.5) * self._interval
        self._names_limit = names_limit
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def admit(self, name: str, now: float) -> float:
        """Lets the name pass, which counts, or says how long it has to wait.

        Args:
            now: seconds of a clock that never goes back.

        Returns:
            0: the name passes; else seconds until it would.
        """
        full_at = max(now, self._full_at.get(name, now))
        wait = max(0.0, full_at - now - self._slack)
        self._full_at[name] = full_at if wait else full_at + self._interval
        self._full_at.move_to_end(name)
        if len(self._full_at) > self._names_limit:
            self._full_at.popitem(last=False)
        return wait


def sending_rate(per_second: float | None, clock: Timer) -> Callable[[str], None] | None:
    """Returns what counts a request of a credential by name, and may raise `RateExceeded`.

    Args:
        per_second: the rate of each credential; None: it is not bounded, and nothing counts.
    """
    if per_second is None:
        return None
    rates = Rates(per_second, burst=max(1.0, per_second * BURST_SECONDS))

    def count(credential: str) -> None:
        wait = rates.admit(credential, clock())
        if wait:
            raise RateExceeded(f"More than {per_second:g} requests a second", wait)

    return count


def question_turns(at_once: int, *, patience_seconds: float) -> Turns:
    """Returns the turns of questions by credential; beyond them is `QuestionsExceeded`.

    Of all that arrive together one begins in a turn of the event loop, so that notifications do not
    wait for the beginnings of many.
    """
    return Turns(
        at_once,
        patience_seconds=patience_seconds,
        refusal=lambda: QuestionsExceeded(
            f"More than {at_once} questions at a time", RETRY_AFTER_SECONDS
        ),
        begin=Slices().begin,
    )
