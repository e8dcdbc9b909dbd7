"""Subscriptions as JSON: what their events say, what was told, what is left and what is missing."""

from typing import Literal
from uuid import UUID

from pydantic import ConfigDict, Field
from typing_extensions import TypeAliasType

from receiver.api.answers.resource import Resource, Time
from receiver.api.paging import Page
from receiver.api.subscriptions import examples
from receiver.projection.ledger import INACTIVE
from receiver.projection.subscriptions.forecast import State
from receiver.projection.subscriptions.registration import Registration
from receiver.store.subscriptions.entry import Entry

# Gaps of one subscription in an answer; the latest ones are listed.
GAPS_MAX = 20

GapReason = TypeAliasType("GapReason", Literal["repeated-event", "max-events-reached"])


class RegisteredDevice(Resource):
    """The device that was told."""

    phone_number: str | None = Field(default=None, description="`+` and digits.")
    network_access_identifier: str | None = Field(default=None, description="As it was told.")


class RegistrationResource(Resource):
    """What was told when the subscription was made."""

    registered_at: Time = Field(description="When it was first told.")
    starts_at: Time | None = Field(default=None, description="When it begins.")
    expires_at: Time | None = Field(default=None, description="When it ends at the latest.")
    max_events: int | None = Field(default=None, description="After how many events it ends.")
    types: list[str] = Field(description="The event types it is for.")
    device: RegisteredDevice | None = Field(default=None, description="Which it is about.")

    @classmethod
    def of(cls, told: Registration) -> "RegistrationResource":
        device = RegisteredDevice(
            phone_number=told.phone_number,
            network_access_identifier=told.network_access_identifier,
        )
        return cls(
            registered_at=told.registered_at,
            starts_at=told.starts_at,
            expires_at=told.expires_at,
            max_events=told.max_events,
            types=list(told.types),
            device=None if told.device_id is None else device,
        )


class EventCounts(Resource):
    """Its events, counted now."""

    total: int = Field(description="Of all names.")
    by_name: dict[str, int] = Field(description="Of each name, as sent.")
    is_complete: bool = Field(
        description="Whether all were counted. If not, there are more: a list counts the latest 10 "
        "of each and more where it has the time, and the latest 10000 where `subscriptionId` or "
        "`deviceId` is asked for."
    )


class ForecastResource(Resource):
    """How much of it is left."""

    events_left: int | None = Field(
        default=None,
        description="Until the registered number is reached; absent: not all were counted.",
    )
    days_left: float | None = Field(
        default=None, description="Until the registered expiry; below 0 it passed."
    )
    rate_per_day: float = Field(
        description="Of the last seven days, or of the events that were counted if they all came "
        "later; without events about the subscription itself."
    )


class Gap(Resource):
    """What was not told."""

    because: GapReason = Field(
        description="`repeated-event`: the same was told twice in a row, though what must lie "
        "between would have been told. `max-events-reached`: the provider counted more events."
    )
    is_proven: bool = Field(description="Whether it is certain, or only suspected.")
    name: str | None = Field(default=None, description="Of the repeated event.")
    after: Time | None = Field(default=None, description="What was missed came after.")
    until: Time | None = Field(default=None, description="What was missed came before.")
    missing: int | None = Field(default=None, description="How many events are missing.")


class SubscriptionResource(Resource):
    """What is known of one subscription."""

    model_config = ConfigDict(json_schema_extra={"example": examples.SUBSCRIPTION})

    credential: str = Field(description="The name of the credential that sends its events.")
    subscription_id: str = Field(description="The provider's id.")
    as_of: Time = Field(description="Every event that was acknowledged before is in the answer.")
    state: State = Field(
        description="`ended`: it said so. `overdue`: the registered expiry passed without an end. "
        "`inactive`: it said so, and not that it is active again. `silent`: nothing came for "
        "three times its longest pause between two events, and a day at least."
    )
    uncovered: Literal[True] | None = Field(
        default=None, description="It is over, and nothing that is open tells what it told."
    )
    replaced: Literal[True] | None = Field(
        default=None,
        description="What is open beside it, and does not expire before it, tells all that it "
        "tells.",
    )
    device_ids: list[UUID] = Field(description="The devices that it is about.")
    names: list[str] = Field(description="The event names that it told, of those that are known.")
    first_at: Time | None = Field(default=None, description="When its earliest event occurred.")
    started_at: Time | None = Field(default=None, description="When it said that it started.")
    inactive_at: Time | None = Field(default=None, description="Since when it is inactive.")
    ended_at: Time | None = Field(default=None, description="When it said that it ended.")
    termination_reason: str | None = Field(default=None, description="As sent.")
    termination_description: str | None = Field(default=None, description="As sent.")
    registered: RegistrationResource | None = Field(
        default=None, description="What was told when it was made; absent: nothing was."
    )
    events: EventCounts = Field(description="What it sent.")
    last_event_at: Time | None = Field(
        default=None,
        description="When the latest of the events that were counted occurred; absent: none came.",
    )
    forecast: ForecastResource | None = Field(default=None, description="Absent: it ended.")
    gaps: list[Gap] = Field(
        description="Suspected and proven ones, the latest 20; they change no answer. They are "
        "looked for among the latest 20 events of each device, and the latest 200 where "
        "`subscriptionId` or `deviceId` is asked for. Outages of this service are not stored, and "
        "not among them."
    )

    @classmethod
    def of(cls, entry: Entry) -> "SubscriptionResource":
        told, tally, left = entry.told, entry.tally, entry.forecast
        end = None if told is None else told.end
        update = None if told is None else told.update
        is_inactive = update is not None and update[2] == INACTIVE
        credential, subscription_id = entry.key
        registration = entry.registration
        return cls(
            credential=credential,
            subscription_id=subscription_id,
            as_of=entry.as_of,
            state=entry.state,
            uncovered=True if entry.is_uncovered else None,
            replaced=True if entry.is_replaced else None,
            device_ids=list(entry.device_ids),
            names=[] if told is None else sorted(told.names),
            first_at=None if told is None else told.first_at,
            started_at=None if told is None else told.started_at,
            inactive_at=update[0] if update is not None and is_inactive else None,
            ended_at=None if end is None else end[0],
            termination_reason=None if end is None else end[2],
            termination_description=entry.description,
            registered=None if registration is None else RegistrationResource.of(registration),
            events=EventCounts(
                total=tally.total, by_name=dict(tally.counts), is_complete=tally.is_whole
            ),
            last_event_at=tally.last_at,
            forecast=None
            if left is None
            else ForecastResource(
                events_left=left.events_left,
                days_left=None if left.days_left is None else round(left.days_left, 2),
                rate_per_day=round(left.rate_per_day, 2),
            ),
            gaps=_list_gaps(entry),
        )


class SubscriptionPage(Page[SubscriptionResource]):
    """One page of the ledger."""


def _list_gaps(entry: Entry) -> list[Gap]:
    gaps = [
        Gap(
            because="repeated-event",
            is_proven=False,
            name=repeat.name,
            after=repeat.after,
            until=repeat.until,
        )
        for repeat in entry.repeats[-GAPS_MAX:]
    ]
    if entry.missing:
        gaps.append(Gap(because="max-events-reached", is_proven=True, missing=entry.missing))
    return gaps
