"""What each error of a real server means for the batch."""

import psycopg
import pytest

from receiver.errors import CommitRefused, CommitUnknown, ContentRejected, Unavailable
from receiver.store.connections.faults import PARTITION_MISSING
from receiver.store.events.failures import failed_before_commit, failed_commit, failed_connection
from receiver.store.events.ingest import Ingest
from tests.support.arrivals import arrival
from tests.support.store.database import PARTITIONS, column
from tests.support.tables import change

RAISE = """
CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'as the test says' USING ERRCODE = '{sqlstate}'; END $$
"""


@pytest.mark.undistributed("a distributed table has no triggers")
@pytest.mark.parametrize(
    ("sqlstate", "kind", "fault"),
    [
        ("25006", CommitRefused, "read-only"),
        ("23505", CommitRefused, "conflict"),
        ("40001", CommitRefused, "conflict"),
        ("42501", CommitRefused, "right-missing"),
        ("42P01", CommitRefused, "not-migrated"),
        ("53100", CommitRefused, "disk-full"),
        ("53300", CommitRefused, "too-many-connections"),
        ("55P03", CommitRefused, "locked"),
        ("57014", CommitRefused, "cancelled"),
        ("57P03", CommitRefused, "starting"),
        ("08006", CommitUnknown, None),
        ("57P01", CommitUnknown, None),
        ("XX000", CommitUnknown, None),
        ("22023", ContentRejected, None),
        ("54000", ContentRejected, None),
        # Of a check that has a name, or of what nobody foresaw: it may be the batch.
        ("54001", Unavailable, None),
    ],
)
async def test_each_error_of_the_server_says_whether_something_is_stored_and_whether_to_wait(
    ingest: Ingest, conninfo: str, sqlstate: str, kind: type[Exception], fault: str | None
) -> None:
    await change(conninfo, RAISE.format(sqlstate=sqlstate))
    await change(
        conninfo, "CREATE TRIGGER fails BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION fail()"
    )
    with pytest.raises(kind) as failed:
        await ingest.commit([arrival(1)])
    assert getattr(failed.value, "fault", None) == fault
    await change(conninfo, "DROP TRIGGER fails ON event")
    await ingest.commit([arrival(1)])
    assert column(conninfo, "SELECT count(*) FROM event") == ["1"]


async def test_a_check_of_a_table_is_no_missing_partition(ingest: Ingest, conninfo: str) -> None:
    await change(conninfo, "ALTER TABLE event ADD CONSTRAINT never CHECK (false) NOT VALID")
    with pytest.raises(Unavailable):
        await ingest.commit([arrival(1)])


async def test_a_missing_partition_is_told_from_other_faults(ingest: Ingest, conninfo: str) -> None:
    for partition in column(conninfo, PARTITIONS):
        await change(conninfo, f"DROP TABLE {partition}")
    with pytest.raises(CommitRefused) as refused:
        await ingest.commit([arrival(1)])
    assert refused.value.fault == PARTITION_MISSING.word


def test_a_connection_that_is_not_made_stores_nothing_whatever_it_says() -> None:
    for error in (psycopg.OperationalError("gone"), OSError("gone"), TimeoutError()):
        assert failed_connection(error).fault == "unreachable"
    assert failed_connection(psycopg.errors.TooManyConnections()).fault == "too-many-connections"


def test_without_a_word_of_the_server_a_commit_is_unknown_and_a_value_is_rejected() -> None:
    assert isinstance(failed_commit(psycopg.OperationalError("gone")), CommitUnknown)
    assert isinstance(failed_commit(psycopg.DataError("bad")), ContentRejected)


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (psycopg.OperationalError("gone"), "unreachable"),
        (psycopg.errors.ConnectionFailure(), "node-unreachable"),
        (psycopg.errors.AdminShutdown(), "node-unreachable"),
        (psycopg.errors.DeadlockDetected(), "conflict"),
    ],
)
def test_what_is_lost_before_the_commit_is_certainly_not_stored(
    error: psycopg.Error, fault: str
) -> None:
    refused = failed_before_commit(error)
    assert isinstance(refused, CommitRefused)
    assert refused.fault == fault


def test_what_is_wrong_with_content_is_so_before_the_commit_as_well() -> None:
    for error in (psycopg.DataError("bad"), psycopg.errors.StatementTooComplex()):
        assert type(failed_before_commit(error)) is type(failed_commit(error))
