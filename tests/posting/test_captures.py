"""A file is one notification, one batch or several lines; a body is posted to the letter."""

import gzip
import io
import json
from pathlib import Path

import pytest

from receiver.posting.captures import SIZE_MAX, Capture, Mode, find_media_type, read_captures
from tests.support.bodies import cloudevent

ONE = cloudevent("roaming-on")
LEGACY = b'{"event": {"eventType": "roaming"}}'
STRUCTURED, BATCH, JSON = (
    "application/cloudevents+json",
    "application/cloudevents-batch+json",
    "application/json",
)


def read(
    body: bytes, name: str = "f.json", mode: Mode = Mode.AUTO, content_type: str | None = None
) -> list[Capture]:
    return list(read_captures(name, io.BytesIO(body), mode, content_type))


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (ONE, STRUCTURED),
        (json.dumps(json.loads(ONE), indent=2).encode(), STRUCTURED),
        (b"\xef\xbb\xbf" + ONE + b"\n\n", STRUCTURED),
        (b" [" + ONE + b",\n" + ONE + b"]", BATCH),
        (b"\n[]\n", BATCH),
        (LEGACY, JSON),
        (b"{", JSON),
        (b"", JSON),
        (b"\x00\xff\n\x00", JSON),
        (b"7\n8\n", JSON),
    ],
)
def test_a_document_is_posted_to_the_letter_with_what_it_is(body: bytes, media_type: str) -> None:
    assert read(body) == [Capture("f.json", body, {"content-type": media_type})]


@pytest.mark.parametrize("plain", [ONE, b"[" + ONE + b"]", LEGACY])
def test_a_compressed_document_stays_compressed(plain: bytes) -> None:
    body = gzip.compress(plain)
    headers = {"content-type": find_media_type(plain), "content-encoding": "gzip"}
    assert read(body) == [Capture("f.json", body, headers)]


def test_lines_are_told_from_a_document_and_named_by_their_number() -> None:
    batch = b"[" + ONE + b"]"
    found = read(b"\n" + ONE + b"\n\n" + batch + b"\r\n" + LEGACY)
    assert found == [
        Capture("f.json:2", ONE, {"content-type": STRUCTURED}),
        Capture("f.json:4", batch, {"content-type": BATCH}),
        Capture("f.json:5", LEGACY, {"content-type": JSON}),
    ]


@pytest.mark.parametrize("name", ["f.ndjson", "F.JSONL"])
def test_the_name_of_a_file_says_that_it_has_lines(name: str) -> None:
    assert [one.place for one in read(b"{\n" + ONE, name)] == [f"{name}:1", f"{name}:2"]


def test_the_mode_decides_whatever_a_file_looks_like() -> None:
    body = ONE + b"\n" + ONE
    assert [one.body for one in read(body, "f.ndjson", Mode.WHOLE)] == [body]
    assert [one.body for one in read(b"{\n}", mode=Mode.LINES)] == [b"{", b"}"]


def test_a_line_around_a_notification_gives_its_headers_but_not_those_of_the_way() -> None:
    headers = {
        "Ce-Id": "1",
        "Content-Type": "application/json",
        "Authorization": "Bearer old",
        "Host": "other",
        "Content-Length": "7",
        "Transfer-Encoding": "chunked",
    }
    line = json.dumps({"body": "{}", "receivedAt": "2025-01-01T00:00:00Z", "headers": headers})
    expected = {"ce-id": "1", "content-type": "application/json"}
    assert read(line.encode()) == [Capture("f.json:1", b"{}", expected)]


@pytest.mark.parametrize("headers", [{"a b": "1"}, {"x": "a\r\nb: c"}, {"": "1"}, {"x": "\0"}])
def test_headers_that_no_request_can_have_are_a_fault(headers: dict[str, str]) -> None:
    [found] = read(json.dumps({"body": "{}", "headers": headers}).encode())
    assert (found.place, (found.fault or "").startswith("headers: ")) == ("f.json:1", True)


def test_a_media_type_that_is_given_is_that_of_every_body() -> None:
    line = json.dumps({"body": "{}", "headers": {"content-type": "text/plain"}}).encode()
    found = read(line + b"\n" + ONE, content_type="a/b") + read(LEGACY, content_type="a/b")
    assert [one.headers for one in found] == [{"content-type": "a/b"}] * 3


def test_what_no_sink_takes_is_a_fault_and_is_not_read_whole() -> None:
    with Path("/dev/zero").open("rb") as endless:
        for mode in Mode:
            [found] = read_captures("f", endless, mode, None)
            assert f"larger than {SIZE_MAX} bytes" in (found.fault or "")
