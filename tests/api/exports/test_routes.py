"""One answer with all events: the same as the API and psql say, and nothing lost at its end."""

import asyncio
import io
import json
from typing import Any
from uuid import UUID

import duckdb
import httpx
import psycopg
import pytest
from pyarrow import parquet
from structlog.testing import capture_logs

from receiver.api.exports import encoders
from receiver.api.exports.encoders import MEDIA_TYPES
from receiver.store.events.ingest import INSERT
from receiver.store.events.paging import exporting
from receiver.store.events.storing.rows import rows_of
from receiver.store.exports.formats import Format
from tests.support.arrivals import arrival
from tests.support.asking import PHONE, notification
from tests.support.callers import Callers
from tests.support.exported import read_csv, read_samples, read_view, store_hostile, unguard
from tests.support.store.database import column
from tests.support.store.history import store


@pytest.fixture(scope="module")
async def filled(shared_callers: Callers, callers_conninfo: str) -> Callers:
    """Callers of a database with every sample, and with texts that break formats."""
    for body, media_type in read_samples():
        await shared_callers.sink.post(
            "/notifications", content=body, headers={"content-type": media_type}
        )
    await store_hostile(callers_conninfo)
    return shared_callers


async def export(callers: Callers, **question: Any) -> httpx.Response:
    answer = await callers.reader.get("/events/export", params=question)
    assert answer.status_code == 200, answer.text
    return answer


