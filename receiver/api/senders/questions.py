"""The question about senders, and the window of time that it means."""

from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import Field
from typing_extensions import TypeAliasType

from receiver.api.paging import Question, Texts, TimeFilter
from receiver.errors import InvalidArgument
from receiver.store.senders.sent import SendersSelection

DEFAULT = timedelta(hours=24)
LONGEST = timedelta(days=31)

# Of longer windows the events are counted by day.
BY_HOUR = timedelta(days=7)
HOUR_SECONDS, DAY_SECONDS = 3600, 86_400


By = TypeAliasType("By", Literal["source", "credential"])


class SendersQuestion(Question):
    """Asks for what was stored in a window of time."""

    from_: TimeFilter | None = Field(
        default=None,
        alias="from",
        description="When events were stored, inclusive; 24 hours before the end where absent, and "
        "31 days at most.",
    )
    to: TimeFilter | None = Field(default=None, description="Exclusive; the present where absent.")
    by: By = Field(
        default="source",
        description="Whether each source of a credential counts by itself, or all together.",
    )
    credential: Texts = Field(
        default=[],
        description="The name of the sending credential. Events of others are looked at too.",
    )

    def select(self, now: datetime) -> SendersSelection:
        """Returns what is asked for; a window without a beginning begins at a full minute, so as
        to be shared.

        Raises:
            InvalidArgument: it ends before it begins, or is too long.
        """
        end = None if self.to is None or self.to >= now else self.to.astimezone(UTC)
        last = end or now
        if self.from_ is None:
            start = (last - DEFAULT).replace(second=0, microsecond=0)
        else:
            start = self.from_.astimezone(UTC)
            if start >= last:
                raise InvalidArgument("from: must lie before `to`, and before the present")
            if last - start > LONGEST:
                raise InvalidArgument("from: must lie at most 31 days before `to`")
        step = HOUR_SECONDS if last - start <= BY_HOUR else DAY_SECONDS
        return SendersSelection(
            start, end, step, self.by == "source", tuple(sorted(set(self.credential)))
        )
