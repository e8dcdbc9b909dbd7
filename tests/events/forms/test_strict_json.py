"""What strict JSON takes and what it refuses, and that a refusal never quotes the content."""

import pytest

from receiver.errors import NotificationRefused
from receiver.events.forms.strict_json import parse


def _refusal(body: bytes) -> str:
    with pytest.raises(NotificationRefused) as refused:
        parse(body)
    return str(refused.value)


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (b"", "line 1 column 1: not valid JSON"),
        (b'{"a": 1\n "b": 2}', "line 2 column 2: not valid JSON"),
        ('{"é": 1\n "b": 2}'.encode(), "line 2 column 2: not valid JSON"),
        (b"[NaN]", "line 1 column 2: not valid JSON"),
        (b"[-Infinity]", "line 1 column 3: not valid JSON"),
        (b"[1e400]", "line 1 column 2: not valid JSON"),
        (b'["\\ud800"]', "line 1 column 3: not valid JSON"),
        (b'["\x00"]', "line 1 column 3: not valid JSON"),
        (b"[1] [2]", "line 1 column 5: not valid JSON"),
        (b"{'a': 1}", "line 1 column 2: not valid JSON"),
        (b'\xef\xbb\xbf["a BOM is the caller\'s business"]', "line 1 column 1: not valid JSON"),
    ],
)
def test_what_is_not_json_is_refused_with_its_place(body: bytes, refusal: str) -> None:
    assert refusal == _refusal(body)


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (b'{"a":\n "\xff"}', "line 2 column 3: not valid UTF-8"),
        (b'["\xed\xa0\x80"]', "line 1 column 3: not valid UTF-8"),
        ('{"a": 1}'.encode("utf-16"), "line 1 column 1: not valid UTF-8"),
    ],
)
def test_what_is_not_utf8_is_refused_with_its_place(body: bytes, refusal: str) -> None:
    assert refusal == _refusal(body)


@pytest.mark.parametrize(
    "body",
    [
        rb'["\u0000"]',
        rb'["before \u0000 after"]',
        rb'["\\\u0000"]',
        rb'{"key\u0000": 1}',
        rb'{"a": "\u0000", "a": "the last one wins, the text keeps both"}',
    ],
)
def test_a_nul_character_is_refused_in_values_and_in_keys(body: bytes) -> None:
    assert _refusal(body).endswith(": a NUL character")


def test_a_nul_character_is_refused_with_its_place() -> None:
    assert _refusal(b'[1,\n "\\u0000"]') == "line 2 column 3: a NUL character"


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (rb'["\\u0000"]', "\\u0000"),
        (rb'["\\\\u0000"]', "\\\\u0000"),
        (rb'["\\\"\u0001"]', '\\"\x01'),
    ],
)
def test_text_that_only_looks_like_a_nul_escape_is_taken(body: bytes, value: str) -> None:
    assert [value] == parse(body)


@pytest.mark.parametrize(
    "number",
    ["9223372036854775808", "18446744073709551616", "-9223372036854775809", "9" * 300],
)
def test_an_integer_beyond_64_bits_is_refused(number: str) -> None:
    assert _refusal(f'{{"a": {number}, "a": 1}}'.encode()) == "an integer beyond 64 bits"


@pytest.mark.parametrize("number", ["1e-20000", "1E-401", "1.5e-99999", "0." + "0" * 500 + "1"])
def test_a_fraction_no_database_keeps_is_refused(number: str) -> None:
    assert _refusal(f"[{number}]".encode()) == "a number beyond a double"


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"[9223372036854775807]", 9223372036854775807),
        (b"[-9223372036854775808]", -9223372036854775808),
        (b"[0.1234567890123456789012345]", 0.12345678901234568),
        (b'["1234567890123456789012345"]', "1234567890123456789012345"),
        (b"[1e-300]", 1e-300),
        (b'["3e-0004"]', "3e-0004"),
        (b"[1e300]", 1e300),
    ],
)
def test_long_digits_that_harm_nobody_are_taken(body: bytes, value: object) -> None:
    assert [value] == parse(body)


def test_sixty_four_levels_are_taken() -> None:
    parse(b'{"a":' * 64 + b"1" + b"}" * 64)


@pytest.mark.parametrize("levels", [65, 1000, 2000, 100_000])
def test_more_than_sixty_four_levels_are_refused(levels: int) -> None:
    assert _refusal(b"[" * levels + b"]" * levels).startswith("line 1 column ")


def test_many_brackets_side_by_side_or_in_strings_are_not_depth() -> None:
    assert [[] for _ in range(100)] == parse(b"[" + b",".join([b"[]"] * 100) + b"]")
    assert parse(b'["' + rb"[{\"" * 100 + b'"]') == ['[{"' * 100]


def test_of_a_repeated_key_the_last_value_counts() -> None:
    assert parse(b'{"a": 1, "a": 2}') == {"a": 2}


@pytest.mark.parametrize("place", [0, 1, 2, 3, 6, 17, 1000])
def test_the_first_bracket_that_is_too_deep_is_found_behind_any_number_of_others(
    place: int,
) -> None:
    before = b"[" + rb'[],{"[{\"":"]"},' * place
    deep = b"[" * 64 + b"]" * 64
    assert _refusal(before + deep + b"]") == (
        f"line 1 column {len(before) + 64}: more than 64 levels deep"
    )
