"""How much an erasure removes."""

from typing import NamedTuple


class Removed(NamedTuple):
    """Rows that were removed, or would be.

    tests/store/erasure/test_recording.py guards the names, which are those of the table.

    Attributes:
        devices: the device and what stood for it.
        events: also those of months that are being dropped.
        identities: one for each event that is known.
        answers: derived rows.
        seeds: events of dropped months that decided answers.
        counts: of subscriptions in dropped months.
        quarantined: refused notifications that named it.
        spooled: notifications that were not stored yet.
    """

    devices: int = 0
    events: int = 0
    identities: int = 0
    answers: int = 0
    seeds: int = 0
    counts: int = 0
    registrations: int = 0
    quarantined: int = 0
    spooled: int = 0

    def add(self, **more: int) -> "Removed":
        """Returns the sum."""
        return self._replace(**{name: getattr(self, name) + n for name, n in more.items()})
