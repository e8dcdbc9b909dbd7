"""The arguments of `receiver credential`: times, durations and tokens, read or refused."""

import io
import sys
from datetime import UTC, datetime, timedelta

import pytest

from receiver.cli.credential.arguments import read_expiry, read_overlap, read_token
from receiver.errors import ConfigurationError


def test_no_expiry_is_never() -> None:
    assert read_expiry(None) is None


@pytest.mark.parametrize("text", ["2999-01-01T00:00:00Z", "2999-01-01T01:00:00+01:00"])
def test_an_expiry_has_a_time_zone(text: str) -> None:
    assert read_expiry(text) == datetime(2999, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2999-01-01T00:00:00", "tomorrow", ""])
def test_a_time_without_a_zone_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="RFC 3339 with a time zone"):
        read_expiry(text)


def test_an_expiry_in_the_past_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="lies in the past"):
        read_expiry("2020-01-01T00:00:00Z")


@pytest.mark.parametrize(
    ("text", "overlap"),
    [
        ("0s", timedelta(0)),
        ("90s", timedelta(seconds=90)),
        ("30m", timedelta(minutes=30)),
        ("24h", timedelta(days=1)),
        ("7d", timedelta(days=7)),
    ],
)
def test_an_overlap_is_a_number_and_its_unit(text: str, overlap: timedelta) -> None:
    assert overlap == read_overlap(text)


@pytest.mark.parametrize("text", ["", "24", "h", "-1h", "1.5h", "24 h", "1w", "1234567d", "٣h"])
def test_any_other_overlap_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="--overlap must be like"):
        read_overlap(text)


def test_a_token_is_the_first_line_of_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("  a-token-from-elsewhere \nsecond line\n"))
    assert read_token(from_stdin=True) == "a-token-from-elsewhere"


def test_without_stdin_a_token_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("a-token-from-elsewhere\n"))
    assert read_token(from_stdin=False).startswith("dsr_")
