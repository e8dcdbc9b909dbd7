"""The search finds what is there, in every encoding: or the hostile run would prove nothing."""

import base64
import json
from urllib.parse import quote, quote_plus

import pytest

from tests.system.hostile.marks import PLANTED, SENT, search


@pytest.mark.parametrize("stem", [*SENT, PLANTED])
def test_a_value_is_found_in_every_encoding_whatever_stands_around_it(stem: str) -> None:
    for before in ("", "a", "ab", "abc"):
        text = f"{before}{stem}xyz"
        raw = text.encode()
        for written in (
            raw,
            raw.upper() if stem.isascii() else raw,
            text.encode("latin-1"),
            json.dumps(text).encode(),
            repr(raw).encode(),
            quote(text).encode(),
            quote_plus(text).encode(),
            "".join(f"%{byte:02X}" for byte in raw).encode(),
            raw.hex().encode(),
            base64.b64encode(raw),
            base64.urlsafe_b64encode(raw),
        ):
            places = {"log": b"something " + written + b" else", "empty": b""}
            assert {(one.place, one.stem) for one in search(places, [stem])} == {("log", stem)}


def test_nothing_is_found_where_nothing_is() -> None:
    assert search({"log": b"4bf92f3577b34da6a3ce929d0e0e4736 zanzibar +99999991000"}, SENT) == []
