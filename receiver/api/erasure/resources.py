"""An erasure as JSON: what was removed, and what was found and not reached."""

from uuid import UUID

from pydantic import ConfigDict, Field

from receiver.api.answers.resource import Resource
from receiver.api.erasure import examples
from receiver.erasure.outcome import ELSEWHERE, Erased


class RemovedResource(Resource):
    """Rows that were removed."""

    devices: int = Field(description="The device, and what stood for it.")
    events: int = Field(description="Events with their payload.")
    identities: int = Field(description="What told a redelivery from a new event.")
    answers: int = Field(description="Derived rows: registers, subscriptions, identifiers.")
    seeds: int = Field(description="Events of dropped months that decided answers.")
    counts: int = Field(description="Counts of subscriptions in dropped months.")
    registrations: int = Field(description="Registrations of its subscriptions.")
    quarantined: int = Field(description="Refused notifications that named it.")
    spooled: int = Field(description="Notifications in the spool, which were not stored yet.")


class NotReachedResource(Resource):
    """What may name the device still."""

    other_events: int = Field(
        description="Events of other devices whose payload mentions it. They are not changed."
    )
    other_event_ids: list[str] = Field(description="`id` of the first hundred of them.")
    is_search_complete: bool = Field(
        description="Whether all payloads were searched; `receiver forget` has no limit of time."
    )
    spool_files: int = Field(
        description="Files of the spool that other processes have, or that are damaged: repeat "
        "the call once they are drained."
    )
    statistics: list[str] = Field(
        description="Tables whose planner statistics tell a value still, until Postgres analyzes "
        "them again."
    )
    elsewhere: list[str] = Field(description="Where this service removes nothing.")


class ErasureResource(Resource):
    """An erasure that is done."""

    model_config = ConfigDict(json_schema_extra={"example": examples.ERASURE})

    id: UUID = Field(description="Of its row in the table `erasure`, and of its audit line.")
    removed: RemovedResource
    not_reached: NotReachedResource

    @classmethod
    def of(cls, erased: Erased) -> "ErasureResource":
        return cls.model_validate(
            {
                "id": erased.erasure_id,
                "removed": erased.removed._asdict(),
                "not_reached": {
                    "other_events": erased.mentions.events,
                    "other_event_ids": list(erased.mentions.event_ids),
                    "is_search_complete": erased.mentions.is_whole,
                    "spool_files": erased.spool_files,
                    "statistics": list(erased.statistics),
                    "elsewhere": list(ELSEWHERE),
                },
            }
        )
