"""A file has one owner at a time; what was synced is in it, and what was not does no harm."""

import errno
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from receiver.spool.frames import End
from receiver.spool.segments import NewSegment, read_file, take
from tests.support.spooling import MORNING

MARK = b"m" * 16


def begin(folder: Path, *batches: Sequence[bytes]) -> NewSegment:
    segment = NewSegment.begin(folder, MARK, MORNING)
    for batch in batches:
        segment.append(batch)
    return segment


def the_file(folder: Path) -> Path:
    [file] = folder.iterdir()
    return file


def taken(path: Path, mark: bytes = MARK) -> list[bytes] | None:
    with take(path, mark) as segment:
        return None if segment is None else [bytes(one) for one in segment.frames.records]


def test_what_is_appended_is_read_by_whoever_takes_the_closed_file(tmp_path: Path) -> None:
    begin(tmp_path, [b"a", b"b"], [b"c"]).close()
    file = the_file(tmp_path)
    assert file.stat().st_mode & 0o777 == 0o600
    assert taken(file) == [b"a", b"b", b"c"]


def test_nobody_takes_a_file_that_is_appended_to_but_it_can_be_looked_at(tmp_path: Path) -> None:
    segment = begin(tmp_path, [b"a"])
    file = the_file(tmp_path)
    assert taken(file) is None
    found = read_file(file)
    assert found is not None
    assert (found.mark, len(found.frames.records)) == (MARK, 1)
    segment.close()
    assert taken(file) == [b"a"]


def test_one_of_several_takes_a_file(tmp_path: Path) -> None:
    begin(tmp_path, [b"a"]).close()
    file = the_file(tmp_path)
    with take(file, MARK) as first:
        assert first is not None
        assert taken(file) is None
        first.remove()
        assert taken(file) is None
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_was_opened_before_another_took_its_place_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(tmp_path, [b"a", b"b"]).close()
    file = the_file(tmp_path)
    really_open = os.open

    def open_late(path: Path, flags: int, mode: int = 0o777) -> int:
        descriptor = really_open(path, flags, mode)
        monkeypatch.setattr(os, "open", really_open)
        with take(file, MARK) as segment:
            assert segment is not None
            segment.keep_only(segment.frames.records[1:])
        return descriptor

    monkeypatch.setattr(os, "open", open_late)
    assert taken(file) is None
    assert taken(file) == [b"b"]


def test_a_file_of_another_installation_or_release_is_left(tmp_path: Path) -> None:
    begin(tmp_path, [b"a"]).close()
    file = the_file(tmp_path)
    assert taken(file, b"n" * 16) is None
    file.write_bytes(b"DSRSPL02" + file.read_bytes()[8:])
    assert taken(file) is None
    assert read_file(file) is None
    assert read_file(tmp_path / "none") is None


def test_a_closed_file_without_records_is_removed(tmp_path: Path) -> None:
    begin(tmp_path).close()
    assert list(tmp_path.iterdir()) == []


def test_only_what_is_to_stay_stays_or_all_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(tmp_path, [b"a", b"b", b"c"]).close()
    file = the_file(tmp_path)

    def fail(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full, take(file, MARK) as segment:
        assert segment is not None
        full.setattr(os, "fdatasync", fail)
        with pytest.raises(OSError, match="No space"):
            segment.keep_only(segment.frames.records[2:])
    assert taken(file) == [b"a", b"b", b"c"]
    with take(file, MARK) as segment:
        assert segment is not None
        segment.keep_only(segment.frames.records[1:])
    assert the_file(tmp_path) == file
    assert taken(file) == [b"b", b"c"]


def test_a_damaged_file_is_set_aside_under_its_name(tmp_path: Path) -> None:
    begin(tmp_path, [b"a"]).close()
    file = the_file(tmp_path)
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    with take(file, MARK) as segment:
        assert segment is not None
        assert segment.frames.end is End.DAMAGED
        segment.set_aside()
    assert the_file(tmp_path).name == file.with_suffix(".damaged").name


@pytest.mark.parametrize("call", ["write", "fdatasync"])
def test_what_could_not_be_written_or_synced_is_not_in_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    segment = begin(tmp_path, [b"a"])
    really_write = os.write

    def fail(descriptor: int, content: bytes = b"") -> int:
        if call == "write" and len(content) > 3:
            # A disk that is almost full takes a part.
            return really_write(descriptor, content[:3])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(os, call, fail)
        with pytest.raises(OSError, match="No space"):
            segment.append([b"b", b"c"])
    segment.close()
    assert taken(the_file(tmp_path)) == [b"a"]


def test_a_file_that_cannot_be_begun_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_descriptor: int, _content: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", fail)
    with pytest.raises(OSError, match="No space"):
        begin(tmp_path)
    assert list(tmp_path.iterdir()) == []
