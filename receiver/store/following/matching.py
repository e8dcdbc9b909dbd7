"""The filters of a selection in Python: the events that a listener gets are read for all of them.

tests/store/following/test_matching.py holds them equal to those of the pages.
"""

from collections.abc import Callable
from datetime import datetime

from receiver.store.events.selection import Selection
from receiver.store.events.stored_event import StoredEvent

Matches = Callable[[StoredEvent], bool]


def matcher(selection: Selection) -> Matches:
    """Returns what tells whether an event passes a selection from all events."""
    checks = [
        _is_any_of(name, frozenset(wanted))
        for name, wanted in (
            ("type", selection.types),
            ("kind", selection.kinds),
            ("name", selection.names),
            ("source", selection.sources),
            ("credential", selection.credentials),
            ("subscription_id", selection.subscription_ids),
        )
        if wanted
    ]
    if selection.findings:
        findings = frozenset(selection.findings)
        checks.append(lambda event: not findings.isdisjoint(event.findings))
    for name, start, end in (
        ("occurred_at", selection.occurred_from, selection.occurred_to),
        ("received_at", selection.received_from, selection.received_to),
    ):
        if start is not None or end is not None:
            checks.append(_is_between(name, start, end))
    return lambda event: all(check(event) for check in checks)


def _is_any_of(name: str, wanted: frozenset[str]) -> Matches:
    return lambda event: getattr(event, name) in wanted


def _is_between(name: str, start: datetime | None, end: datetime | None) -> Matches:
    def is_between(event: StoredEvent) -> bool:
        time = getattr(event, name)
        return (start is None or time >= start) and (end is None or time < end)

    return is_between
