"""What is certainly the token is found, however a form wrapped it."""

import itertools

import pytest

from receiver.api.access.tokens.bearer import find_tokens

TOKEN = "dsr_kZ3-x_9~q.r/s+t=="  # noqa: S105 - opens nothing


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
@pytest.mark.parametrize("blank", [" ", "  ", "\t", " \t ", "\xa0", "\xc2\xa0"])
def test_scheme_and_blank_are_read_in_any_form(scheme: str, blank: str) -> None:
    assert find_tokens(f"{scheme}{blank}{TOKEN}") == [TOKEN]
    assert find_tokens(f"{blank}{scheme}{blank}{TOKEN}{blank}") == [TOKEN]


@pytest.mark.parametrize(
    "wrapped",
    [
        f"Bearer Bearer {TOKEN}",
        f"bearer BEARER\t{TOKEN} ",
        f'Bearer "{TOKEN}"',
        f"Bearer '{TOKEN}'",
        f"Bearer `{TOKEN}`",
        f'"Bearer {TOKEN}"',
        f'Bearer "Bearer {TOKEN}"',
        f'Bearer Bearer " {TOKEN} "',
        f'"Bearer Bearer {TOKEN}"',
        f"Bearer \xe2\x80\x9c{TOKEN}\xe2\x80\x9d",
        f"Bearer \xe2\x80\x8b{TOKEN}\xef\xbb\xbf",
    ],
)
def test_a_token_that_was_wrapped_twice_is_looked_for_first(wrapped: str) -> None:
    assert find_tokens(wrapped)[0] == TOKEN


def test_a_token_with_quotes_or_a_scheme_of_its_own_is_found_as_well() -> None:
    assert find_tokens(f'Bearer "{TOKEN}"') == [TOKEN, f'"{TOKEN}"']
    assert find_tokens(f"Bearer Bearer {TOKEN}") == [TOKEN, f"Bearer {TOKEN}"]


@pytest.mark.parametrize(
    "header",
    ["", " ", "Bearer", "Bearer ", "Bearer\t\xa0", TOKEN, f'"{TOKEN}"', f"Basic {TOKEN}",
     f"Bearer{TOKEN}", f"Bearer:{TOKEN}", f"Digest Bearer {TOKEN}"],
)  # fmt: skip
def test_without_a_scheme_there_is_no_token(header: str) -> None:
    assert find_tokens(header) == []


def test_nothing_that_is_returned_is_empty_whatever_a_stranger_writes() -> None:
    pieces = ("Bearer", " ", '"', "'", "x", "\t", "\xa0")
    for parts in itertools.product(pieces, repeat=6):
        found = find_tokens("".join(parts))
        assert all(found)
        assert len(found) <= 2


@pytest.mark.parametrize("piece", ["Bearer ", '"', "' ", "Bearer '", "x" + 60_000 * " "])
def test_only_a_few_wrappings_are_taken_off(piece: str) -> None:
    header = "Bearer " + piece * (60_000 // len(piece)) + TOKEN
    assert len(find_tokens(header)[0]) > len(header) - 100
