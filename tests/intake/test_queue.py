"""An item is answered once, and its payload takes no more bytes than are counted."""

import asyncio
import sys

from hypothesis import example, given
from hypothesis import strategies as st

from receiver.errors import QueueFull
from receiver.intake.queue import QueueItem, size_in_bytes
from tests.support.arrivals import arrival


@given(st.text(max_size=300))
@example("x" * 1000 + "😀")
@example("é" * 1000)
@example("\ud800")
def test_no_text_takes_more_bytes_than_are_counted(text: str) -> None:
    counted = size_in_bytes(text)
    assert counted >= len(text.encode("utf-8", "surrogatepass"))
    assert counted >= sys.getsizeof(text)
    assert counted <= 4 * len(text) + 100


async def test_an_answer_is_given_once() -> None:
    waiting = QueueItem(arrival(), asyncio.get_running_loop().create_future(), 0.0, 1)
    waiting.stored()
    waiting.failed(QueueFull("too late"))
    waiting.stored()
    await waiting.answer
