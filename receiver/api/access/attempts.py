"""Failed authentications by address: counted, answered 429 beyond a bound, told once a minute."""

from collections import Counter

import structlog
from starlette.types import Scope

from receiver.api.access.addresses import Networks, find_sender, name_bucket, redact_bucket
from receiver.api.access.rates import NAMES_LIMIT, Rates, Timer
from receiver.errors import AttemptsExceeded

MINUTE_SECONDS = 60


class Attempts:
    """Knows of failures alone: whoever brings a valid token never meets it.

    Args:
        limit: failures of one address that pass at once, and then in each minute.
        trusted_proxies: those that say where a request comes from.
        clock: seconds that never go back.
        addresses_limit: how many are remembered; the one seen least recently goes first.
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
        self._untold: Counter[str] = Counter()
        self._untold_failures = self._untold_refusals = 0
        self._log = structlog.get_logger(__name__)

    def note_failure(self, scope: Scope) -> None:
        """Counts an authentication that failed, for definite.

        Raises:
            AttemptsExceeded: there were too many from that address.
        """
        address = name_bucket(find_sender(scope, self._trusted_proxies))
        self._untold_failures += 1
        if address in self._untold or len(self._untold) < self._addresses_limit:
            self._untold[address] += 1
        wait = self._rates.wait_seconds(address, self._clock())
        if wait:
            self._untold_refusals += 1
            raise AttemptsExceeded("Too many failed authentications from this address", wait)

    def tell(self) -> None:
        """One line about all failures since the last one; none if there were none."""
        if not self._untold:
            return
        ((busiest, most),) = self._untold.most_common(1)
        self._log.warning(
            "authentications failed",
            attempts=self._untold_failures,
            refused=self._untold_refusals,
            addresses=len(self._untold),
            most_from=redact_bucket(busiest),
            most=most,
        )
        self._untold.clear()
        self._untold_failures = self._untold_refusals = 0
