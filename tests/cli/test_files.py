"""Files of commands: as far as a limit, and in words why one cannot be read."""

import io
import sys
from pathlib import Path

import pytest

from receiver.cli.files import STDIN, explain_unread, read_file


def test_a_file_is_read_to_one_byte_more_than_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"123")
    assert [read_file(str(path), limit) for limit in (1, 3)] == [b"12", b"123"]
    assert read_file("/dev/zero", 2) == b"\0" * 3
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"123")))
    assert read_file(STDIN, 1) == b"12"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("/nonexistent/file", "No such file or directory"),
        ("/", "Is a directory"),
        ("/dev/null/file", "Not a directory"),
        ("\0", "not a file name"),
    ],
)
def test_a_file_that_is_not_read_has_a_reason(name: str, reason: str) -> None:
    with pytest.raises((OSError, ValueError)) as unread:
        read_file(name, 1)
    assert explain_unread(unread.value) == reason


def test_a_text_that_is_none_has_a_reason() -> None:
    with pytest.raises(UnicodeError) as unread:
        b"\xff".decode()
    assert explain_unread(unread.value) == "no text"
