"""The ground of a drawing: its geometry, where moments lie, and the shapes upon it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from receiver.api.console.device.timeline.shapes import Band, Dot, Rule, Text, fit
from receiver.api.console.device.timeline.window import NARROW_STEPS, WIDE_STEPS, Span, Window

# Of the axis with its words, of a lane, and between lanes.
TOP = 26
BAR = 26
GAP = 14
# Between a bar and its words, and of a line of words.
PAD, WORDS = 6, 17


@dataclass(frozen=True, slots=True)
class Geometry:
    """How a drawing lies.

    Attributes:
        left: what is free before the axis.
        right: what is free behind it.
        has_margin: whether words of lanes stand before the axis; else they stand above.
    """

    name: str
    width: int
    left: int
    right: int
    has_margin: bool
    steps: Mapping[Span, timedelta]


PHONE = Geometry("phone", 320, 6, 6, False, NARROW_STEPS)
DESK = Geometry("desk", 1300, 158, 12, True, WIDE_STEPS)
# What is true now stands behind the axis.
DESK_NOW = replace(DESK, right=76)


@dataclass(slots=True)
class Canvas:
    """Shapes, in the order in which they are drawn.

    Attributes:
        height: grows with what is drawn.
    """

    geometry: Geometry
    window: Window
    height: float = TOP
    rules: list[Rule] = field(default_factory=list)
    bands: list[Band] = field(default_factory=list)
    dots: list[Dot] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.geometry.name

    @property
    def plot(self) -> float:
        """How wide the axis is."""
        return self.geometry.width - self.geometry.left - self.geometry.right

    def place(self, at: datetime) -> float:
        """Returns where a moment lies."""
        share = (at - self.window.start) / (self.window.end - self.window.start)
        return round(self.geometry.left + share * self.plot, 1)

    @property
    def right(self) -> float:
        return self.geometry.width - self.geometry.right

    @property
    def styles(self) -> set[str]:
        """The classes of the shapes."""
        return {
            *(rule.style for rule in self.rules),
            *(band.style for band in self.bands),
            *(dot.style for dot in self.dots),
        }

    def begin_lane(self, title: str, note: str, height: float) -> float:
        """Writes the words of a lane; returns its top."""
        if self.geometry.has_margin:
            room = self.geometry.left - PAD
            self.texts.append(Text(0, self.height + 11, fit(title, room), "strong"))
            if note:
                self.texts.append(Text(0, self.height + 25, fit(note, room), "soft"))
            top = self.height
        else:
            words = f"{title}: {note}" if note else title
            self.texts.append(Text(0, self.height + 11, fit(words, self.plot), "strong"))
            top = self.height + WORDS
        self.height = top + max(height, BAR) + GAP
        return top

    def end_grid(self) -> None:
        """Draws the grid as high as the drawing became."""
        self.rules = [
            Rule(rule.x1, rule.y1, rule.x2, self.height - GAP, rule.style)
            if rule.style == "grid"
            else rule
            for rule in self.rules
        ]
