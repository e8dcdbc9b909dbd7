"""Follows the live stream, and writes a line for each event."""

from collections.abc import Callable
from contextlib import closing, nullcontext
from datetime import datetime

from receiver.client import Client
from receiver.client.calls.arguments import EventFilters
from receiver.tailer.forwarding import Forwarder
from receiver.tailer.lines import tell, write_json

Write = Callable[[str], None]


class Tail:
    """One command's reading of the stream.

    Attributes:
        last_id: the id of the last event that was written; None: none was.
    """

    def __init__(self, *, as_json: bool, write: Write, note: Write) -> None:
        self.last_id: str | None = None
        self._as_json = as_json
        self._write = write
        self._note = note

    def follow(
        self,
        client: Client,
        filters: EventFilters,
        *,
        after_id: str | None = None,
        forward_to: str | None = None,
    ) -> None:
        """Writes events until it is interrupted.

        Args:
            after_id: what was stored since this event comes first; None: from now on.
            forward_to: the URL to which the notifications are posted, too.

        Raises:
            ClientError: the stream cannot be followed any more.
        """
        events = client.follow(last_event_id=after_id, on_gap=self._tell_gap, **filters)
        forwarder = None if forward_to is None else Forwarder(client, forward_to)
        with closing(forwarder) if forwarder else nullcontext():
            for event in events:
                # The beginning of a stream that goes on tells the last event again.
                if event.id == after_id:
                    continue
                answer = None if forwarder is None else forwarder.forward(event)
                if self._as_json:
                    further = {} if answer is None else {"forwarded": answer}
                    self._write(write_json(event, **further))
                else:
                    self._write(tell(event) + ("" if answer is None else f"  -> {answer}"))
                self.last_id = event.id

    def _tell_gap(self, kept_from: datetime) -> None:
        self._note(f"Events were missed that are no longer kept; they are kept from {kept_from}.")
