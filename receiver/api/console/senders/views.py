"""What the screen of senders shows, from the answer of `GET /senders`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from receiver.api.console.senders.bars import LARGE, SMALL, Bars, draw_bars
from receiver.api.console.senders.texts import shorten, show_marks
from receiver.api.console.values import say_length

# What is later than this is of little use for what happens now.
LATE_SECONDS = 300.0

# Characters of a source that are shown.
SOURCE_LENGTH = 300

Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SenderRow:
    """What came from one source, or from a credential.

    Attributes:
        source: shortened; None: its events name none, or it stands for all sources.
        sources: how many they are.
        rate: events in the unit of the slots.
        p50, p99: how late events arrive, in words.
        findings: each with how many events have it.
    """

    source: str | None
    sources: int
    last_heard_at: str
    is_silent: bool
    events: int
    rate: str
    bars: Bars
    p50: str
    p99: str
    is_late: bool
    duplicates: int
    ahead: int
    findings: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class CredentialCard:
    """A credential: what came of it, and what of that was refused.

    Attributes:
        sent: None: nothing was stored.
        last_used_at: None: never, or it is not known.
        refused: as the API has it.
        refused_total, waiting: of all reasons.
        needs_a_look: whether nothing comes from somebody who sent before.
    """

    credential: str
    last_used_at: str | None
    sent: SenderRow | None
    refused: Sequence[Mapping[str, Any]]
    refused_total: int
    waiting: int
    needs_a_look: bool


def list_cards(answer: Answer) -> list[CredentialCard]:
    """Returns a card for each credential: silent ones first, then those with the most events.

    Args:
        answer: to a question by credential.
    """
    rows = {one["credential"]: _row(one, answer, LARGE) for one in answer["senders"]}
    known = {one["credential"]: one for one in answer["credentials"]}
    cards = []
    for name in {**rows, **known}:
        told, sent = known.get(name, {}), rows.get(name)
        refused = told.get("refused", [])
        last_used_at = told.get("lastUsedAt")
        cards.append(
            CredentialCard(
                credential=name,
                last_used_at=last_used_at,
                sent=sent,
                refused=refused,
                refused_total=sum(one["notifications"] for one in refused),
                waiting=sum(one["waiting"] for one in refused),
                needs_a_look=_is_missing(last_used_at, answer) if sent is None else sent.is_silent,
            )
        )
    return sorted(
        cards,
        key=lambda card: (
            not card.needs_a_look,
            0 if card.sent is None else -card.sent.events,
            card.credential,
        ),
    )


def list_sources(answer: Answer) -> list[SenderRow]:
    """Returns a row for each source, those with the most events first.

    Args:
        answer: to a question by source, for one credential.
    """
    return [_row(one, answer, SMALL) for one in answer["senders"]]


def list_found(answer: Answer, finding: str) -> list[tuple[Answer, Answer]]:
    """Returns the senders whose events have a finding, with what was counted, most events first."""
    found = [
        (sender, one)
        for sender in answer["senders"]
        for one in sender["findings"]
        if one["finding"] == finding
    ]
    return sorted(found, key=lambda pair: -pair[1]["events"])


def is_whole(answer: Answer) -> bool:
    """Whether a sender that an answer does not have sent nothing in its window."""
    return bool(answer["isComplete"]) and not answer["leftOut"]


def _is_missing(last_used_at: str | None, answer: Answer) -> bool:
    """Whether nothing came from a credential that was used once; not where that is not known."""
    if last_used_at is None:
        return False
    return is_whole(answer) or last_used_at < answer["from"]


def _row(sender: Answer, answer: Answer, size: tuple[float, float]) -> SenderRow:
    lateness, source = sender["lateness"], sender.get("source")
    counted_from = datetime.fromisoformat(answer["countedFrom"])
    end = datetime.fromisoformat(answer["to"])
    return SenderRow(
        source=None if source is None else shorten(show_marks(source), SOURCE_LENGTH),
        sources=sender.get("sources", 1),
        last_heard_at=sender["lastHeardAt"],
        is_silent="isSilent" in sender,
        events=sender["events"],
        rate=_say_rate(sender["events"], (end - counted_from).total_seconds()),
        bars=draw_bars(
            sender["slots"],
            start=datetime.fromisoformat(answer["from"]),
            end=end,
            counted_from=counted_from,
            slot_seconds=answer["slotSeconds"],
            size=size,
        ),
        p50=say_length(timedelta(seconds=lateness["p50Seconds"])),
        p99=say_length(timedelta(seconds=lateness["p99Seconds"])),
        is_late=lateness["p99Seconds"] >= LATE_SECONDS,
        duplicates=sender["duplicates"],
        ahead=sender["ahead"],
        findings=tuple((one["finding"], one["events"]) for one in sender["findings"]),
    )


def _say_rate(events: int, seconds: float) -> str:
    """Returns events in the shortest time that has some of them."""
    rate = events / max(seconds, 1.0)
    for unit, length in (("s", 1), ("min", 60), ("h", 3600)):
        if rate * length >= 1:
            return f"{rate * length:,.0f}/{unit}"
    return f"{rate * 86_400:.0f}/d"
