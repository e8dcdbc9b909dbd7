"""What senders send is read in portions: a few of their next requests in a turn of the event loop.

Senders answer in step: their connections become readable together, behind a commit that answered
all of them. Questions, and whatever has a deadline of its own, are read as they arrive.
"""

from receiver.api.wire.protocol import BoundedHttpProtocol


class PortionedProtocol(BoundedHttpProtocol):
    """The whole protocol of a connection: it reads a sender's next request in its turn."""

    _received = b""

    def data_received(self, data: bytes) -> None:
        if self._was_gathered and self._is_idle and self._gathering is not None:
            # As good as its request: it neither makes room nor ends for having been idle.
            del self._waiting[self]
            self._received = data
            self._gathering.read_soon(self)
        else:
            self.read_received()
            super().data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.read_received()
        super().connection_lost(exc)

    def read_received(self) -> None:
        """Reads what waits for its turn, if anything does."""
        if self._received:
            data, self._received = self._received, b""
            self._waiting[self] = None
            try:
                super().data_received(data)
            except Exception as error:  # as the loop ends a connection: others are due as well
                context = {"message": "a connection cannot be read", "exception": error}
                self.loop.call_exception_handler(context)
                self.transport.abort()
