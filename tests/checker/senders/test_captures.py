"""Reading a captured stream: every notification to the letter, at its line, in whatever form."""

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from receiver.checker.senders import captures
from receiver.checker.senders.captures import Capture, read_captures
from receiver.importer.lines import read_ndjson

ONE, TWO, THREE = b'{"id":"1"}', b'{ "id" : "2" }', '{"id":"3","x":"é\\"]}"}'.encode()


def read(content: bytes) -> list[Capture]:
    return list(read_captures(io.BytesIO(content), read_ndjson))


def bodies(content: bytes) -> list[tuple[int, bytes]]:
    return [(capture.line, capture.body) for capture in read(content)]


def test_each_line_is_a_notification_at_its_line() -> None:
    content = b"\n  \n" + ONE + b"\n\r\n" + TWO + b"\r\n" + THREE
    assert bodies(content) == [(3, ONE), (5, TWO), (6, THREE)]


def test_a_line_that_import_takes_is_taken_with_its_headers_and_time() -> None:
    line = {"body": ONE.decode(), "receivedAt": "2026-03-04T00:00:00Z", "headers": {"Ce-Id": "1"}}
    (capture,) = read(json.dumps(line).encode())
    assert (capture.body, capture.headers["ce-id"]) == (ONE, "1")
    assert capture.received_at is not None
    (faulty,) = read(b'{"body": "{}", "receivedAt": "soon"}')
    assert faulty.fault == "receivedAt: must be a time of RFC 3339"


def test_a_broken_line_is_one_capture_and_the_others_are_read() -> None:
    assert bodies(ONE + b'\n{"id":\nnonsense\n' + TWO)[-1] == (4, TWO)
    assert [line for line, _ in bodies(b"nonsense\n" + ONE)] == [1, 2]


@pytest.mark.parametrize("indent", [None, 2])
def test_an_array_over_lines_is_its_members(indent: int | None) -> None:
    members = [{"id": str(number), "deep": [[number], {"a": "]"}]} for number in range(5)]
    content = json.dumps(members, indent=indent).encode()
    found = read(b"[\n" + content[1:])
    assert [json.loads(capture.body) for capture in found] == members


def test_one_notification_over_several_lines_is_taken_to_the_letter() -> None:
    content = b'{\n  "id": "1",\n  "data": {}\n}'
    assert bodies(content + b"\n") == [(1, content)]
    assert bodies(content + b"\n\n" + content) == [(1, content), (6, content)]


def test_the_members_of_an_array_stand_at_their_lines() -> None:
    content = b"[\n" + ONE + b",\n\n" + TWO + b"\n,\n" + THREE + b"]"
    assert bodies(content) == [(2, ONE), (4, TWO), (6, THREE)]


def test_a_broken_document_is_told_at_its_line_after_what_was_whole() -> None:
    found = read(b"[\n" + ONE + b',\n{"id":\n]')
    assert [(one.line, one.fault) for one in found] == [(2, None), (3, "not valid JSON")]
    assert [one.fault for one in read(b"[\n" + ONE)] == [None, "not valid JSON"]
    assert [one.fault for one in read(b"{\n" + b'"a":[' * 9999)] == ["not valid JSON"]


def test_what_is_no_utf_8_comes_to_the_parser_as_it_was() -> None:
    broken = b'{"id": "\xff\xe9"}'
    assert bodies(b"[\n" + broken + b"]") == [(2, broken)]


def test_gzip_is_read_like_what_is_in_it() -> None:
    content = ONE + b"\n" + TWO
    assert bodies(gzip.compress(content)) == bodies(content)
    with pytest.raises(EOFError):
        read(gzip.compress(content)[:-9])


@pytest.mark.parametrize("content", [b"", b"\n", b" ", b"\n\n", b"[\n]"])
def test_nothing_is_no_notification(content: bytes) -> None:
    assert read(content) == []


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(captures, "CHUNK_BYTES", 16)
    monkeypatch.setattr(captures, "SIZE_MAX", 64)


@pytest.mark.usefixtures("small")
def test_values_go_over_the_ends_of_what_is_read_at_once() -> None:
    members = [{"id": str(number), "x": "é" * number} for number in range(9)]
    content = json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()
    found = [json.loads(capture.body) for capture in read(content)]
    assert found == members


@pytest.mark.usefixtures("small")
def test_a_value_that_is_too_long_ends_a_document_and_only_its_own_line() -> None:
    long = b'{"id":"' + b"x" * 500 + b'"}'
    assert [one.fault for one in read(b"[\n" + ONE + b"," + long + b"]")] == [
        None,
        "not valid JSON",
    ]
    lines = read(ONE + b"\n" + long + b"\n" + TWO)
    assert [one.line for one in lines] == [1, 2, 3]
    assert len(lines[1].body) < 100
    assert lines[2].body == TWO


class Counted(io.RawIOBase):
    """A file that tells how much of it was read."""

    def __init__(self, make: Callable[[int], bytes], count: int) -> None:
        self._parts = (make(number) for number in range(count))
        self._rest = b""
        self.given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while len(self._rest) < len(buffer):
            part = next(self._parts, None)
            if part is None:
                break
            self._rest += part
        given, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(given)] = given
        self.given += len(given)
        return len(given)


@pytest.mark.parametrize("separator", [b"\n", b","])
def test_a_file_is_read_as_it_is_asked_for(separator: bytes) -> None:
    def make(number: int) -> bytes:
        start = b"[\n" if separator == b"," and number == 0 else b""
        return start + b'{"id":"%d","x":"%s"}' % (number, b"x" * 1000) + separator

    counted = Counted(make, 20_000)
    found = read_captures(io.BufferedReader(counted), read_ndjson)
    for _ in range(3):
        next(found)
    assert counted.given < 3_000_000


def test_a_real_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "captured.ndjson"
    path.write_bytes(ONE + b"\n" + TWO)
    with path.open("rb") as opened:
        assert len(list(read_captures(opened, read_ndjson))) == 2
