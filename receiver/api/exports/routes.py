"""The route of the export of events."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response

from receiver.api.access.guard import Guard
from receiver.api.answers.errors import documented
from receiver.api.answers.resource import write_time
from receiver.api.answers.streamed import StreamedAnswer
from receiver.api.exports.encoders import MEDIA_TYPES, Encoder, make_encoder
from receiver.api.exports.questions import ExportQuestion
from receiver.api.questions import examples
from receiver.errors import ConfigurationError, InvalidArgument
from receiver.events.examples import NOTIFICATION
from receiver.store.credentials.credentials import Role
from receiver.store.events.history import History
from receiver.store.events.paging.exporting import ExportedEvents
from receiver.store.exports.event_columns import COLUMNS
from receiver.store.exports.formats import Format, event_line_of

# The header that says up to when an export is whole.
STORED_BEFORE = "stored-before"

_ANSWER = {
    "description": "The events, earliest arrival first. NDJSON has an object of `GET /events/{id}` "
    "in each line; the columns of CSV and Parquet are those of the view `reporting.event`.",
    "headers": {
        "Stored-Before": {
            "description": "Every event that was stored before this time and passes the filters is "
            "in the answer, and no later one. An event that is being stored holds it back.",
            "required": True,
            "schema": {"type": "string", "format": "date-time"},
        }
    },
    "content": {
        MEDIA_TYPES[Format.NDJSON]: {
            "schema": {"type": "string"},
            "example": json.dumps({**examples.EVENT, "payload": NOTIFICATION}) + "\n",
        },
        MEDIA_TYPES[Format.CSV]: {
            "schema": {"type": "string"},
            "example": "event_id,device_id,phone_number,…\n"
            f'"{examples.EVENT["id"]}",{examples.DEVICE_ID},{examples.PHONE["phoneNumber"]},…\n',
        },
        MEDIA_TYPES[Format.PARQUET]: {
            "schema": {"type": "string", "format": "binary"},
            "example": "PAR1…",
        },
    },
}


def exports_router(*, guard: Guard, history: History) -> APIRouter:
    """Makes the route that answers with all events at once."""
    router = guard.router("events", "exports", Role.READER)

    @router.get(
        "/events/export",
        operation_id="exportEvents",
        summary="All events in one answer",
        response_class=Response,
        responses={**documented(400), 200: _ANSWER},
    )
    async def export_events(
        question: Annotated[ExportQuestion, Query()],
        accept: Annotated[str | None, Header(include_in_schema=False)] = None,
    ) -> StreamedAnswer:
        """By arrival, the earliest first, without a limit, as NDJSON, CSV or Parquet. An answer
        that is cut off has no last chunk; ask again with `afterId`. The same goes on from an export
        that is whole: nothing is missing and nothing comes twice. The call holds one of the
        questions that a credential may ask at a time."""
        format_ = question.choose_format(accept)
        try:
            encoder = make_encoder(format_, COLUMNS)
        except ConfigurationError as error:
            raise InvalidArgument(f"format: {error}") from None
        exported = await history.export(
            question.select(), event_line_of(format_), after=question.begin_after()
        )
        headers = {
            STORED_BEFORE: write_time(exported.before),
            "content-disposition": f'attachment; filename="events.{format_}"',
        }
        return StreamedAnswer(encode(exported, encoder), MEDIA_TYPES[format_], headers)

    return router


async def encode(exported: ExportedEvents, encoder: Encoder) -> AsyncGenerator[tuple[bytes, int]]:
    """Yields an export in pieces, each with the number of its events."""
    yield encoder.begin(), 0
    async with aclosing(exported.pages()) as pages:
        async for page in pages:
            for lines, _ in page:
                yield await encoder.write(lines), lines.count
    yield await encoder.end(), 0
