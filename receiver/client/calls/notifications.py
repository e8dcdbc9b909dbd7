"""Calls of those who send: a notification, and the handshake before it."""

import json
from collections.abc import Mapping, Sequence

from receiver.client.answers.operations import Consent
from receiver.client.exchange import Answer, Call

PATH = "/notifications"

CLOUD_EVENT = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
LEGACY = "application/json"


def post_notification(
    notification: Mapping[str, object] | Sequence[Mapping[str, object]] | bytes,
    *,
    content_type: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Call[None]:
    """Posts a notification; it is stored durably when this returns.

    Args:
        notification: a CloudEvent, a batch of them, a legacy notification, or bytes as they are.
        content_type: by what the notification is where it is missing; bytes need it.
        headers: further ones, such as the `ce-…` of binary mode.
    """
    if not isinstance(notification, bytes):
        content_type = content_type or choose_content_type(notification)
        notification = json.dumps(notification, ensure_ascii=False).encode()
    named = {} if content_type is None else {"content-type": content_type}
    return Call(
        "POST",
        PATH,
        _read_nothing,
        body=notification,
        headers={**(headers or {}), **named},
    )


def request_consent(origin: str, *, rate: int | None = None) -> Call[Consent]:
    """Asks whether an origin may push here; `PermissionDenied` if not.

    Args:
        origin: the host name of the sender.
        rate: notifications a minute that it means to send.
    """
    headers = {"webhook-request-origin": origin}
    if rate is not None:
        headers["webhook-request-rate"] = str(rate)
    return Call("OPTIONS", PATH, _read_consent, headers=headers)


def choose_content_type(notification: object) -> str:
    """Returns the media type of a notification."""
    if isinstance(notification, Mapping):
        return CLOUD_EVENT if "specversion" in notification else LEGACY
    return BATCH


def _read_nothing(answer: Answer) -> None:
    if answer.status != 204:
        raise ValueError("not the answer of a sink")


def _read_consent(answer: Answer) -> Consent:
    origin = answer.headers.get("webhook-allowed-origin")
    if origin is None:
        raise ValueError("not the answer of a sink")
    rate = answer.headers.get("webhook-allowed-rate", "")
    return Consent(
        allowed_origin=origin,
        allowed_rate=int(rate) if rate.isascii() and rate.isdigit() else None,
    )
