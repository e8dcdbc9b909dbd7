"""Shapes of a drawing, in pixels, and how wide words are."""

from dataclasses import dataclass

# Of a letter at 12 pixels in the widest of the fonts that the style names, and of one that is as
# wide as it is high.
LETTER, WIDE_LETTER = 7.2, 13.0
# From here on letters are wide: Chinese, Japanese, Korean, pictures.
WIDE_FROM = "\u2e80"
ASCENT, DESCENT = 10, 3


@dataclass(frozen=True, slots=True)
class Text:
    """Words.

    Attributes:
        y: of the line that letters stand on.
        anchor: `start`, `middle` or `end` of the words lies at `x`.
    """

    x: float
    y: float
    words: str
    style: str = ""
    anchor: str = "start"

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom."""
        width = width_of(self.words)
        left = self.x - {"start": 0.0, "middle": width / 2, "end": width}[self.anchor]
        return left, self.y - ASCENT, left + width, self.y + DESCENT


@dataclass(frozen=True, slots=True)
class Band:
    """A rectangle.

    Attributes:
        title: what is said of it.
        place: the page behind it; None: none.
    """

    x: float
    y: float
    width: float
    height: float
    style: str
    title: str
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float
    style: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A round mark, as a band."""

    x: float
    y: float
    radius: float
    style: str
    title: str
    place: str | None = None


def width_of(words: str) -> float:
    """Returns about how wide words are."""
    return sum(WIDE_LETTER if letter >= WIDE_FROM else LETTER for letter in words)


def fit(words: str, width: float) -> str:
    """Returns as much of the words as a width has room for; empty: not two letters and dots."""
    if width_of(words) <= width:
        return words
    kept = ""
    for letter in words:
        if width_of(kept + letter + "…") > width:
            break
        kept += letter
    return f"{kept}…" if len(kept) > 1 else ""
