"""A line of a file is a notification to the letter, with what the file says of its arrival."""

import json
from datetime import UTC, datetime

import pytest

from receiver.importer.lines import ONE, SEVERAL, Line, read_csv, read_ndjson

AT = datetime(2025, 3, 1, 8, tzinfo=UTC)


def read(*lines: str) -> list[Line]:
    return list(read_ndjson(f"{line}\n".encode() for line in lines))


BODY = '{"id" : "ä", "n":1.50,"n":2}'


@pytest.mark.parametrize(
    "line",
    [
        BODY,
        f'{{"body":{BODY}}}',
        f'{{ "receivedAt" : null , "body" : {BODY} , "headers": {{}} }}',
        json.dumps({"body": BODY}),
        f'{{"body": 1, "body": {BODY}}}',
    ],
)
def test_the_body_is_to_the_letter_however_it_is_wrapped(line: str) -> None:
    assert read("", line) == [Line(2, BODY.encode(), {"content-type": ONE})]


def test_the_file_says_when_and_with_which_headers() -> None:
    for time in ("2025-03-01T08:00:00Z", "2025-03-01 09:00:00+01"):
        wrapped = {"body": "{}", "receivedAt": time, "headers": {"Ce-Id": "1"}}
        [line] = read(json.dumps(wrapped))
        assert line == Line(1, b"{}", {"content-type": ONE, "ce-id": "1"}, AT)
    assert read("[]")[0].headers == {"content-type": SEVERAL}


@pytest.mark.parametrize(
    ("members", "fault"),
    [
        ({"receivedAt": "2025-03-01T08:00:00"}, "receivedAt: must have a zone"),
        ({"receivedAt": "yesterday"}, "receivedAt: must be a time of RFC 3339"),
        ({"receivedAt": 5}, "receivedAt: must be a time of RFC 3339"),
        ({"headers": ["a"]}, "headers: must be texts by name"),
        ({"headers": {"a": 1}}, "headers: must be texts by name"),
    ],
)
def test_what_the_file_says_wrongly_is_a_fault_of_the_line(
    members: dict[str, object], fault: str
) -> None:
    assert [line.fault for line in read(json.dumps({"body": "{}", **members}))] == [fault]


@pytest.mark.parametrize(
    "line", ["{", "[1", '{"body": 1, "type": "t"}', '"x"', "\u0001", "[" * 9999]
)
def test_whatever_is_not_wrapped_is_for_intake_to_judge(line: str) -> None:
    assert [(found.body, found.fault) for found in read(line)] == [(line.encode(), None)]


def test_csv_has_its_columns_by_name_and_rows_of_several_lines() -> None:
    rows = [b"\xef\xbb\xbfwhen,raw\n", b'2025-03-01 08:00:00+00,"{""a"":\n', b'1}"\n', b",[]\n"]
    assert list(read_csv(rows, "raw", "when")) == [
        Line(2, b'{"a":\n1}', {"content-type": ONE}, AT),
        Line(4, b"[]", {"content-type": SEVERAL}),
    ]
    with pytest.raises(ValueError, match="no such column"):
        list(read_csv(rows, "body", "when"))
    with pytest.raises(ValueError, match="not CSV"):
        list(read_csv([b"body\n", b'"a"b\n'], "body", "when"))
