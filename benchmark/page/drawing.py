"""What the plots share: colours, and an empty figure."""

from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.figure import Figure

OURS, OTHERS, LIMIT, BAD = "#1f6f8b", "#b8c4cc", "#e0b050", "#b03030"
WIDTH_INCHES = 9.0

# The same results make the same file.
rcParams["svg.hashsalt"] = "performance"
rcParams["font.size"] = 9


def open_figure(height_inches: float) -> tuple[Figure, Axes]:
    """Returns an empty figure of the page's width, and its axes."""
    figure, [axes] = open_row(height_inches, 1)
    return figure, axes


def open_row(height_inches: float, count: int) -> tuple[Figure, list[Axes]]:
    """Returns an empty figure of the page's width, and several axes beside each other."""
    figure = Figure(figsize=(WIDTH_INCHES, height_inches), layout="constrained")
    row = [figure.add_subplot(1, count, place + 1) for place in range(count)]
    for axes in row:
        axes.spines[["top", "right"]].set_visible(False)
    return figure, row
