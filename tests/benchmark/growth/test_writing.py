"""The intake on a table that has events: what is sent is of its devices, and what it costs."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import UUID

import pytest

from benchmark.growth import growing, writing
from benchmark.growth.growing import Effort
from benchmark.growth.stock import Stock, list_shapes, require_room
from benchmark.machine.postgres import Server, connect
from benchmark.measuring.bench import Bench
from benchmark.measuring.cases import Programs
from benchmark.measuring.results import Results
from benchmark.page import growth
from benchmark.page.growth_targets import judge
from receiver.errors import ConfigurationError
from tests.support.fleet import FilledFleet
from tests.support.service import open_folder

WRK = shutil.which("wrk")
SENT = """
SELECT DISTINCT device_id FROM event
WHERE event_id ~ '^[0-9a-f]{8}-' AND occurred_at > now() - interval '10 minutes'
"""

pytestmark = pytest.mark.skipif(WRK is None, reason="wrk is not installed")


@pytest.fixture
def bench(postgres: str) -> Iterator[Bench]:
    """A bench that drives each case for a second."""
    with open_folder() as folder, ExitStack() as stack:
        programs = Programs(Path(str(WRK)), None)
        yield Bench(Server(postgres, None), programs, folder, 1.0, lambda _: None, stack)


def test_the_intake_is_driven_with_events_of_devices_that_the_table_has(
    bench: Bench, filled: FilledFleet
) -> None:
    stock = Stock(filled.url, filled.fleet)
    written = writing.write(bench, stock, filled.running, 1, derives=False)
    assert written.rate > 0
    assert written.wal_bytes_each > 100
    assert written.page_images > 0
    with connect(filled.url) as connection:
        devices = {UUID(str(row[0])) for row in connection.execute(SENT)}
    # The first answer of a service is to an event of another device, and long ago.
    assert len(devices) == len(devices & set(filled.fleet.ids)) > 10


@pytest.mark.long
def test_the_whole_part_is_measured_and_shown(bench: Bench) -> None:
    effort = Effort([0, 1000, 3000], rounds=1, count=4, question_seconds=0.01)
    found = growing.take(bench, effort)
    assert [one.title for one in found.fillings] == [
        "empty",
        "1 k of 10 devices",
        "3 k of 30 devices",
        "1 k of 1 k devices",
    ]
    results = Results({}, {}, {}, growth=found)
    for shown in growth.TABLES:
        assert "3 k of 30 devices" in shown(results)
    assert None not in {one.met for one in judge(found)}


def test_a_disk_is_not_filled(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=f"need 1490116 GiB, and {tmp_path.parent} has"):
        require_room(tmp_path, list_shapes([10**12 // 2]))


def test_sizes_go_from_the_smallest_up_and_end_with_the_even_one() -> None:
    shapes = list_shapes([20_000_000, 0, 1_000_000])
    assert [(one.events, one.devices, one.is_even) for one in shapes] == [
        (0, 200_000, False),
        (1_000_000, 10_000, False),
        (20_000_000, 200_000, False),
        (1_000_000, 1_000_000, True),
    ]
