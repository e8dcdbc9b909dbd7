"""Failed authentications by address: counted, bounded, and logged in one line a minute."""

from collections import Counter

import structlog
from starlette.types import Scope

from receiver.api.access.addresses import Networks, find_sender, name_bucket, redact_bucket
from receiver.api.access.rates import NAMES_LIMIT, Rates, Timer
from receiver.errors import AttemptsExceeded

# Seconds: `RECEIVER_ATTEMPTS_LIMIT` is a number of failures a minute.
MINUTE_SECONDS = 60


class Attempts:
    """Counts failures alone, so that a valid token is never refused.

    Args:
        limit: failures of one address that pass at once, and then in each minute.
        trusted_proxies: networks of proxies whose `X-Forwarded-For` is believed.
        clock: seconds that never go back.
        addresses_limit: how many are remembered; the one seen least recently is dropped.
    """

    def __init__(
        self,
        limit: int,
        trusted_proxies: Networks,
        clock: Timer,
        *,
        addresses_limit: int = NAMES_LIMIT,
    ) -> None:
        self._trusted_proxies = trusted_proxies
        self._clock = clock
        self._addresses_limit = addresses_limit
        self._rates = Rates(limit / MINUTE_SECONDS, burst=limit, names_limit=addresses_limit)
        self._unlogged: Counter[str] = Counter()
        self._unlogged_failures = self._unlogged_refusals = 0
        self._log = structlog.get_logger(__name__)

    def note_failure(self, scope: Scope) -> None:
        """Counts an authentication that definitely failed.

        Raises:
            AttemptsExceeded: too many of the address failed.
        """
        address = name_bucket(find_sender(scope, self._trusted_proxies))
        self._unlogged_failures += 1
        if address in self._unlogged or len(self._unlogged) < self._addresses_limit:
            self._unlogged[address] += 1
        wait = self._rates.admit(address, self._clock())
        if wait:
            self._unlogged_refusals += 1
            raise AttemptsExceeded("Too many failed authentications from this address", wait)

    def log_failures(self) -> None:
        """Logs one line about all failures since the last line; none if nothing failed."""
        if not self._unlogged:
            return
        ((busiest, most),) = self._unlogged.most_common(1)
        self._log.warning(
            "authentications failed",
            attempts=self._unlogged_failures,
            refused=self._unlogged_refusals,
            addresses=len(self._unlogged),
            most_from=redact_bucket(busiest),
            most=most,
        )
        self._unlogged.clear()
        self._unlogged_failures = self._unlogged_refusals = 0
