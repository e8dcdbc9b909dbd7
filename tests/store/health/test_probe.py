"""Removing a probe takes its own rows and nobody else's, or says that it may not."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.errors import Unavailable
from receiver.store.credentials.credentials import Role, create_credential, list_credentials
from receiver.store.events.ingest import Ingest
from receiver.store.health.probe import remove_probe
from receiver.store.projector.projecting import Projection
from receiver.store.quarantine.bounds import QuarantineBounds
from receiver.store.quarantine.quarantine import Quarantine
from receiver.store.quarantine.rows import Refusal
from tests.support.arrivals import arrival

PROBE = "doctor.invalid-one-sink"
LEFT = """
SELECT event.credential FROM event JOIN event_identity USING (device_id, digest)
UNION ALL SELECT credential FROM quarantine
"""
DERIVED = """
SELECT EXISTS (SELECT FROM device_status) AND EXISTS (SELECT FROM subscription)
    AND EXISTS (SELECT FROM device_identifier)
"""


def rows(conninfo: str, query: str) -> list[Any]:
    with psycopg.connect(conninfo) as connection:
        return [row[0] for row in connection.execute(query)]


async def test_another_senders_event_of_the_same_device_stays(
    ingest: Ingest, engine: AsyncEngine, conninfo: str
) -> None:
    probe = arrival(1)._replace(credential=PROBE)
    await ingest.commit([probe, arrival(2)])
    for name, digest in ((PROBE, b"1"), ("operator", b"2")):
        create_credential(conninfo, name, Role.SINK, digest, None)
    for credential in (PROBE, "operator"):
        bounds = QuarantineBounds(engine, limit_bytes=10**9, share=1.0, age_limit_days=90)
        await Quarantine(engine, bounds, questions_engine=engine).keep(
            [Refusal("not JSON", b"{")],
            credential=credential,
            received_at=datetime.now(UTC),
            headers={},
        )
    for _ in range(2):
        remove_probe(conninfo, UUID(probe.device_id), PROBE, credentials=(PROBE,))
        assert rows(conninfo, LEFT) == ["operator", "operator"]
        assert rows(conninfo, "SELECT count(*) FROM event_identity") == [1]
        assert [one.name for one in list_credentials(conninfo)] == ["operator"]


async def test_what_was_derived_from_the_probe_goes_with_it(ingest: Ingest, conninfo: str) -> None:
    probe = arrival(1)._replace(credential=PROBE)
    await ingest.commit([probe])
    projection = Projection(conninfo, statement_timeout_seconds=10, prepare_threshold=None)
    await projection.derive_all()
    await projection.close()
    assert rows(conninfo, DERIVED) == [True]
    remove_probe(conninfo, UUID(probe.device_id), PROBE, credentials=(PROBE,))
    assert rows(conninfo, DERIVED) == [False]


async def test_a_login_that_may_not_delete_is_told_before_anything_is_stored(
    conninfo: str,
) -> None:
    lowly = make_conninfo(conninfo, options="-c role=pg_read_all_data")
    with pytest.raises(Unavailable, match="42501"):
        remove_probe(lowly, UUID(arrival().device_id), PROBE, credentials=(PROBE,))
