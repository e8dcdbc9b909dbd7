"""A URL is taken in every form of libpq; the refusal of a wrong one shows nothing of it."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from receiver.errors import ConfigurationError
from receiver.settings.database_url import read_database_url
from receiver.settings.settings import Settings
from tests.support.broken_urls import BROKEN, SECRETS

PIECES = st.sampled_from(
    [*SECRETS, *"@:/?&=%#[], \n'\"", "5432", "?sslmode=", "&port=", "?host=", "%2F", "%00", "ą"]
)


def describe(url: str) -> str:
    with pytest.raises(ValueError, match=r"^[\x20-\x7e]+$") as refused:
        read_database_url(url)
    return str(refused.value)


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("  postgresql://u:p@h/d\n", "postgresql://u:p@h/d"),
        ("POSTGRES://u:p@h/d", "postgresql://u:p@h/d"),
        ("PostgreSQL+psycopg://u:p@h/d", "postgresql://u:p@h/d"),
        ("postgresql://u:p%40%2F%3F%25@h/d",) * 2,
        ("postgresql://h1:1,[::1]:2,h3/d?target_session_attrs=read-write",) * 2,
        ("postgresql:///d?host=/run/postgresql&port=5433",) * 2,
        ("postgresql://u@h/d?sslmode=verify-full&sslrootcert=/etc/ca.pem&gssencmode=require",) * 2,
        ("postgresql://u@h/d?options=-csearch_path%3Dtenant&connect_timeout=3",) * 2,
        ("postgresql://",) * 2,
    ],
)
def test_every_form_of_libpq_is_taken(given: str, read: str) -> None:
    assert read_database_url(given) == read


@pytest.mark.parametrize(("url", "words"), BROKEN)
def test_a_wrong_url_is_refused_with_what_is_wrong(url: str, words: str) -> None:
    assert words in describe(url)


@given(st.lists(PIECES, max_size=12).map(lambda pieces: f"postgresql://{''.join(pieces)}"))
@example("postgresql://kowalski:tajne/haslo@baza.example/d")
def test_no_refusal_shows_a_part_of_the_url(url: str) -> None:
    words = ""
    try:
        read_database_url(url)
    except ValueError as error:
        words = str(error)
    assert [secret for secret in SECRETS if secret in words] == []


@pytest.mark.parametrize("variable", ["DATABASE_URL", "DATABASE_DIRECT_URL"])
def test_the_variable_is_named(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    for url, words in BROKEN:
        monkeypatch.setenv(variable, url)
        with pytest.raises(ConfigurationError, match=f"^{variable}: [^\n]*$") as refused:
            Settings.from_environment()
        assert words in str(refused.value)


@pytest.mark.parametrize("blank", ["", " ", "\n"])
def test_a_blank_variable_is_unset(monkeypatch: pytest.MonkeyPatch, blank: str) -> None:
    monkeypatch.setenv("DATABASE_URL", blank)
    assert Settings.from_environment().database_conninfo is None


def test_a_variable_of_libpq_that_it_refuses_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGSSLMODE", "tajne")
    words = describe("postgresql://u@h/d")
    assert "PGSSLMODE" in words
    assert "tajne" not in words
