"""Blocks as bytes: each is read as it was meant."""

from datetime import UTC, datetime

import pytest

from receiver.api.questions.stream.blocks import (
    REASONS,
    read_place,
    write_begin,
    write_end,
    write_gap,
    write_heartbeat,
    write_place,
)
from tests.support.streaming import read_block

NOW = datetime(2026, 4, 17, 7, 31, 1, 416474, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        write_begin(1.5),
        write_end("lagged"),
        write_gap(NOW),
        write_heartbeat(None),
        write_heartbeat(NOW),
        write_place(NOW),
    ],
)
def test_a_block_ends_with_its_one_empty_line(written: bytes) -> None:
    assert written.endswith(b"\n\n")
    assert written.count(b"\n\n") == 1


def test_a_place_is_the_time_it_names() -> None:
    for written in (write_place(NOW), write_heartbeat(NOW)):
        block = read_block(written.decode())
        assert block.data is None
        assert block.id is not None
        assert read_place(block.id) == NOW


def test_what_is_no_event_has_a_name_and_no_id() -> None:
    gap = read_block(write_gap(NOW).decode())
    assert (gap.event, gap.data, gap.id) == (
        "gap",
        {"keptFrom": "2026-04-17T07:31:01.416474Z"},
        None,
    )
    for reason in REASONS:
        end = read_block(write_end(reason).decode())
        assert (end.event, end.data["reason"], end.id) == ("end", reason, None)


def test_a_caller_is_told_when_to_come_back_in_milliseconds() -> None:
    assert read_block(write_begin(1.5).decode()).retry == 1500


@pytest.mark.parametrize("word", ["x", "", "A" * 200, "é"])
def test_a_word_that_names_no_event_is_no_place(word: str) -> None:
    with pytest.raises(ValueError, match=r"opaque word"):
        read_place(word)
