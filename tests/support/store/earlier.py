"""The release before 0018, which knows no sent time of an identity, as far as it stores."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from receiver.store.events import ingest
from receiver.store.events.columns import sent_at

_CHANGED = {
    "event_identity (sent_at, device_id": "event_identity (device_id",
    f"SELECT {sent_at('arrival')}, device_id": "SELECT device_id",
    "sent_at = excluded.sent_at,": "",
}


@contextmanager
def earlier_release() -> Iterator[None]:
    """Lets every insert of the block be that of the earlier release."""
    statement = ingest.INSERT
    for ours, theirs in _CHANGED.items():
        assert ours in statement
        statement = statement.replace(ours, theirs)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ingest, "INSERT", statement)
        yield
