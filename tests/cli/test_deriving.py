"""A command derives what no service has derived."""

import asyncio

import pytest

from receiver.cli.deriving import derive_all
from receiver.settings.settings import Settings
from tests.support.arrivals import arrival
from tests.support.store.database import column
from tests.support.store.history import store

DEVICES = "SELECT count(DISTINCT device_id) FROM device_status"


@pytest.mark.parametrize("feed", ["snapshot", "overlap"])
def test_what_is_stored_is_derived(
    monkeypatch: pytest.MonkeyPatch, conninfo: str, feed: str
) -> None:
    monkeypatch.setenv("RECEIVER_FEED", feed)
    asyncio.run(store(conninfo, [arrival(number) for number in range(3)]))
    assert column(conninfo, DEVICES) == ["0"]
    asyncio.run(derive_all(Settings.from_environment(), conninfo))
    assert column(conninfo, DEVICES) == column(
        conninfo, "SELECT count(DISTINCT device_id) FROM event"
    )
