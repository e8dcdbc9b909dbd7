"""Events as rows of a table, and one event as a page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from receiver.api.console.device.timeline.marks import LATE, delay_of
from receiver.api.console.findings import Explanation, explain
from receiver.api.console.values import say_event, say_length

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One event.

    Attributes:
        says: its value in words.
        delay: how long after it occurred it arrived.
        is_late: whether that was long.
        event: as the API answers it.
    """

    says: str
    delay: str
    is_late: bool
    findings: tuple[Explanation, ...]
    event: Json


def list_rows(events: Iterable[Json]) -> list[Row]:
    """Returns events as rows."""
    return [make_row(event) for event in events]


def make_row(event: Json) -> Row:
    """Returns an event as a row."""
    delay = delay_of(event)
    return Row(
        says=say_event(event),
        delay=say_length(delay),
        is_late=delay >= LATE,
        findings=tuple(_explain(name) for name in event["findings"]),
        event=event,
    )


def _explain(name: str) -> Explanation:
    """Returns a finding in words; one of a newer release has its name alone."""
    return explain(name) or Explanation(name, sentence=(), rule=(), versions=())


def list_members(event: Json) -> list[tuple[str, str]]:
    """Returns what an event has, as names of the API with values; nested ones by a path."""
    return [
        (name, text)
        for name, value in event.items()
        if name not in {"payload", "findings"}
        for name, text in _flatten(name, value)
    ]


def list_identifiers(device: Json) -> list[str]:
    """Returns the identifiers in an answer of the API as people write them."""
    found = [str(device[name]) for name in IDENTIFIERS if name in device]
    ipv4 = device.get("ipv4Address", {})
    port = f":{ipv4['publicPort']}" if "publicPort" in ipv4 else ""
    if "publicAddress" in ipv4:
        found.append(f"{ipv4['publicAddress']}{port}")
    if "privateAddress" in ipv4:
        found.append(f"{ipv4['privateAddress']} (private)")
    return found


IDENTIFIERS = ("phoneNumber", "networkAccessIdentifier", "ipv6Address")


def _flatten(name: str, value: object) -> list[tuple[str, str]]:
    if isinstance(value, Mapping):
        return [pair for key, inner in value.items() for pair in _flatten(f"{name}.{key}", inner)]
    if isinstance(value, list):
        return [(name, ", ".join(str(one) for one in value))]
    return [(name, str(value).lower() if isinstance(value, bool) else str(value))]
