"""What is kept of a refused request, and by whom."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from receiver.store.quarantine.quarantine import Refusal

SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie"})


class KeepRefused(Protocol):
    """Keeps refused bodies durably; see `receiver.store.quarantine.Quarantine.keep`."""

    async def __call__(
        self,
        refusals: Sequence[Refusal],
        *,
        credential: str,
        received_at: datetime,
        headers: Mapping[str, str],
    ) -> None: ...


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers without those that carry a secret."""
    return {name: value for name, value in headers.items() if name not in SECRET_HEADERS}
