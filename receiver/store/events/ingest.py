"""The hot insert: one statement, which is one transaction, makes a batch of arrivals durable."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address
from socket import AF_INET, AF_INET6, inet_ntop

import orjson
import psycopg
from psycopg.errors import Diagnostic

from receiver.errors import (
    CommitUnknown,
    ContentRejected,
)
from receiver.events.event import Arrival, Device, Status
from receiver.store.connections.database import connect_async
from receiver.store.connections.durability import DURABLE
from receiver.store.connections.names import Hosts
from receiver.store.connections.pooled.local_settings import LocalConnection, execute_alone
from receiver.store.connections.silence import Silence
from receiver.store.events.columns import EVENT_COLUMNS, sent_at
from receiver.store.events.failures import failed_commit, failed_connection

_STORED = [column for column in EVENT_COLUMNS if column.value is not None]
_STORED_COLUMNS = ", ".join(column.name for column in _STORED)
_STORED_VALUES = ", ".join(str(column.value) for column in _STORED)
# Few events have these; tests/store/events/test_columns.py guards where they stand.
_ADDRESSES = Device._fields[1:]
_REASONS = Status._fields[5:8]
_DESCRIPTIONS = Status._fields[8:]
_NO_ADDRESSES = (None,) * len(_ADDRESSES)
_NO_REASONS = (None,) * len(_REASONS + _DESCRIPTIONS)

_ROW_MEMBERS = ", ".join(
    [
        "arrival_id uuid",
        "deliveries integer",
        "described json",
        *(f"{column.name} {column.row_type}" for column in EVENT_COLUMNS if column.row_type),
    ]
)

# One statement in autocommit mode is one transaction without a round trip inside it. Identities
# come first and in one order everywhere, or two writers would deadlock; a known identity is
# *written* (never DO NOTHING), so that under synchronous replication its answer waits as well.
# xmax is 0 exactly for a row this statement inserted. The constraint is named, because its columns
# are others until 0022 is applied; until then a known identity may lack its time. The rows travel
# as one JSON text, because the driver takes ten times as long to write as many arrays.
INSERT = f"""
WITH arrival AS (
    SELECT * FROM json_to_recordset(%(rows)s::json) AS row_of ({_ROW_MEMBERS}) WHERE {DURABLE}
), identity AS (
    INSERT INTO event_identity (sent_at, device_id, digest, deliveries, last_arrival)
    SELECT {sent_at("arrival")}, device_id, digest, deliveries, arrival_id FROM arrival
    ON CONFLICT ON CONSTRAINT event_identity_once DO UPDATE SET
        sent_at = excluded.sent_at,
        deliveries = event_identity.deliveries + CASE
            WHEN event_identity.last_arrival = excluded.last_arrival THEN 0
            ELSE excluded.deliveries
        END,
        last_arrival = excluded.last_arrival
    RETURNING device_id, digest, xmax = 0 AS inserted
)
INSERT INTO event ({_STORED_COLUMNS})
SELECT {_STORED_VALUES}
FROM arrival JOIN identity USING (device_id, digest)
WHERE inserted
"""  # noqa: S608 - composed of constants

# The same insert as a function, whose plan a session of the server keeps, whoever its client is:
# behind a pooler, to parse and plan it took as long as to store fifty events. `BODY` is the text of
# the function, and a migration has a copy. When it changes, so does the number, and the function
# before stays for replicas of the release before. The limit of a statement is fixed when that
# begins, so that the function sets the one of each lock.
FUNCTION = "store_arrivals_1"
BODY = f"""
BEGIN
    PERFORM set_config('lock_timeout', lock_timeout_milliseconds, true);
    {INSERT.replace("%(rows)s::json", "arrivals").strip()};
