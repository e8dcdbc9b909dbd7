"""The format and the place that a question for an export means."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from receiver.api.exports.questions import ExportQuestion
from receiver.errors import InvalidArgument
from receiver.store.events.keys import EventKey, write_event_id
from receiver.store.events.selection import Position
from receiver.store.exports.formats import Format

CHOICES = [
    (None, None, Format.NDJSON),
    (None, "*/*", Format.NDJSON),
    (None, "application/json", Format.NDJSON),
    (None, "Text/CSV; q=0.5, application/x-ndjson", Format.CSV),
    (None, "text/html,application/vnd.apache.parquet", Format.PARQUET),
    (Format.CSV, "application/x-ndjson", Format.CSV),
]


@pytest.mark.parametrize(("asked", "accept", "chosen"), CHOICES)
def test_the_question_decides_and_then_the_header(
    asked: Format | None, accept: str | None, chosen: Format
) -> None:
    assert ExportQuestion(format=asked).choose_format(accept) is chosen


def test_an_export_goes_on_behind_the_event_of_an_id() -> None:
    stored_at = datetime(2026, 3, 1, tzinfo=UTC)
    event_id = write_event_id(EventKey(UUID(int=1), stored_at, 7))
    assert ExportQuestion.model_validate({"afterId": event_id}).begin_after() == Position(
        stored_at, stored_at, 7
    )
    assert ExportQuestion().begin_after() is None
    with pytest.raises(InvalidArgument, match="afterId: must be the id of an event"):
        ExportQuestion.model_validate({"afterId": "x"}).begin_after()
