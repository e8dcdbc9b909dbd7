"""The names of credentials: plain words, and nothing personal or secret."""

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.errors import ConfigurationError
from receiver.store.credentials.names import (
    NAME_LENGTH_MAX,
    find_metric_label,
    may_be_phone_number,
    require_plain_name,
)
from receiver.store.credentials.rules import TOKEN_LENGTH_MIN, make_token


@pytest.mark.parametrize(
    "name",
    [
        "o",
        "operator-prod",
        "nokia_nac.eu-2",
        "Orange-2026-11-26",
        "first-sink",
        "-".join(["word"] * 20),
    ],
)
def test_plain_words_are_taken(name: str) -> None:
    require_plain_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "two\nlines",
        "operator\n",
        "a\x1bb",
        "two words",
        "Größe",
        "operator/prod",
        "jwt:client",
        "-operator",
        "4operators",
        "a-" * NAME_LENGTH_MAX,
        "+99999991000",
        "99999991000",
        "phone-99999991000",
        "sim.99.999.991.000",
        "jan@client.example",
        "tel:+99999991000",
        "192.0.2.17",
        "9f0c1e2d-0000-4000-8000-123456789012",
        "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln",
    ],
)
def test_whatever_could_be_personal_or_secret_is_refused_without_being_repeated(name: str) -> None:
    with pytest.raises(ConfigurationError, match="must be plain words") as refused:
        require_plain_name(name)
    assert "\n" not in str(refused.value)
    assert len(name) < 3 or name not in str(refused.value)


def test_no_token_is_a_name() -> None:
    for _ in range(200):
        for token in (make_token(), secrets.token_hex(20), "A" * TOKEN_LENGTH_MIN):
            with pytest.raises(ConfigurationError):
                require_plain_name(token)


@given(st.from_regex(r"[a-z]{0,5}[-._]?\+?([0-9][-._ ()]?){9,15}", fullmatch=True))
def test_no_text_with_a_whole_phone_number_is_a_name(text: str) -> None:
    with pytest.raises(ConfigurationError):
        require_plain_name(text)


@pytest.mark.parametrize(
    ("client", "expected"),
    [
        ("99999991000", True),
        ("99999-991-000", True),
        ("tel:99999991000", True),
        ("1234567", True),
        ("123456", False),
        ("1234567890123456", False),
        ("operator-prod", False),
        ("9f0c1e2d-0000-4000-8000-123456789012", False),
        ("https://client.example/1234567", False),
    ],
)
def test_the_id_of_a_client_reads_as_a_phone_number_or_not(client: str, expected: bool) -> None:
    assert expected is may_be_phone_number(client)


def test_all_trials_of_the_doctor_are_one_in_a_metric() -> None:
    names = ("doctor.invalid-a-sink", "doctor.invalid-b-sink", "operator-prod")
    assert list(map(find_metric_label, names)) == ["doctor.invalid"] * 2 + ["operator-prod"]
