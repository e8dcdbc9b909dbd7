"""New rows of the quarantine: headers once for a request, and sizes in bytes."""

from datetime import UTC, datetime

from receiver.store.quarantine.bounds import ROW_BYTES
from receiver.store.quarantine.rows import REASON_LENGTH, NewRow, Refusal, rows_of

NOW = datetime(2026, 3, 4, tzinfo=UTC)
HEADERS = {"content-type": "application/cloudevents-batch+json; charset=utf-8", "user-agent": "é"}


def rows(*refusals: Refusal) -> list[NewRow]:
    return rows_of(refusals, credential="operator", received_at=NOW, headers=HEADERS)


def test_only_the_first_row_of_a_request_has_its_headers() -> None:
    first, second = rows(Refusal("a", b"1", is_member=True), Refusal("b", b"2", is_member=True))
    assert (first.headers, first.media_type) == (HEADERS, HEADERS["content-type"])
    assert (second.headers, second.media_type) == ({}, "application/cloudevents-batch+json")
    for row, refusal in ((first, ("a", b"1")), (second, ("b", b"2"))):
        assert (row.received_at, row.credential, row.is_member) == (NOW, "operator", True)
        assert (row.reason, row.body) == refusal


def test_a_request_without_a_media_type_has_none() -> None:
    kept = rows_of([Refusal("a", b"1")] * 2, credential="c", received_at=NOW, headers={})
    assert [row.media_type for row in kept] == [None, None]


def test_a_long_reason_is_cut() -> None:
    [row] = rows(Refusal("x" * (REASON_LENGTH + 1), b""))
    assert row.reason == "x" * REASON_LENGTH


def test_the_size_of_a_row_counts_the_bytes_of_all_that_varies() -> None:
    first, second = rows(Refusal("😀", b"12"), Refusal("😀", b"12"))
    bare = "application/cloudevents-batch+json"
    texts = "operator" + "😀"
    assert second.size_bytes == ROW_BYTES + len((texts + bare).encode()) + 2
    whole = texts + HEADERS["content-type"] + "".join(sum(HEADERS.items(), ()))
    assert first.size_bytes == ROW_BYTES + len(whole.encode()) + 2


def test_every_field_of_a_row_is_a_parameter() -> None:
    [row] = rows(Refusal("a", b"1"))
    assert list(row.parameters()) == list(NewRow.__dataclass_fields__)
