"""Findings in words: what was sent, what was made of it, and by which rule it is a fault."""

from collections.abc import Sequence
from dataclasses import dataclass

from receiver.events.breaches import BREACHES
from receiver.events.findings import Finding
from receiver.events.meanings import MEANINGS


@dataclass(frozen=True, slots=True)
class Words:
    """A part of a sentence.

    Attributes:
        is_code: a name as senders write it.
    """

    text: str
    is_code: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """A finding in words.

    Attributes:
        sentence: what was sent, and what was made of it.
        rule: by which document it is a fault.
        versions: the versions that state the rule.
    """

    finding: str
    sentence: Sequence[Words]
    rule: Sequence[Words]
    versions: Sequence[Words]


def explain(name: str) -> Explanation | None:
    """Returns what a finding means; None: there is none of that name."""
    if name not in set(Finding):
        return None
    finding = Finding(name)
    breach = BREACHES[finding]
    return Explanation(
        finding=name,
        sentence=split_code(MEANINGS[finding]),
        rule=split_code(breach.source),
        versions=split_code(breach.versions),
    )


def split_code(text: str) -> Sequence[Words]:
    """Returns the parts of a text in which names stand between backquotes."""
    parts = text.split("`")
    return tuple(Words(part, bool(place % 2)) for place, part in enumerate(parts) if part)


def join(parts: Sequence[Words]) -> str:
    """Returns the parts as one plain text."""
    return "".join(part.text for part in parts)
