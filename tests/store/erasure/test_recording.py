"""An erasure has one row, from its begin on."""

from receiver.store.erasure import recording
from receiver.store.erasure.counts import Removed
from receiver.store.erasure.tables import erasure
from tests.support.erasing import connected
from tests.support.store.database import column

COUNTED = "SELECT events || ' ' || quarantined || ' ' || devices FROM erasure"


def test_a_count_has_the_name_of_its_column() -> None:
    others = {"id", "began_at", "ended_at", "credential"}
    assert [one.name for one in erasure.columns if one.name not in others] == [*Removed._fields]


async def test_the_row_counts_what_is_removed_until_the_end(conninfo: str) -> None:
    async with connected(conninfo) as connection:
        erasure_id = str(await recording.begin(connection, "an-admin", 2))
        await recording.count(connection, erasure_id, Removed(events=3))
        await recording.count(connection, erasure_id, Removed(events=1, quarantined=5))
        assert column(conninfo, COUNTED) == ["4 5 2"]
        assert column(conninfo, "SELECT ended_at FROM erasure") == ["None"]
        await recording.end(connection, erasure_id)
    assert column(conninfo, "SELECT credential FROM erasure WHERE ended_at >= began_at") == [
        "an-admin"
    ]
