"""How both forms take an attribute as text, find a subscription id and make the digest."""

from collections.abc import Iterable
from hashlib import blake2b

import orjson

from receiver.errors import NotificationRefused
from receiver.events.findings import Finding

SUBSCRIPTION_ID_LENGTH_LIMIT = 256


def text(
    value: object, place: str, limit: int, finding: Finding, findings: set[Finding]
) -> str | None:
    """Take an attribute as text: a number with a finding, null as absent.

    Raises:
        NotificationRefused: it is neither, or longer than `limit` characters.
    """
    if value is None:
        return None
    if isinstance(value, str):
        taken = value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        findings.add(finding)
        taken = str(value)
    else:
        raise NotificationRefused("must be a string", place)
    if len(taken) > limit:
        raise NotificationRefused(f"longer than {limit} characters", place)
    return taken


def required_text(
    value: object, place: str, limit: int, finding: Finding, findings: set[Finding]
) -> str:
    """Take an attribute that an event cannot do without.

    Raises:
        NotificationRefused: as `text`, and where it is absent or empty.
    """
    if isinstance(value, str) and 0 < len(value) <= limit:
        return value
    taken = text(value, place, limit, finding, findings)
    if not taken:
        raise NotificationRefused("missing" if taken is None else "empty", place)
    return taken


def first_subscription_id(
    claims: Iterable[tuple[str, object]], findings: set[Finding]
) -> tuple[str | None, NotificationRefused | None]:
    """Choose among the places where a subscription id may stand, the most trusted first.

    Returns:
        The first that makes sense, and the refusal of one before it that makes none.
    """
    fault = None
    for place, value in claims:
        try:
            claimed = text(
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


def digest(*said: object) -> bytes:
    """Condense what a notification says: BLAKE2b of 16 bytes over compact JSON with sorted keys.

    It is stored as the event's identity: neither the order nor the encoding may ever change.
    """
    return blake2b(orjson.dumps(said, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()
