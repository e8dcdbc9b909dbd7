"""`.venv/bin/python docs/pictures/timeline.py` draws `timeline.svg` from `timeline.json`.

The JSON is a CloudEvents batch about one phone. The service's own parser reads it.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from typing import NamedTuple

from receiver.events.event import Event, Kind
from receiver.events.forms.batch import split_batch
from receiver.events.forms.structured import read_structured
from receiver.events.registry import understand

HERE = Path(__file__).parent
BATCH = HERE / "timeline.json"
PICTURE = HERE / "timeline.svg"

BEGIN = datetime(2026, 4, 17, 4, tzinfo=UTC)
END = datetime(2026, 4, 19, 0, tzinfo=UTC)
TICK = timedelta(hours=4)

# In pixels of the view box.
WIDTH = 920
LEFT = 132
RIGHT = 36
TOP = 66
LANE_HEIGHT = 56
BAR_HEIGHT = 26
# A bar narrower than this has no room for its label.
LABEL_MIN = 34
LETTER = 6.3

STYLE = """
  .card { fill: #ffffff; stroke: #d0d7de }
  text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328 }
  .title { font-weight: 600; font-size: 15px }
  .soft { fill: #59636e; font-size: 12px }
  .grid { stroke: #d0d7de; stroke-dasharray: 2 4 }
  .bar { stroke: none }
  .bar-text { font-size: 12px; text-anchor: middle; fill: #1f2328 }
  .good { fill: #aceebb } .middle { fill: #fae17d } .bad { fill: #ffcecb }
  .calm { fill: #e6eaef } .abroad { fill: #b6e3ff } .far { fill: #d8c6ff }
  .event { fill: #1f2328; stroke: #ffffff; stroke-width: 1.5 }
  .finding { fill: #ffffff; stroke: #bc4c00; stroke-width: 2.5 }
  @media (prefers-color-scheme: dark) {
    .card { fill: #0d1117; stroke: #3d444d }
    text { fill: #f0f6fc }
    .soft { fill: #9198a1 }
    .grid { stroke: #3d444d }
    .bar-text { fill: #f0f6fc }
    .good { fill: #196c2e } .middle { fill: #845306 } .bad { fill: #8e1519 }
    .calm { fill: #2f3742 } .abroad { fill: #0c5aa6 } .far { fill: #6639ba }
    .event { fill: #f0f6fc; stroke: #0d1117 }
    .finding { fill: #0d1117; stroke: #f0883e }
  }
"""


class Said(NamedTuple):
    """What an event says on a lane.

    Attributes:
        label: the text in the bar; empty: the bar ends here.
        style: the class of the bar.
    """

    label: str
    style: str


class Lane(NamedTuple):
    """One row of the picture.

    Attributes:
        said: what an event says here; None: nothing.
    """

    title: str
    said: Callable[[Event], Said | None]


def connectivity(event: Event) -> Said | None:
    """Reads the connectivity an event says."""
    return {
        "CONNECTED_DATA": Said("data", "good"),
        "CONNECTED_SMS": Said("SMS", "middle"),
        "NOT_CONNECTED": Said("not connected", "bad"),
    }.get(event.status.connectivity or "")


def roaming(event: Event) -> Said | None:
    """Reads the country an event says, or that the phone is at home."""
    countries = event.status.country_name
    if countries:
        return Said(" ".join(countries), "far" if "ES" in countries else "abroad")
    if event.status.roaming is None:
        return None
    return Said("roaming", "abroad") if event.status.roaming else Said("home", "calm")


def network_type(event: Event) -> Said | None:
    """Reads the network type an event says."""
    name = event.status.connected_network_type
    return None if name is None else Said(name, "good" if name == "5G" else "calm")


def subscription(event: Event) -> Said | None:
    """Reads whether a subscription began or ended."""
    if event.kind is not Kind.SUBSCRIPTION:
        return None
    if event.status.termination_reason is not None:
        return Said("", "")
    return Said(f"subscription {event.subscription_id}", "calm")


LANES = (
    Lane("Connectivity", connectivity),
    Lane("Roaming", roaming),
    Lane("Network type", network_type),
    Lane("Subscription", subscription),
)


def picture(events: Sequence[Event]) -> str:
    """Draws the events of one device.

    Args:
        events: in the order of `occurred_at`.

    Returns:
        an SVG document.
    """
    height = TOP + len(LANES) * LANE_HEIGHT + 52
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}">',
        "<title>The events of one phone over two days</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="card" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="8"/>',
        _text(24, 32, "title", f"{events[0].device.phone_number}"),
        _text(LEFT + 40, 32, "soft", f"{len(events)} events, 17 and 18 April 2026, UTC"),
        *_grid(height),
    ]
    for number, lane in enumerate(LANES):
        parts += _lane(lane, events, TOP + number * LANE_HEIGHT)
    parts += _legend(height - 16)
    return "\n".join([*parts, "</svg>", ""])


def _lane(lane: Lane, events: Sequence[Event], top: int) -> Iterator[str]:
    middle = top + LANE_HEIGHT // 2
    yield _text(24, middle + 4, "", lane.title)
    said = [(event, words) for event in events if (words := lane.said(event)) is not None]
    ends = [event.occurred_at for event, _ in said[1:]] + [END]
    for (event, words), end in zip(said, ends, strict=True):
        if words.label:
            yield from _bar(_x(event.occurred_at), _x(end), middle, words)
    for event, words in said:
        style = "finding" if event.findings else "event"
        x = _x(event.occurred_at)
        yield f'<circle class="{style}" cx="{x}" cy="{middle - BAR_HEIGHT // 2}" r="4.5"/>'
        if not words.label:
            reason = (event.status.termination_reason or "").replace("_", " ").lower()
            yield _text(x + 8, middle + 4, "soft", reason.removeprefix("subscription "))


def _bar(left: float, right: float, middle: int, words: Said) -> Iterator[str]:
    width = round(right - left, 1)
    if width <= 0:
        return
    top = middle - BAR_HEIGHT // 2
    yield (
        f'<rect class="bar {words.style}" x="{left}" y="{top}" width="{width}" '
        f'height="{BAR_HEIGHT}" rx="3"/>'
    )
    if width >= max(LABEL_MIN, LETTER * len(words.label)):
        yield _text(round(left + width / 2, 1), middle + 4, "bar-text", words.label)


def _grid(height: int) -> Iterator[str]:
    time = BEGIN
    while time <= END:
        x = _x(time)
        yield f'<line class="grid" x1="{x}" y1="{TOP}" x2="{x}" y2="{height - 40}"/>'
        yield _text(x - 16, TOP - 8, "soft", f"{time:%H:%M}")
        time += TICK


def _legend(bottom: int) -> Iterator[str]:
    yield f'<circle class="event" cx="{LEFT + 5}" cy="{bottom - 4}" r="4.5"/>'
    yield _text(LEFT + 16, bottom, "soft", "event")
    yield f'<circle class="finding" cx="{LEFT + 75}" cy="{bottom - 4}" r="4.5"/>'
    yield _text(LEFT + 86, bottom, "soft", "event with a finding: phone-number-without-plus")


def _text(x: float, y: float, style: str, words: str) -> str:
    named = f' class="{style}"' if style else ""
    return f'<text{named} x="{x}" y="{y}">{escape(words)}</text>'


def _x(time: datetime) -> float:
    return round(LEFT + (time - BEGIN) / (END - BEGIN) * (WIDTH - LEFT - RIGHT), 1)


def events() -> list[Event]:
    """Reads the batch, in the order of `occurred_at`."""
    found = [
        understand(read_structured(*member), END) for member in split_batch(BATCH.read_bytes())
    ]
    return sorted(found, key=lambda event: event.occurred_at)


if __name__ == "__main__":
    PICTURE.write_text(picture(events()), encoding="utf-8")