END
"""
CALL = f"SELECT {FUNCTION}(%(rows)s, %(limit)s)"


class Ingest:
    """Commits batches of arrivals, each over a connection that no other commit uses.

    A connection on which anything went wrong is closed, never used again.

    Args:
        conninfo: in any form that libpq reads.
        statement_timeout_seconds: limit after which the server cancels a statement, but never the
            commit itself; it belongs above the writer's deadline. Behind a pooler it is the limit
            of the wait for a lock. A server that is silent for longer is let go of.
        prepare_threshold: executions before the statement is prepared; None: never.
        hosts: learn where commits hang and where they are confirmed.
    """

    def __init__(
        self,
        conninfo: str,
        *,
        statement_timeout_seconds: float,
        prepare_threshold: int | None,
        hosts: Hosts | None = None,
    ) -> None:
        self._conninfo = conninfo
        self._statement_timeout_seconds = statement_timeout_seconds
        self._prepare_threshold = prepare_threshold
        self._silence = Silence(statement_timeout_seconds)
        self._hosts = hosts or Hosts()
        self._idle: LocalConnection | None = None
        self._committing: set[LocalConnection] = set()

    async def commit(self, batch: Sequence[Arrival]) -> None:
        """Makes every arrival of the batch durable, once each, however often it is tried.

        Raises:
            ContentRejected: Postgres cannot hold something in the batch; nothing was stored.
            CommitRefused: nothing was stored, for a reason that may pass: the database is away,
                read-only, full, or something is locked.
            CommitUnknown: the batch may be stored or not; another try is safe.
            Unavailable: nothing was stored, for a reason that nobody foresaw.
        """
        rows = rows_of(batch)
        warnings: list[str] = []

        def hear(diagnostic: Diagnostic) -> None:
            if diagnostic.sqlstate == "01000":
                warnings.append(diagnostic.sqlstate)

        connection = await self._take()
        connection.add_notice_handler(hear)
        self._committing.add(connection)
        try:
            if connection.is_pooled:
                limit = str(round(self._statement_timeout_seconds * 1000))
                await execute_alone(connection, CALL, {"rows": rows, "limit": limit})
            else:
                await connection.execute(INSERT, {"rows": rows})
            self._silence.end()
        except psycopg.Error as error:
            await connection.close()
            raise failed_commit(error) from error
        except ValueError as error:
            # The driver could not write the rows, so nothing was sent.
            await connection.close()
            raise ContentRejected("a text that cannot be sent") from error
        except BaseException:
            await connection.close()
            raise
        finally:
            self._committing.discard(connection)
        connection.remove_notice_handler(hear)
        if warnings:
            # "The transaction has already committed locally": the standby did not confirm it.
            await connection.close()
            raise CommitUnknown("the synchronous standby did not confirm the commit")
        self._hosts.note_confirmed(connection.way)
        await self._give_back(connection)

    async def close(self) -> None:
        """Closes the idle connection."""
        if self._idle is not None:
            await self._idle.close()
            self._idle = None

    async def _take(self) -> LocalConnection:
        connection, self._idle = self._idle, None
        if connection is not None and not connection.closed:
            return connection
        # The writer begins a commit beside another one only where that takes too long, and the
        # drain has one beside the writer's.
        for committing in self._committing:
            self._hosts.note_hung(committing.way)
        try:
            return await connect_async(
                self._conninfo,
                statement_timeout_seconds=self._statement_timeout_seconds,
                prepare_threshold=self._prepare_threshold,
                silence=self._silence,
                hosts=self._hosts,
            )
        except (psycopg.Error, OSError) as error:
            raise failed_connection(error) from error

    async def _give_back(self, connection: LocalConnection) -> None:
        if self._idle is None:
            self._idle = connection
        else:
            await connection.close()


def rows_of(batch: Sequence[Arrival]) -> str:
    """Returns the parameter of INSERT: a JSON array sorted by identity, equal identities folded.

    Raises:
        ContentRejected: a text or a number of the batch cannot be written.
    """
    first: dict[tuple[str, bytes], Arrival] = {}
    # Sets, because members of one quarantined batch are one arrival.
    repeated: dict[tuple[str, bytes], set[str]] = {}
    for arrival in batch:
        identity = (arrival.device_id, arrival.event.digest)
        known = first.setdefault(identity, arrival)
        if known is not arrival:
            repeated.setdefault(identity, {known.arrival_id}).add(arrival.arrival_id)
    deliveries = {identity: len(ids) for identity, ids in repeated.items()}
    try:
        rows = [_row(first[identity], deliveries.get(identity, 1)) for identity in sorted(first)]
        return orjson.dumps(rows, default=_address_text).decode()
    except (orjson.JSONEncodeError, ValueError):
        raise ContentRejected("a text Postgres cannot hold") from None


def _row(arrival: Arrival, deliveries: int) -> dict[str, object]:
    """Returns an arrival's row: `deliveries`, `arrival_id` and every column that it brings.

    What few events have is left out where this one has none of it: a member that a row lacks is
    null, and each that is written costs both sides.

    The members are written out because a loop over the columns takes 1.6 µs for what these lines
    do in 1.1 µs; tests/store/events/test_columns.py compares their names with the columns.
    """
    event, device, status = arrival.event, arrival.event.device, arrival.event.status
    row: dict[str, object] = {
        "device_id": arrival.device_id,
        "digest": "\\x" + event.digest.hex(),
        "arrival_id": arrival.arrival_id,
        "deliveries": deliveries,
        "kind": event.kind,
        "name": event.name,
        "type": event.type,
        "form": event.form,
        "source": event.source,
        "event_id": event.event_id,
        "subscription_id": event.subscription_id,
        "credential": arrival.credential,
        "occurred_at": event.occurred_at,
        "received_at": arrival.received_at,
        "phone_number": device.phone_number,
        "connectivity": status.connectivity,
        "roaming": status.roaming,
        "country_code": status.country_code,
        "country_name": status.country_name,
        "connected_network_type": status.connected_network_type,
        "findings": event.findings,
        "payload": event.payload,
    }
    if device[1:] != _NO_ADDRESSES:
        row.update(zip(_ADDRESSES, device[1:], strict=True))
    if status[5:] != _NO_REASONS:
        row.update(zip(_REASONS, status[5:8], strict=True))
        row["described"] = dict(zip(_DESCRIPTIONS, status[8:], strict=True))
    return row


def _address_text(address: object) -> str:
    """Returns the text that `str` would give, in a fifth of the time."""
    if isinstance(address, IPv4Address):
        return inet_ntop(AF_INET, address.packed)
    if isinstance(address, IPv6Address):
        return inet_ntop(AF_INET6, address.packed)
    raise TypeError