def lines(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.text == "" or answer.text.endswith("\n")
    return [json.loads(line) for line in answer.text.split("\n")[:-1]]


def names(answer: httpx.Response) -> list[str]:
    return [line["eventId"] for line in lines(answer)]


async def test_each_line_is_the_event_as_the_api_has_it(
    filled: Callers, callers_conninfo: str
) -> None:
    exported = lines(await export(filled))
    payloads = {row["event_id"]: row["payload"] for row in read_view(callers_conninfo)}
    assert [event.pop("payload") for event in exported] == [
        payloads[event["id"]] for event in exported
    ]
    answer = await filled.reader.get("/events?order=asc&limit=1000")
    listed = answer.json()["items"]
    assert len(listed) == len(payloads) > 100
    assert [list(event.items()) for event in exported] == [list(event.items()) for event in listed]


async def test_lines_and_pages_are_the_same_bytes(filled: Callers) -> None:
    exported = (await export(filled)).content.split(b"\n")[:-1]
    items = [line.split(b',"payload":', 1)[0] + b"}" for line in exported]
    answer = await filled.reader.get("/events?order=asc&limit=1000")
    assert answer.content == b'{"items":[' + b",".join(items) + b"]}"


# JSON that Postgres keeps to the letter, and that careless code reads, or writes anew.
PAYLOADS = [
    '{"a":1,"a":2}',
    '{"n":[-0,1.0,1E400,123456789012345678901234567890,1e-7]}',
    '{"s":"\\u0000 \\ud800 \\u00e9 é \\/ / \\n \u2028 \U0001f4f1 \u007f"}',
    '{"payload":null,\n\t"x" : {} }\r\n',
    " [ ]",
    '"text"',
    "[" * 900 + "]" * 900,
]


async def test_a_payload_leaves_as_it_came_however_strange(callers: Callers, conninfo: str) -> None:
    await store(
        conninfo, [arrival(number, payload=payload) for number, payload in enumerate(PAYLOADS)]
    )
    expected = [payload.replace("\r", " ").replace("\n", " ") for payload in PAYLOADS]
    ndjson = (await export(callers)).text.split("\n")[:-1]
    assert sorted(line[:-1].split(',"payload":', 1)[1] for line in ndjson) == sorted(expected)
    rows = read_csv((await export(callers, format="csv")).content)
    assert {row["payload"] for row in rows} == {payload.lstrip() for payload in expected}


async def test_a_payload_is_to_the_letter_but_for_its_line_breaks(
    filled: Callers, callers_conninfo: str
) -> None:
    sent = {
        payload.replace("\r", " ").replace("\n", " ")
        for payload in column(callers_conninfo, "SELECT payload::text FROM event")
    }
    assert any("2.5 " in payload for payload in sent)
    exported = (await export(filled)).text.split("\n")[:-1]
    found = {line[:-1].split(',"payload":', 1)[1] for line in exported}
    assert found == sent
    table = parquet.read_table(io.BytesIO((await export(filled, format="parquet")).content))
    assert set(table["payload"].to_pylist()) == sent


async def test_csv_has_the_columns_and_values_of_psql(
    filled: Callers, callers_conninfo: str
) -> None:
    answer = await export(filled, format="csv")
    exported = read_csv(answer.content)
    rows = read_view(callers_conninfo)
    assert answer.text.split("\n")[0] == ",".join(rows[0])
    by_id = {unguard(row["event_id"]): row for row in exported}
    assert len(by_id) == len(exported) == len(rows)
    for row in rows:
        found = by_id[row["event_id"]]
        for name, value in row.items():
            assert _read_cell(name, found[name], value) == value, name


def _read_cell(name: str, cell: str, like: Any) -> Any:
    """Returns the value in a cell, of the type that psql has."""
    match like:
        case None:
            return None if cell == "" else cell
        case bool():
            return cell == "true"
        case UUID() | int():
            return type(like)(cell)
        case list() | dict():
            return json.loads(cell)
        case str():
            return cell if name == "phone_number" else unguard(cell)
        case _:
            return type(like).fromisoformat(cell)


async def test_no_cell_of_csv_is_a_formula_for_a_spreadsheet(filled: Callers) -> None:
    answer = await export(filled, format="csv")
    cells = [cell for row in read_csv(answer.content) for cell in row.values()]
    suspects = [cell for cell in cells if cell.startswith(tuple("=+-@\t\r\n＝"))]  # noqa: RUF001
    assert suspects
    assert [cell for cell in suspects if not (cell[0] in "+-" and cell[1:].isdecimal())] == []
    assert {"'=1+1", "''=1", "''", " =1", "'＝1"} <= set(cells)  # noqa: RUF001


async def test_parquet_has_the_columns_and_values_of_psql(
    filled: Callers, callers_conninfo: str
) -> None:
    answer = await export(filled, format="parquet")
    rows = read_view(callers_conninfo)
    expected = sorted(
        ({**row, "device_id": str(row["device_id"])} for row in rows), key=lambda r: r["event_id"]
    )
    table = parquet.read_table(io.BytesIO(answer.content))
    assert table.column_names == list(rows[0])
    for found in (table.to_pylist(), _read_by_duckdb(table)):
        read = [{**row, "payload": json.loads(row["payload"])} for row in found]
        assert sorted(read, key=lambda row: row["event_id"]) == expected


def _read_by_duckdb(table: Any) -> list[dict[str, Any]]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.register("exported", table)
        read = connection.execute("SELECT * FROM exported")
        columns = [column[0] for column in read.description]
        return [dict(zip(columns, row, strict=True)) for row in read.fetchall()]


@pytest.mark.parametrize("format_", Format)
async def test_accept_chooses_the_format_where_the_question_does_not(
    filled: Callers, format_: Format
) -> None:
    accept = {"accept": f"text/html, {MEDIA_TYPES[format_]};q=0.9"}
    answer = await filled.reader.get("/events/export?kind=network-type", headers=accept)
    assert answer.headers["content-type"].startswith(MEDIA_TYPES[format_])
    assert answer.headers["content-disposition"] == f'attachment; filename="events.{format_}"'
    asked = await filled.reader.get("/events/export?format=ndjson", headers=accept)
    assert asked.headers["content-type"] == MEDIA_TYPES[Format.NDJSON]
    unknown = await filled.reader.get("/events/export?kind=roaming")
    assert unknown.headers["content-type"] == MEDIA_TYPES[Format.NDJSON]


FILTERS = [
    {"kind": ["roaming", "network-type"]},
    {"name": "subscription-ends"},
    {"finding": "time-without-zone"},
    {"subscriptionId": ["s-1", "'=1"]},
    {"source": "=1+1"},
    {"receivedFrom": "2026-03-01T00:00:00Z", "receivedTo": "2026-03-02T00:00:00Z"},
    {"occurredTo": "2026-03-01T00:00:00Z"},
    {"credential": "nobody"},
]


@pytest.mark.parametrize("question", FILTERS)
async def test_the_filters_are_those_of_the_list(filled: Callers, question: dict[str, Any]) -> None:
    listed = await filled.reader.get(
        "/events", params={**question, "order": "asc", "limit": "1000"}
    )
    expected = [event["id"] for event in listed.json()["items"]]
    assert [event["id"] for event in lines(await export(filled, **question))] == expected


async def test_an_export_that_was_cut_off_goes_on_behind_its_last_line(
    filled: Callers, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = [event["id"] for event in lines(await export(filled))]
    monkeypatch.setattr(exporting, "PAGE_LINES", 40)
    assert [event["id"] for event in lines(await export(filled))] == whole
    for place in (39, 40, len(whole) - 1):
        rest = await export(filled, afterId=whole[place])
        assert [event["id"] for event in lines(rest)] == whole[place + 1 :]
    empty = read_csv((await export(filled, afterId=whole[-1], format="csv")).content)
    assert empty == []


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("afterId=x", "afterId: must be the id of an event"),
        ("order=desc", "order: unknown"),
        ("limit=5", "limit: unknown"),
        ("format=xml", "format: must be 'ndjson', 'csv' or 'parquet'"),
    ],
)
async def test_what_is_no_question_for_an_export_is_refused(
    filled: Callers, query: str, message: str
) -> None:
    answer = await filled.reader.get(f"/events/export?{query}")
    assert (answer.status_code, answer.json()["message"]) == (400, message)


