"""What the status says, as words with a tone: from the JSON of the API to what pages show."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from receiver.api.console.countries import find_country
from receiver.api.console.rendering import moment

# The classes of the style sheet that colour words, dots and bands.
Tone = Literal["good", "some", "bad", "unknown"]

UNKNOWN_WORD = "Unknown"

_CONNECTIVITY: Mapping[str, tuple[str, Tone]] = {
    "CONNECTED_DATA": ("Data", "good"),
    "CONNECTED_SMS": ("SMS only", "some"),
    "CONNECTED": ("Connected", "good"),
    "NOT_CONNECTED": ("Not connected", "bad"),
}
_NETWORK_TYPE: Mapping[str, tuple[str, Tone]] = {
    "5G": ("5G", "good"),
    "4G": ("4G", "good"),
    "3G": ("3G", "some"),
    "2G": ("2G", "some"),
    # The network says that it cannot tell: that is known.
    "UNKNOWN": ("Undetermined", "some"),
}
_BECAUSE = {
    "never-reported": "no event has told it",
    "subscription-ended": "its subscription ended",
    "subscription-inactive": "its subscription became inactive",
    "not-kept": "the events of that time are kept no more",
}

_REASONS = ("initiationReason", "updateReason", "terminationReason")

Register = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of one part of a status.

    Attributes:
        word: the value for people.
        tone: what colours it.
        note: since when, or why it is not known and what was known before.
    """

    word: str
    tone: Tone
    note: str


def tell_connectivity(register: Register) -> Told:
    """Tells whether the network reaches the device.

    Args:
        register: `connectivity` of a status, as the API answers it.
    """
    return _tell(register, word_of_connectivity)


def tell_roaming(register: Register) -> Told:
    """Tells whether the device roams, and where; likewise."""
    if register.get("unknown") or not register["value"]:
        return _tell(register, _word_of_roaming)
    where = find_country(register)
    word = "Roaming" if where is None else f"Roaming, {where.name}"
    return Told(word, "some", _since(register))


def tell_network_type(register: Register) -> Told:
    """Tells the generation of the network; likewise."""
    return _tell(register, word_of_network_type)


def word_of_connectivity(value: object) -> tuple[str, Tone]:
    """Returns the word and the tone of a value; of one that is not known, itself."""
    return _CONNECTIVITY.get(str(value), (str(value), "some"))


def _word_of_roaming(value: object) -> tuple[str, Tone]:
    return ("Roaming", "some") if value else ("Home network", "good")


def word_of_network_type(value: object) -> tuple[str, Tone]:
    """Returns the word and the tone of a value, likewise."""
    return _NETWORK_TYPE.get(str(value), (str(value), "some"))


def say_reason(reason: str) -> str:
    """Returns why a value is not known, as the end of a sentence."""
    return _BECAUSE.get(reason, reason)


def say_event(event: Mapping[str, Any]) -> str:
    """Returns what an event says, in words; empty: nothing that people need a word for.

    Args:
        event: as the API answers it.
    """
    status = event["status"]
    words = []
    if "connectivity" in status:
        words.append(word_of_connectivity(status["connectivity"])[0])
    if "roaming" in status:
        words.append(_word_of_roaming(status["roaming"])[0])
    where = find_country(status)
    if where is not None:
        words.append(where.name)
    if "connectedNetworkType" in status:
        words.append(word_of_network_type(status["connectedNetworkType"])[0])
    words += [say_word(status[name]) for name in _REASONS if name in status]
    return ", ".join(words)


def name_device(event: Mapping[str, Any]) -> str:
    """Returns the identifier that an event reports, or the beginning of the device's id."""
    device = event["device"]
    address = device.get("ipv4Address", {}).get("publicAddress") or device.get("ipv6Address")
    name: str = (
        device.get("phoneNumber")
        or device.get("networkAccessIdentifier")
        or address
        or event["deviceId"][:8]
    )
    return name


def say_length(length: timedelta) -> str:
    """Returns a length of time in its two largest units; a negative one is early."""
    if length < timedelta():
        return f"{say_length(-length)} early"
    seconds = length.total_seconds()
    if seconds < 60:
        return f"{seconds:.1f} s" if 0 < seconds < 10 else f"{seconds:.0f} s"
    parts: list[tuple[int, str]] = []
    rest = round(seconds)
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1)):
        count, rest = divmod(rest, size)
        if count or parts:
            parts.append((count, unit))
    return " ".join(f"{count} {unit}" for count, unit in parts[:2] if count)


def say_word(word: str) -> str:
    """Returns a word of CAMARA's in capitals as people write it."""
    return word.replace("_", " ").lower()


def _tell(register: Register, word_of: Any) -> Told:
    if not register.get("unknown"):
        word, tone = word_of(register["value"])
        return Told(word, tone, _since(register))
    reason = say_reason(register["because"])
    last = register.get("last")
    if last is None:
        return Told(UNKNOWN_WORD, "unknown", reason)
    where = find_country(last)
    before, _ = word_of(last["value"])
    place = "" if where is None else f", {where.name}"
    return Told(
        UNKNOWN_WORD, "unknown", f"was {before}{place} until {reason} {moment(register['at'])}"
    )


def _since(register: Register) -> str:
    return f"since {moment(register['since'])}"
