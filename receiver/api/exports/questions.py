"""What a reader asks of an export, and the format in which it is answered."""

from pydantic import Field

from receiver.api.exports.encoders import MEDIA_TYPES
from receiver.api.paging import Text
from receiver.api.questions.filters import EventConditions
from receiver.errors import InvalidArgument
from receiver.store.events.keys import read_event_id
from receiver.store.events.selection import Position
from receiver.store.exports.formats import Format


class ExportQuestion(EventConditions):
    """Asks for all events that pass the filters."""

    format: Format | None = Field(
        default=None,
        description="Of the answer; without it `Accept` decides, and else it is `ndjson`.",
    )
    after_id: Text | None = Field(
        default=None,
        description="The `id` of an event (`event_id` of CSV and Parquet): only what arrived after "
        "it. An export that was cut off goes on with the last event that came whole.",
    )

    def choose_format(self, accept: str | None) -> Format:
        """Returns the format that is asked for; the first of ours, where `Accept` names several.

        Args:
            accept: the header as sent; None: there is none.
        """
        if self.format is not None:
            return self.format
        for offered in (accept or "").split(","):
            media_type = offered.partition(";")[0].strip().lower()
            for format_, ours in MEDIA_TYPES.items():
                if media_type == ours:
                    return format_
        return Format.NDJSON

    def begin_after(self) -> Position | None:
        """Returns the place that the export goes on from.

        Raises:
            InvalidArgument: `afterId` is no id of an event.
        """
        if self.after_id is None:
            return None
        try:
            key = read_event_id(self.after_id)
        except ValueError:
            raise InvalidArgument("afterId: must be the id of an event") from None
        # By arrival, so the time of the event itself decides nothing.
        return Position(key.stored_at, key.stored_at, key.seq)
