"""Flow control: how far one connection is read ahead of its answers."""

import asyncio
from collections.abc import Callable, Sized

from uvicorn.protocols.http.flow_control import FlowControl


class Flow(FlowControl):
    """uvicorn's flow control that reads nothing more while requests or answers wait.

    Otherwise each answer would let in another chunk full of requests, and a caller that does not
    read its answers would get more and more of them.

    Args:
        waiting: the pipeline.
        resumed: called when reading continues.
    """

    def __init__(
        self, transport: asyncio.Transport, waiting: Sized, resumed: Callable[[], None]
    ) -> None:
        super().__init__(transport)
        self._waiting = waiting
        self._resumed = resumed

    def resume_reading(self) -> None:
        if self.read_paused and not self._waiting and not self.write_paused:
            super().resume_reading()
            self._resumed()
