"""Attributes that both forms share: text, the subscription id, the digest."""

from collections.abc import Iterable
from hashlib import blake2b

import orjson

from receiver.errors import NotificationRefused
from receiver.events.findings import Finding

# Characters: SubscriptionId in CAMARA_event_common.yaml, Commonalities r4.2.
SUBSCRIPTION_ID_LENGTH_LIMIT = 256


def take_text(
    value: object, place: str, limit: int, finding: Finding, findings: set[Finding]
) -> str | None:
    """Takes an attribute as text: a number with a finding, null as absent.

    Args:
        limit: of characters.

    Raises:
        NotificationRefused: the value is neither text nor a number, or exceeds the limit.
    """
    if value is None:
        return None
    if isinstance(value, str):
        text = value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        findings.add(finding)
        text = str(value)
    else:
        raise NotificationRefused("must be a string", place)
    if len(text) > limit:
        raise NotificationRefused(f"longer than {limit} characters", place)
    return text


def require_text(
    value: object, place: str, limit: int, finding: Finding, findings: set[Finding]
) -> str:
    """Takes an attribute without which there is no event.

    Raises:
        NotificationRefused: as `take_text`, and for an absent or empty one.
    """
    if isinstance(value, str) and 0 < len(value) <= limit:
        return value
    text = take_text(value, place, limit, finding, findings)
    if not text:
        raise NotificationRefused("missing" if text is None else "empty", place)
    return text


def choose_subscription_id(
    claims: Iterable[tuple[str, object]], findings: set[Finding]
) -> tuple[str | None, NotificationRefused | None]:
    """Chooses a subscription id among the places where senders write one.

    Args:
        claims: place and value, the most trusted place first.

    Returns:
        The first id that makes sense, and the refusal of the first before it that makes none.
    """
    fault = None
    for place, value in claims:
        try:
            claimed = take_text(
                value,
                place,
                SUBSCRIPTION_ID_LENGTH_LIMIT,
                Finding.SUBSCRIPTION_ID_NOT_A_STRING,
                findings,
            )
        except NotificationRefused as refusal:
            fault = fault or refusal
            continue
        if claimed:
            return claimed, fault
        if claimed is not None:
            findings.add(Finding.SUBSCRIPTION_ID_EMPTY)
    return None, fault


def is_json_media_type(value: object) -> bool:
    """Whether a media type, its parameters apart, says that a body is JSON."""
    if not isinstance(value, str):
        return False
    media_type = value.partition(";")[0].strip().lower()
    if media_type in {"application/json", "text/json"}:
        return True
    return media_type.endswith("+json") and "," not in media_type


def make_digest(*said: object) -> bytes:
    """Returns BLAKE2b of 16 bytes over compact JSON with sorted keys.

    The digest is stored as the identity of the event: the order of the arguments and their encoding
    may never change.
    """
    return blake2b(orjson.dumps(said, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()
