"""Senders as JSON: what came from whom in a window of time, and what of it was refused."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Literal

from pydantic import ConfigDict, Field

from receiver.api.answers.resource import Resource, Time
from receiver.api.senders import examples
from receiver.events.findings import Finding
from receiver.store.quarantine.keys import write_quarantine_id
from receiver.store.senders.sent import Found, Refusals, Sender, Sent


class Lateness(Resource):
    """From the time of the sender to the arrival; below 0 its clock is ahead of ours."""

    p50_seconds: float = Field(description="Of half of the events at most.")
    p99_seconds: float = Field(description="Of 99 in 100 at most.")
    max_seconds: float = Field(description="Of all.")


class SlotCount(Resource):
    """The events that were stored in a short time."""

    at: Time = Field(description="When it begins.")
    events: int = Field(ge=1, description="How many.")


class DayCount(Resource):
    """The events with a finding that were stored on one day."""

    day: date = Field(description="In UTC.")
    events: int = Field(ge=1, description="How many.")


class FindingCount(Resource):
    """What a sender got wrong."""

    finding: Finding = Field(description="By name; see the page of findings.")
    events: int = Field(ge=1, description="How many events have it.")
    latest_at: Time = Field(description="When the latest of them arrived.")
    latest_event_id: str = Field(description="`id` of the latest of them, which shows it.")
    days: list[DayCount] = Field(description="Those with any, the earliest first.")

    @classmethod
    def of(cls, found: Sequence[Found]) -> "FindingCount":
        """Returns what the days of one finding add up to."""
        latest = found[-1]
        return cls(
            finding=Finding(latest.finding),
            events=sum(one.events for one in found),
            latest_at=latest.latest_at,
            latest_event_id=latest.latest_id,
            days=[DayCount(day=one.day, events=one.events) for one in found],
        )


class SenderResource(Resource):
    """What came from one source under one credential, or from all sources of it."""

    credential: str = Field(description="The name of the credential.")
    source: str | None = Field(
        default=None,
        description="As sent; absent: of events that name none, or `by` is `credential`.",
    )
    sources: int | None = Field(
        default=None, description="How many there are, where `by` is `credential`."
    )
    first_heard_at: Time = Field(description="When the earliest of the events arrived.")
    last_heard_at: Time = Field(description="When the latest of them arrived.")
    events: int = Field(ge=1, description="How many events; a redelivery is none.")
    duplicates: int = Field(ge=0, description="Deliveries after the first one, of all of them.")
    ahead: int = Field(ge=0, description="Events whose time lay after their arrival.")
    lateness: Lateness = Field(description="How late they arrived.")
    longest_pause_seconds: float | None = Field(
        default=None,
        description="The longest time between two of them, one stored after the other; absent: "
        "there is one.",
    )
    is_silent: Literal[True] | None = Field(
        default=None,
        description="Nothing came for more than three times the longest pause, and for an hour at "
        "least. Absent also where fewer than 10 events show no rhythm, or `to` is past.",
    )
    slots: list[SlotCount] = Field(
        description="By time of storing, the earliest first; those without an event are left out."
    )
    findings: list[FindingCount] = Field(description="The most frequent first.")

    @classmethod
    def of(cls, sender: Sender) -> "SenderResource":
        """Returns the JSON of one sender."""
        median, ninety_nine, most = sender.lateness
        findings = [
            FindingCount.of(list(found))
            for _, found in groupby(sender.findings, key=attrgetter("finding"))
        ]
        return cls(
            credential=sender.credential,
            source=sender.source,
            sources=sender.sources,
            first_heard_at=sender.first_at,
            last_heard_at=sender.last_at,
            events=sender.events,
            duplicates=sender.duplicates,
            ahead=sender.ahead,
            lateness=Lateness(
                p50_seconds=round(median, 3),
                p99_seconds=round(ninety_nine, 3),
                max_seconds=round(most, 3),
            ),
            longest_pause_seconds=sender.longest_pause_seconds,
            is_silent=True if sender.is_silent else None,
            slots=[SlotCount(at=slot.at, events=slot.events) for slot in sender.slots],
            findings=sorted(findings, key=lambda one: (-one.events, one.finding)),
        )


class RefusalCount(Resource):
    """The notifications that were refused for one reason."""

    reason: str = Field(description="As the sender was told, with `N` for each number in it.")
    notifications: int = Field(ge=1, description="How many arrived in the window.")
    waiting: int = Field(ge=0, description="How many of them wait in quarantine.")
    latest_at: Time = Field(description="When the latest of them arrived.")
    latest_id: str | None = Field(
        default=None, description="`id` of the latest of them in quarantine; admins are told."
    )

    @classmethod
    def of(cls, refused: Refusals, *, is_id_told: bool) -> "RefusalCount":
        """Returns the JSON of one reason."""
        return cls(
            reason=refused.reason,
            notifications=refused.notifications,
            waiting=refused.waiting,
            latest_at=refused.latest_at,
            latest_id=write_quarantine_id(refused.latest_key) if is_id_told else None,
        )


class CredentialResource(Resource):
    """A credential that may send, or whose notifications were refused."""

    credential: str = Field(description="Its name.")
    last_used_at: Time | None = Field(
        default=None,
        description="When it was last admitted, to the minute, in or before the window; absent: "
        "never, or it is none of ours that may send now.",
    )
    refused: list[RefusalCount] = Field(description="The most frequent reason first.")


class SendersResource(Resource):
    """Everybody who sent in a window of time."""

    model_config = ConfigDict(json_schema_extra={"example": examples.SENDERS})

    as_of: Time = Field(description="When it was asked; a few seconds ago at most.")
    from_: Time = Field(alias="from", description="When the window begins.")
    to: Time = Field(description="When it ends.")
    counted_from: Time = Field(
        description="When the earliest of the events was stored that were looked at: the newest "
        "50,000. It is `from` where all were."
    )
    is_complete: bool = Field(
        description="Whether all events were looked at, and all of the newest 10,000 refused "
        "notifications."
    )
    slot_seconds: int = Field(description="The length of a slot: an hour, or a day.")
    senders: list[SenderResource] = Field(
        description="Each source of each credential, or each credential; most events first."
    )
    left_out: int = Field(ge=0, description="How many more there are than the 100 in `senders`.")
    credentials: list[CredentialResource] = Field(description="By name.")
    waiting: int = Field(
        ge=0,
        description="How many notifications wait in quarantine, whenever they arrived; of more "
        "than 10,000 so many are counted.",
    )

    @classmethod
    def of(cls, sent: Sent, *, are_ids_told: bool) -> "SendersResource":
        """Returns the JSON of an answer.

        Args:
            are_ids_told: those of refused notifications.
        """
        return cls.model_validate(
            {
                "as_of": sent.as_of,
                "from": sent.selection.start,
                "to": sent.selection.end or sent.as_of,
                "counted_from": sent.counted_from,
                "is_complete": sent.is_complete,
                "slot_seconds": sent.selection.step_seconds,
                "senders": [SenderResource.of(sender) for sender in sent.senders],
                "left_out": sent.left_out,
                "credentials": _list_credentials(sent, are_ids_told=are_ids_told),
                "waiting": sent.waiting,
            }
        )


def _list_credentials(sent: Sent, *, are_ids_told: bool) -> list[CredentialResource]:
    refused: defaultdict[str, list[RefusalCount]] = defaultdict(list)
    for one in sent.refusals:
        refused[one.credential].append(RefusalCount.of(one, is_id_told=are_ids_told))
    used = {one.credential: one.last_used_at for one in sent.admitted}
    return [
        CredentialResource(
            credential=name, last_used_at=used.get(name), refused=refused.get(name, [])
        )
        for name in sorted({*used, *refused})
    ]
