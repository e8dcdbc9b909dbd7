"""The notifications of a run: each has an id of its own, and none is about anybody."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from receiver.conformance.exchange import Request
from receiver.conformance.published import SAID, Members

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
JSON = "application/json"
SOURCE = "https://conformance.invalid"
# No country has the code 999, so nobody has such a number.
PHONE_NUMBER = "+99999000000"

Document = dict[str, object]


class Writer:
    """Writes the notifications of one run.

    Args:
        run: tells this run from others, in every id.
        now: the time of the first event; each later one happened a millisecond after the one
            before. Aware UTC.
    """

    def __init__(self, run: str, now: datetime) -> None:
        self._run = run
        self._now = now
        self._count = 0

    def write(
        self, segment: str, name: str, changed: Members | None = None, *, version: str = "v0"
    ) -> Document:
        """Returns a CloudEvent of an event name; of a member that is None, nothing is left.

        Args:
            segment: the API as the type names it.
            changed: members in the place of those that it would have.
            version: of the event.
        """
        self._count += 1
        event_id = f"{self._run}-{self._count}"
        subscription_id = str(uuid5(NAMESPACE_URL, f"{SOURCE}/{event_id}"))
        document = {
            "id": event_id,
            "source": f"{SOURCE}/{segment}/subscriptions/{subscription_id}",
            "type": f"org.camaraproject.{segment}.{version}.{name}",
            "specversion": "1.0",
            "datacontenttype": JSON,
            "time": self._tell_time(),
            "data": {
                "subscriptionId": subscription_id,
                "device": {"phoneNumber": PHONE_NUMBER},
                **SAID.get(name, {}),
            },
            **(changed or {}),
        }
        return {member: value for member, value in document.items() if value is not None}

    def write_legacy(self, event_type: str, said: Members) -> Document:
        """Returns a notification in the legacy form."""
        self._count += 1
        detail = {"device": {"phoneNumber": PHONE_NUMBER}, **said}
        event = {"eventType": event_type, "eventTime": self._tell_time(), "eventDetail": detail}
        return {"eventSubscriptionId": f"{self._run}-{self._count}", "event": event}

    def _tell_time(self) -> str:
        time = self._now + timedelta(milliseconds=self._count)
        return time.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def post(document: object, media_type: str = STRUCTURED, **headers: str) -> Request:
    """Returns the request that sends a document as JSON; `_` in the name of a header is `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(encode(document), {"content-type": media_type, **named})


def post_binary(document: Mapping[str, object]) -> Request:
    """Returns the request that sends a CloudEvent in binary mode."""
    attributes = {
        f"ce-{name}": str(value)
        for name, value in document.items()
        if name not in ("data", "datacontenttype")
    }
    return Request(encode(document["data"]), {"content-type": JSON, **attributes})


def encode(document: object) -> bytes:
    """Returns a document as compact JSON."""
    return json.dumps(document, separators=(",", ":")).encode()
