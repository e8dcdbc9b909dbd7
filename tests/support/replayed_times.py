"""What was when, by a replay: intervals, roaming sessions, availability, as they are answered."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from tests.support.replay import Replay, Stretch, write_time

MICROSECOND = timedelta(microseconds=1)


class Span(NamedTuple):
    """A stretch with its end, within a range of time.

    Attributes:
        value: of the stretch; also where it was unknown, and then it is the last that was known.
        because: why the value was not known; None: it was.
        after: why it was not known what came next; None: it was, or the range ends.
    """

    from_at: datetime
    to_at: datetime
    value: object
    because: str | None
    after: str | None
    began_earlier: bool
    ends_later: bool


def list_spans(
    replay: Replay, device: str, axis: str, start: datetime, end: datetime
) -> list[Span]:
    """What was true from `start` to `end`, without what lasted for no time."""
    far = datetime.max.replace(tzinfo=UTC)
    never = Stretch(datetime.min.replace(tzinfo=UTC), None, start, "never-reported")
    stretches = [never, *replay.stretches(device, axis), Stretch(far, None, far)]
    lasting = [one for one, following in pairwise(stretches) if one.from_at < following.from_at]
    spans = []
    for one, following in pairwise([*lasting, stretches[-1]]):
        if one.from_at < end and following.from_at > start:
            is_cut = following.from_at > end
            spans.append(
                Span(
                    max(one.from_at, start),
                    min(following.from_at, end),
                    one.value,
                    one.because,
                    None if is_cut else following.because,
                    one.from_at < start and one is not never,
                    is_cut,
                )
            )
    return spans


def list_intervals(
    replay: Replay, device: str, axis: str, start: datetime, end: datetime
) -> list[dict[str, Any]]:
    """The items of `GET /devices/{deviceId}/intervals?order=asc`."""
    return [
        {
            **({"value": span.value} if span.because is None else _unknown(span.because)),
            **_write_span(span),
        }
        for span in list_spans(replay, device, axis, start, end)
    ]


def list_sessions(
    replay: Replay, device: str, start: datetime, end: datetime
) -> list[dict[str, Any]]:
    """The items of `GET /devices/{deviceId}/roaming-sessions?order=asc`."""
    return [
        {
            **_write_span(span),
            **({} if span.after is None else {"because": span.after}),
            "countries": [
                {
                    "from": write_time(stay.from_at),
                    "to": write_time(stay.to_at),
                    "countryCode": stay.value[0],
                    "countryName": list(stay.value[1]),
                }
                for stay in list_spans(replay, device, "country", span.from_at, span.to_at)
                if stay.because is None and isinstance(stay.value, tuple)
            ],
        }
        for span in list_spans(replay, device, "roaming", start, end)
        if span.because is None and span.value is True
    ]


def measure_days(
    replay: Replay, device: str, start: datetime, end: datetime
) -> list[dict[str, Any]]:
    """The days of `GET /devices/{deviceId}/availability`; `start` and `end` are midnights."""
    days = [start + timedelta(days=number) for number in range((end - start).days)]
    return [
        {
            "day": f"{day:%Y-%m-%d}",
            **measure(list_spans(replay, device, "connectivity", day, day + timedelta(days=1))),
        }
        for day in days
    ]


def measure(spans: Sequence[Span]) -> dict[str, Any]:
    """How long each value was true, in seconds; what was not known stands apart."""
    lengths: dict[str, int] = {}
    unknown = 0
    for span in spans:
        length = (span.to_at - span.from_at) // MICROSECOND
        if span.because is None:
            lengths[str(span.value)] = lengths.get(str(span.value), 0) + length
        else:
            unknown += length
    gone = lengths.get("NOT_CONNECTED", 0)
    return {
        "availableSeconds": (sum(lengths.values()) - gone) / 1_000_000,
        "unavailableSeconds": gone / 1_000_000,
        "unknownSeconds": unknown / 1_000_000,
        "seconds": {value: length / 1_000_000 for value, length in lengths.items()},
    }


def _unknown(because: str) -> dict[str, Any]:
    return {"unknown": True, "because": because}


def _write_span(span: Span) -> dict[str, Any]:
    return {
        "from": write_time(span.from_at),
        "to": write_time(span.to_at),
        "seconds": (span.to_at - span.from_at) / timedelta(seconds=1),
        **({"beganEarlier": True} if span.began_earlier else {}),
        **({"endsLater": True} if span.ends_later else {}),
    }
