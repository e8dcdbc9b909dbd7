"""A verdict: one target, and what was measured."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmark.measuring.results import median


@dataclass(frozen=True, slots=True)
class Verdict:
    """One target.

    Attributes:
        bound: a floor or a ceiling.
        at_least: whether the bound is a floor.
        measured: the middle of the rounds; None: the target was not measured.
    """

    what: str
    bound: float
    at_least: bool
    unit: str
    measured: float | None
    lowest: float | None = None
    highest: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the target was met; None: it was not measured."""
        if self.measured is None:
            return None
        return self.measured >= self.bound if self.at_least else self.measured <= self.bound

    @property
    def word(self) -> str:
        """Whether the target was met, in a word or two."""
        return {True: "met", False: "**not met**", None: "not measured"}[self.met]


def verdict(what: str, bound: float, at_least: bool, unit: str, found: Sequence[float]) -> Verdict:
    """Returns the verdict on what was found in each round; of nothing, that it was not measured."""
    if not found:
        return Verdict(what, bound, at_least, unit, None)
    return Verdict(what, bound, at_least, unit, median(found), min(found), max(found))
