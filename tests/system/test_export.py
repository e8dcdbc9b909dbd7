"""All events leave by one answer of a running service: each once, equal to psql, in flat memory."""

import base64
import json
import struct
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import psutil
import pytest
from pyarrow import parquet

from receiver.client.calls.events import Format
from tests.support.lengths import lengths
from tests.support.service import IMPATIENT, Installation, Service

# Events that one statement of FILL stores.
STEP = 20_000
# Of the short form: several pieces of an answer, and several pages of the service.
FEW = 5_000
# Beside what the process has at the beginning: pages and pieces, and of Parquet what a row group
# takes, which the allocator of Arrow keeps.
GROWTH_BYTES = {"ndjson": 64 * 1024 * 1024, "parquet": 192 * 1024 * 1024}

FILL = """
INSERT INTO event (
    device_id, stored_at, xact, digest, kind, name, type, form, source, event_id, subscription_id,
    credential, occurred_at, received_at, phone_number, roaming, country_code, country_name,
    findings, payload
)
SELECT md5((number % 50000)::text)::uuid, clock_timestamp(), pg_current_xact_id(),
    decode(md5('digest' || number), 'hex'), 'roaming', 'roaming-change-country',
    'org.camaraproject.device-roaming-status-subscriptions.v0.roaming-change-country',
    'cloudevents', 'https://operator.example/subscriptions', 'event-' || number,
    's-' || number % 50000, 'operator', now() - number * interval '1 second', now(),
    '+99999' || number % 50000, true, 208, '{{FR}}', '{{}}',
    json_build_object('id', 'event-' || number, 'data', repeat('x', number % 600))
FROM generate_series({start}::integer, {last}) AS number
"""

# The same over the table and over the file: it changes with any row, and with each repetition.
SAID = "concat_ws('|', device_id, {id}, phone_number, country_code, {at}, {payload})"
PSQL_NUMBER = "('x' || substr(md5({said}), 1, 8))::bit(32)::bigint"
DUCKDB_NUMBER = "('0x' || substr(md5({said}), 1, 8))::BIGINT"
COUNT = "SELECT count(*) || ' ' || sum({number}) FROM {rows}"


@pytest.mark.parametrize("count", lengths(FEW, 5_000_000))
def test_every_event_leaves_once_in_flat_memory_and_as_psql_has_it(
    installation: Installation, tmp_path: Path, count: int
) -> None:
    with installation.serve() as service:
        for start in range(0, count, STEP):
            end = min(start + STEP, count)
            installation.ask(FILL.format(start=start, last=end - 1))
        at = "(extract(epoch FROM stored_at) * 1000000)::bigint"
        said = SAID.format(id="event_id", at=at, payload="payload::text")
        expected = installation.ask(
            COUNT.format(number=PSQL_NUMBER.format(said=said), rows="event")
        )
        found, last = 0, (0, 0)
        for place in _read_places(service, installation):
            assert place > last
            found, last = found + 1, place
        assert found == int(expected[0].split()[0]) > count
        file = tmp_path / "events.parquet"
        with file.open("wb") as body:
            for piece in _export(service, installation, "parquet"):
                body.write(piece)
    said = SAID.format(id="sender_event_id", at="epoch_us(stored_at)", payload="payload")
    question = COUNT.format(number=DUCKDB_NUMBER.format(said=said), rows=f"'{file}'")
    assert parquet.read_metadata(file).num_rows == found
    with duckdb.connect() as connection:
        assert [row[0] for row in connection.execute(question).fetchall()] == expected


def test_a_stop_that_cuts_an_export_off_is_what_its_audit_line_says(
    installation: Installation,
) -> None:
    with installation.serve(**IMPATIENT, RECEIVER_SHUTDOWN_TIMEOUT_SECONDS="2") as service:
        # More than the buffers between the two hold.
        installation.ask(FILL.format(start=0, last=STEP - 1))
        reader = service.ask_as(installation.token("reader"))
        with closing(reader.export_events()) as pieces:
            next(pieces)
            service.process.terminate()
            service.wait()
        lines = [json.loads(line) for line in service.stderr.splitlines() if '"audit"' in line]
    [outcome] = [line["outcome"] for line in lines if line["action"] == "exports.read"]
    assert outcome == "stopping"


def _export(service: Service, installation: Installation, format_: Format) -> Iterator[bytes]:
    """Yields the answer in pieces, while the memory of the service stays flat."""
    process = psutil.Process(service.process.pid)
    reader = service.ask_as(installation.token("reader"))
    first_bytes = None
    for piece in reader.export_events(format=format_):
        first_bytes = first_bytes or process.memory_info().rss
        assert process.memory_info().rss < first_bytes + GROWTH_BYTES[format_]
        yield piece


def _read_places(service: Service, installation: Installation) -> Iterator[tuple[int, int]]:
    """Yields the place of each event in the order of arrival, which its id holds."""
    rest = b""
    for piece in _export(service, installation, "ndjson"):
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            assert line.startswith(b'{"id":"')
            _, stored_at, seq = struct.unpack(">16sqq", base64.urlsafe_b64decode(line[7:50] + b"="))
            yield stored_at, seq
    assert rest == b""
