"""What the benchmark sends is what its page says of it."""

import shutil
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmark.contenders import ours
from benchmark.contenders.contender import Instance
from benchmark.load import wrk
from benchmark.load.contents import Content
from benchmark.load.notifications import Series, new_series
from benchmark.machine.postgres import connect
from benchmark.measuring import accounting
from receiver.events import registry
from receiver.events.event import Event, Form, Kind
from receiver.events.forms.structured import read_structured

WRK = shutil.which("wrk")
DELIVERIES = """
SELECT sum(deliveries) FROM reporting.event WHERE starts_with(sender_event_id, %s)
"""
FORMS = "SELECT form, count(*) FROM event WHERE starts_with(event_id, %s) GROUP BY form"


@pytest.mark.parametrize(
    ("content", "findings"),
    [
        (Content.GOOD, [0]),
        (Content.FAULTY, [2]),
        (Content.LEGACY, [0, 4]),
        (Content.MIXED, [0, 0, 0, 0, 0, 2, 0, 4]),
    ],
)
def test_events_have_the_findings_that_are_said_of_them(
    content: Content, findings: list[int]
) -> None:
    assert [len(event.findings) for event in understood(new_series(content))] == findings


def test_mixed_events_are_of_every_kind_in_both_forms_and_by_several_identifiers() -> None:
    events = understood(new_series(Content.MIXED))
    assert {event.kind for event in events} == set(Kind) - {Kind.UNRECOGNISED}
    assert {event.form for event in events} == set(Form)
    devices = [event.device for event in events]
    assert any(device.phone_number for device in devices)
    assert any(device.network_access_identifier for device in devices)
    assert any(device.ipv4_public_address and device.ipv4_public_port for device in devices)
    assert any(device.ipv6_address for device in devices)


def test_templates_take_turns_by_number() -> None:
    series = new_series(Content.LEGACY)
    assert [b'"France"' in series.body(number) for number in range(4)] == [False, True] * 2


@pytest.mark.skipif(WRK is None, reason="wrk is not installed")
def test_a_share_of_the_notifications_is_sent_again_and_stored_once(
    served: tuple[str, Instance],
) -> None:
    url, series = served[0], new_series(repeat_every=5)
    # In batches a busy machine, too, sends enough in a second that some of it is due again.
    run = drive(served[1], series, members=50, threads=2)
    found = accounting.count(url, ours.STORED, series)
    assert (run.refused, run.failed, found.duplicates) == (0, 0, 0)
    # None repeats until there is what to repeat.
    assert 0 < run.repeated < (run.issued + run.repeated) / 5
    assert found.count_missing(run.acknowledged, run.repeated) == 0
    with connect(url) as connection:
        row = connection.execute(DELIVERIES, [series.tag]).fetchone()
    assert row is not None
    assert run.acknowledged <= row[0] <= run.issued + run.repeated


@pytest.mark.skipif(WRK is None, reason="wrk is not installed")
def test_wrk_sends_each_template_as_often_as_any_other(served: tuple[str, Instance]) -> None:
    url, series = served[0], new_series(Content.MIXED)
    run = drive(served[1], series)
    assert (run.refused, run.failed) == (0, 0)
    with connect(url) as connection:
        forms = Counter(dict(connection.execute(FORMS, [series.tag]).fetchall()))
    # The last requests may be on their way.
    assert abs(forms[Form.LEGACY] * 3 - forms[Form.CLOUDEVENTS]) <= 8 + 4


def drive(running: Instance, series: Series, *, members: int = 1, threads: int = 1) -> wrk.WrkRun:
    """Sends a series for a second."""
    return wrk.drive(
        Path(str(WRK)),
        running.address,
        running.token,
        series,
        seconds=1,
        connections=4,
        members=members,
        threads=threads,
    )


def understood(series: Series) -> list[Event]:
    """Returns the meaning of the first notification of each template."""
    now = datetime.now(UTC)
    return [
        registry.understand(read_structured(series.body(number)), received_at=now)
        for number in range(len(series.templates))
    ]
