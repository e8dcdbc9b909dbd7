"""The measurement of exports in small: every event leaves in every way."""

from benchmark.exports.beside import send_beside
from benchmark.exports.leaving import leave
from benchmark.fleet.asking import READER_TOKEN
from benchmark.machine.postgres import Server
from tests.support.fleet import SHAPE, FilledFleet


def test_every_event_leaves_by_pages_and_by_exports(filled: FilledFleet, server: Server) -> None:
    found = list(leave(filled.running.address, filled.running.pid, server, READER_TOKEN))
    assert [left.way for left in found] == ["pages of 1000", "export, ndjson", "export, csv"]
    [events] = {left.events for left in found}
    assert events >= SHAPE.events
    assert all(left.rate > 0 and left.server_cpu_seconds >= 0 for left in found)


def test_notifications_are_sent_alone_and_beside_exports(filled: FilledFleet) -> None:
    for is_beside in (False, True):
        one = send_beside(filled.running, READER_TOKEN, rate=20, seconds=1, is_beside=is_beside)
        assert one.refused == 0
        assert 0 < one.p50_ms <= one.p99_ms
        assert (one.exported > 0) is is_beside
