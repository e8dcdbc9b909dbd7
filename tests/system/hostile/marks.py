"""Values that are found again wherever they went: recognisable, and in every usual encoding.

Every number, token, identifier and payload value that a hostile run sends holds one of these, so a
search for a few stems is a search for all of them.
"""

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

NUMBER = "+99999555123"  # and four digits, the most that a number may have
NUMBER_STEM = "99999555123"
TOKEN = "opensesame"  # noqa: S105 - begins every token, good or bad
IDENTIFIER = "serendip"  # in ids, sources, subscriptions and network access identifiers
WORD = "samarkand"  # in headers, URLs, methods, and bodies that are no JSON
VALUE = "zanzib\u00e4r"  # in bodies: its encodings differ
ADDRESS = "203.0.113.241"
ADDRESS6 = "2001:db8:5eed"
SENT = (NUMBER_STEM, TOKEN, IDENTIFIER, WORD, VALUE, ADDRESS, ADDRESS6)

# Put where it is to be found: the same search in the same places does find what is there.
PLANTED = "kilimanjaro"

AROUND = 60


@dataclass(frozen=True, slots=True)
class Found:
    """A stem in a place, and what stands around it."""

    place: str
    stem: str
    around: bytes


def search(places: Mapping[str, bytes], stems: Iterable[str]) -> list[Found]:
    """The first find of each encoding of each stem in each place."""
    needles = [(stem, needle) for stem in stems for needle in encodings(stem)]
    found = []
    for place, content in places.items():
        lowered = content.lower()
        for stem, needle in needles:
            at = content.find(needle)
            if at < 0:
                at = lowered.find(needle)
            if at >= 0:
                around = content[max(0, at - AROUND) : at + len(needle) + AROUND]
                found.append(Found(place, stem, around))
    return found


def encodings(stem: str) -> set[bytes]:
    """The stem raw, escaped in JSON, Python and URLs, as hexadecimal digits and in base64."""
    raw = stem.encode()
    escaped = {json.dumps(stem)[1:-1], repr(raw)[2:-1], quote(stem), quote(stem).lower()}
    whole = "".join(f"%{byte:02x}" for byte in raw)
    texts = {*escaped, whole, raw.hex()}
    return {raw, stem.encode("latin-1"), *(text.encode() for text in texts), *_base64(raw)}


def _base64(raw: bytes) -> set[bytes]:
    """What is the same of it in base64 whatever stands before and behind, both alphabets."""
    found = set()
    for before, unsure in ((0, 0), (1, 2), (2, 3)):
        padded = bytes(before) + raw
        # The characters that hold nothing but bits of ours.
        sure = len(padded) * 8 // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            found.add(encode(padded)[unsure:sure])
    return found
