"""An example that anybody may see: the shape of a notification, without what names somebody.

What stands in an example is what is known to be harmless; everything else is masked, so that a
member that nobody thought of shows nothing either.
"""

import json
import re
from collections.abc import Mapping

NAME = re.compile(r"[A-Za-z_][A-Za-z_0-9]{0,39}")
DIGITS_IN_NAME = re.compile(r"[0-9]{3}")
MEDIA_TYPE = re.compile(r"[a-z]+/[a-z.+-]{1,60}(?:; ?charset=[a-z0-9-]{1,12})?", re.IGNORECASE)
_WORD = re.compile(r"[A-Z_]{1,40}|[a-z_ -]{1,40}|[A-Z][a-z]{1,20}(?: [A-Z][a-z]{1,20}){0,3}")
_TYPE = re.compile(r"[a-z]{1,20}(?:\.(?:[A-Za-z_-]{1,60}|v[0-9]{1,3})){1,8}|[A-Z_]{1,60}")
_TIME = re.compile(
    r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}[Tt _][0-9:.,]{4,20} ?(?:[Zz]|UTC|GMT|[+-][0-9:]{2,5})?"
)

# Members whose texts say nothing of a person, as long as they are of this kind.
SHOWN = {
    "specversion": re.compile(r"[0-9]{1,2}(?:\.[0-9]{1,2}){0,2}"),
    "datacontenttype": MEDIA_TYPE,
    "connectedNetworkType": re.compile(r"[2-9]G|[A-Z_]{1,20}"),
    "countryCode": re.compile(r"[0-9]{1,4}"),
    **dict.fromkeys(("type", "eventType"), _TYPE),
    **dict.fromkeys(("time", "eventTime"), _TIME),
    **dict.fromkeys(("roaming", "deviceStatus", "reachabilityType"), _WORD),
    **dict.fromkeys(("countryName", "ountryName"), _WORD),
    **dict.fromkeys(("terminationReason", "initiationReason", "updateReason"), _WORD),
}

# With these a line is read that has no headers, and they say no more than the body.
UNTOLD = frozenset({"application/json", "application/cloudevents-batch+json"})

# An example shows the kind of a fault, not the whole of an endless body.
LENGTH_MAX = 60
MEMBERS_MAX = 40
ITEMS_MAX = 5
DEPTH_MAX = 8
CUT = "…"


class Masks:
    """The masks of one report: the same text has the same number, which says nothing of it."""

    def __init__(self) -> None:
        self._numbers: dict[object, int] = {}

    def mask_notification(self, body: bytes) -> object:
        """Returns a notification as JSON values; a text that says so if it is none."""
        try:
            document = json.loads(body)
        except (ValueError, RecursionError):
            return f"not shown: {len(body)} bytes that are no JSON"
        return self._mask("", document, DEPTH_MAX)

    def _mask(self, name: str, value: object, depth: int) -> object:
        if depth == 0 and isinstance(value, dict | list):
            return CUT
        if isinstance(value, Mapping):
            members = list(value.items())
            masked = {
                self._mask_name(member): self._mask(member, inner, depth - 1)
                for member, inner in members[:MEMBERS_MAX]
            }
            return masked if len(members) <= MEMBERS_MAX else masked | {CUT: CUT}
        if isinstance(value, list):
            masked_items = [self._mask(name, item, depth - 1) for item in value[:ITEMS_MAX]]
            return masked_items if len(value) <= ITEMS_MAX else [*masked_items, CUT]
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return self._mask_text(name, value)
        if name == "countryCode" and isinstance(value, int | float) and abs(value) < 10_000:
            return value
        return self._hide(value, f"number {value!r}", kept=len("number "))

    def _mask_name(self, name: str) -> str:
        is_plain = NAME.fullmatch(name) and not DIGITS_IN_NAME.search(name)
        return name if is_plain else self._hide(name, name)

    def _mask_text(self, name: str, text: str) -> str:
        kind = SHOWN.get(name)
        is_shown = text == "" or (kind is not None and kind.fullmatch(text))
        return text if is_shown else self._hide(text, text)

    def _hide(self, value: object, text: str, kept: int = 0) -> str:
        number = self._numbers.setdefault(value, len(self._numbers) + 1)
        shape = "".join(map(_shape, text[kept : kept + LENGTH_MAX]))
        cut = CUT if len(text) > kept + LENGTH_MAX else ""
        return f"{text[:kept]}{shape}{cut} (masked {number})"


def mask_type(word: str) -> str:
    """Returns the type of an event, or only the shape of what is no such word."""
    if _TYPE.fullmatch(word):
        return word
    return f"{''.join(map(_shape, word[:LENGTH_MAX]))} (masked)"


def show_media_type(headers: Mapping[str, str]) -> str | None:
    """Returns the media type of a request, if it says something and may be shown."""
    sent = headers.get("content-type", "")
    return sent if sent not in UNTOLD and MEDIA_TYPE.fullmatch(sent) else None


def _shape(char: str) -> str:
    """Returns what is shown of a character: whether it is a digit, a letter or punctuation."""
    if char.isdecimal():
        return "0"
    if char.isascii() and char.isprintable() and not char.isalpha():
        return char
    return "x"
