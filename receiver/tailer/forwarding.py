"""Forwards events to a URL, each as the notification that was received."""

import httpx

from receiver.client import Client, ClientError, StreamedEvent
from receiver.client.attempts import http_options, name_failure
from receiver.client.calls.notifications import CLOUD_EVENT, LEGACY

# Seconds. A program under development that answers later has stopped at a breakpoint.
TIMEOUT_SECONDS = 10.0


class Forwarder:
    """Posts the notifications of events to one URL, one after the other.

    Args:
        client: knows the notifications.
        url: used exactly as given; no redirect is followed.
    """

    def __init__(self, client: Client, url: str) -> None:
        self._client = client
        self._url = url
        self._http = httpx.Client(timeout=TIMEOUT_SECONDS, **http_options(url))

    def close(self) -> None:
        """Closes the connection."""
        self._http.close()

    def forward(self, event: StreamedEvent) -> int | str:
        """Posts the notification of an event as it was received, spacing included.

        Returns:
            The status of the answer, or in words why there was none.
        """
        try:
            payload = self._client.get_event(event.id).payload_text
        except ClientError as error:
            return f"not read again: {error}"
        media_type = CLOUD_EVENT if event.form == "cloudevents" else LEGACY
        try:
            answer = self._http.post(
                self._url, content=payload.encode(), headers={"content-type": media_type}
            )
        except httpx.HTTPError as error:
            return name_failure(error)
        return answer.status_code