async def test_without_pyarrow_parquet_is_refused_and_the_rest_is_not(
    filled: Callers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoders, "PARQUET", "receiver.no_such_module:ParquetEncoder")
    answer = await filled.reader.get("/events/export?format=parquet")
    assert answer.status_code == 400
    assert "install the extra `parquet`" in answer.json()["message"]
    await export(filled, format="csv")


async def test_head_answers_without_reading_any_event(filled: Callers) -> None:
    with capture_logs() as logged:
        answer = await filled.reader.head("/events/export")
    assert (answer.status_code, answer.content) == (200, b"")
    assert "stored-before" in answer.headers
    [line] = [line for line in logged if line["event"] == "audit"]
    assert line["items"] == 0


async def test_what_a_slow_commit_adds_is_in_the_next_export_and_nothing_comes_twice(
    callers: Callers, conninfo: str
) -> None:
    await callers.post(notification(1, PHONE, id="n-1"))
    with psycopg.connect(conninfo) as slow:
        slow.execute(INSERT, {"rows": rows_of([arrival(2)])})
        await callers.post(notification(3, PHONE, id="n-3"))
        first = await export(callers)
        assert names(first) == ["n-1"]
        slow.commit()
    last = lines(first)[-1]["id"]
    second = await export(callers, afterId=last)
    assert names(second) == ["event-2", "n-3"]
    assert first.headers["stored-before"] < second.headers["stored-before"]


async def test_the_audit_line_comes_with_the_end_and_says_how_many(callers: Callers) -> None:
    for number in range(3):
        await callers.post(notification(number, PHONE, id=f"n-{number}"))
    with capture_logs() as logged:
        await export(callers)
    [line] = [line for line in logged if line["event"] == "audit"]
    assert (line["action"], line["call"], line["items"], line["outcome"]) == (
        "exports.read",
        "GET /events/export",
        3,
        "ok",
    )


async def test_a_caller_that_hangs_up_ends_the_export_and_gives_its_turn_back(
    callers: Callers, conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "PAGE_LINES", 1)
    for number in range(3):
        await callers.post(notification(number, PHONE, id=f"n-{number}"))
    going, gone = asyncio.Event(), asyncio.Event()
    read = exporting.ExportedEvents._read

    async def read_slowly(self: Any, after: Any) -> Any:
        if after is not None:
            going.set()
            await gone.wait()
        return await read(self, after)

    monkeypatch.setattr(exporting.ExportedEvents, "_read", read_slowly)
    with capture_logs() as logged:
        async with callers.reader.stream("GET", "/events/export"):
            await going.wait()
        gone.set()
        while not (ends := [line for line in logged if line["event"] == "audit"]):
            await asyncio.sleep(0.01)
    [line] = ends
    assert line["outcome"] == "hung-up"
    assert line["items"] < 3
