"""The stream with rows in place of JSON."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from receiver.api.console.live.rows import SENTENCES, SHOWN, Rows
from receiver.api.questions.stream.blocks import REASONS, write_begin, write_end, write_heartbeat


def write_row(event: Mapping[str, Any]) -> str:
    return f"\n<tr>\n<td>{event['id']}</td></tr>\n"


def block(number: int) -> bytes:
    return f"id: {number}\ndata: {json.dumps({'id': number})}\n\n".encode()


def row(number: int) -> bytes:
    return f"id: {number}\ndata: <tr>\ndata: <td>{number}</td></tr>\n\n".encode()


def test_an_event_becomes_its_row_wherever_its_pieces_are_cut() -> None:
    told = block(1) + block(2)
    for cut in range(len(told)):
        rows = Rows(write_row)
        assert rows.rewrite(told[:cut]) + rows.rewrite(told[cut:]) == row(1) + row(2)


def test_what_is_no_event_stays() -> None:
    for piece in (write_begin(2), write_heartbeat(None)):
        assert Rows(write_row).rewrite(piece) == piece


def test_more_than_a_page_shows_is_skipped_and_said() -> None:
    piece = b"".join(block(number) for number in range(SHOWN + 7))
    blocks = Rows(write_row).rewrite(piece).split(b"\n\n")[:-1]
    assert blocks[0] == b"event: skipped\ndata: 7"
    assert blocks[1] + b"\n\n" == row(7)
    assert len(blocks) == SHOWN + 1


@pytest.mark.parametrize("reason", REASONS)
def test_every_end_is_a_sentence_for_people(reason: str) -> None:
    name = b"over" if reason == "unauthenticated" else b"pause"
    sentence = SENTENCES[reason].encode()
    assert Rows(write_row).rewrite(write_end(reason)) == b"event: %s\ndata: %s\n\n" % (
        name,
        sentence,
    )
