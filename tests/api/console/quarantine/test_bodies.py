"""Bodies as people read them."""

import base64

from receiver.api.console.quarantine.bodies import (
    HEX_BYTES,
    TEXT_LENGTH,
    ShownBody,
    show_body,
    write_hex,
)


def show(body: str, encoding: str = "utf-8") -> ShownBody:
    return show_body({"bodyEncoding": encoding, "body": body})


def test_a_text_is_shown_as_it_came() -> None:
    text = '{"a":\n\t"ü <b>"}\r\n'
    assert show(text) == ShownBody(True, text, 0)


def test_what_turns_a_text_is_seen() -> None:
    assert show("a\u202eb").content == "a⟨U+202E⟩b"


def test_bytes_that_are_no_text_are_in_hexadecimal() -> None:
    shown = show(base64.b64encode(b"\xff\x00A").decode(), "base64")
    assert (shown.is_text, shown.left_out) == (False, 0)
    assert shown.content.startswith("000000  ff 00 41 ")
    assert shown.content.endswith(" ..A")


def test_a_text_with_control_characters_is_in_hexadecimal() -> None:
    assert show("a\x00b\x1b[31m").content.startswith("000000  61 00 62 1b 5b")


def test_a_long_body_says_how_much_is_missing() -> None:
    assert show("x" * (TEXT_LENGTH + 7)).left_out == 7
    shown = show(base64.b64encode(b"\xff" * (HEX_BYTES + 9)).decode(), "base64")
    assert shown.left_out == 9


def test_lines_of_hexadecimal_have_one_width() -> None:
    lines = write_hex(bytes(range(40))).splitlines()
    assert [line[:6] for line in lines] == ["000000", "000010", "000020"]
    assert len({line.index(".") for line in lines[:2]}) == 1
