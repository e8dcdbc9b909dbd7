"""Refused notifications as JSON, from rows of the quarantine."""

import base64
from typing import Any, Literal

from pydantic import ConfigDict, Field
from typing_extensions import TypeAliasType

from receiver.api.answers.resource import Resource, Time
from receiver.api.paging import Page
from receiver.api.quarantine import examples
from receiver.store.quarantine.entries import QuarantineEntry, RefusalState, RefusedBody
from receiver.store.quarantine.keys import write_quarantine_id

BodyEncoding = TypeAliasType("BodyEncoding", Literal["utf-8", "base64"])


class RefusedNotificationResource(Resource):
    """A refused notification without its headers and its body."""

    model_config = ConfigDict(json_schema_extra={"example": examples.REFUSED_NOTIFICATION})

    id: str = Field(description="Opaque.")
    received_at: Time = Field(description="By our clock.")
    credential: str = Field(description="The name of the credential that sent it.")
    reason: str = Field(description="Why it was refused, by the latest look.")
    media_type: str | None = Field(default=None, description="`Content-Type`, as sent.")
    size_bytes: int = Field(ge=0, description="Of the body.")
    state: RefusalState = Field(description="`stored` once reprocessing understood all of it.")
    reprocessed_at: Time | None = Field(
        default=None, description="When it was last parsed again; absent if it never was."
    )

    @classmethod
    def of(cls, row: QuarantineEntry) -> "RefusedNotificationResource":
        return cls(**_read_members(row))


class RefusedNotificationWithBody(RefusedNotificationResource):
    """A refused notification with its headers and its body."""

    model_config = ConfigDict(
        json_schema_extra={"example": {**examples.REFUSED_NOTIFICATION, **examples.BODY}}
    )

    headers: dict[str, str] = Field(
        description="By lower-case name; those that are needed to understand the body. Of a batch, "
        "its first refused member has them."
    )
    body_encoding: BodyEncoding = Field(description="How to read `body`.")
    body: str = Field(description="The bytes as text where they are UTF-8, else as base64.")

    @classmethod
    def of_row_and_body(
        cls, row: QuarantineEntry, refused: RefusedBody
    ) -> "RefusedNotificationWithBody":
        encoding: BodyEncoding = "utf-8"
        try:
            body = refused.body.decode()
        except UnicodeDecodeError:
            encoding, body = "base64", base64.b64encode(refused.body).decode()
        return cls(
            **_read_members(row), headers=dict(refused.headers), body_encoding=encoding, body=body
        )


class QuarantinePage(Page[RefusedNotificationResource]):
    """One page of the quarantine."""


class ReprocessingOutcome(Resource):
    """The outcome of parsing a refused notification again."""

    model_config = ConfigDict(json_schema_extra={"example": examples.REPROCESSING_OUTCOME})

    id: str = Field(description="Opaque; as in the list.")
    state: RefusalState = Field(description="`stored` if it is understood now.")
    reason: str | None = Field(default=None, description="Why it is refused still.")
    reprocessed_at: Time | None = Field(default=None, description="When it was parsed again.")

    @classmethod
    def of(cls, row: QuarantineEntry) -> "ReprocessingOutcome":
        return cls(
            id=write_quarantine_id(row.key),
            state=row.state,
            reason=row.reason if row.state is RefusalState.REFUSED else None,
            reprocessed_at=row.reprocessed_at,
        )


def _read_members(row: QuarantineEntry) -> dict[str, Any]:
    """Returns the members that every refused notification has."""
    return {
        "id": write_quarantine_id(row.key),
        "received_at": row.received_at,
        "credential": row.credential,
        "reason": row.reason,
        "media_type": row.media_type,
        "size_bytes": row.size_bytes,
        "state": row.state,
        "reprocessed_at": row.reprocessed_at,
    }
