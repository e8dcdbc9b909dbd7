"""Settings: a bad one names itself and never its value."""

import pytest
from pydantic import SecretStr, ValidationError

from receiver.errors import ConfigurationError
from receiver.settings.settings import OVERLAPPED_COMMIT_SECONDS, Settings, variable_name
from receiver.store.derived.position import OVERLAP_SECONDS


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("RECEIVER_PORT", "s3cret"),
        ("RECEIVER_PORT", "70000"),
        ("RECEIVER_WORKERS", "0"),
        ("RECEIVER_LOG_LEVEL", "loud"),
        ("RECEIVER_FEED", "s3cret"),
        ("DATABASE_URL", "mysql://user:s3cret@host/db"),
        ("DATABASE_DIRECT_URL", "s3cret"),
        ("RECEIVER_ALLOWED_ORIGINS", "https://sender.example"),
        ("RECEIVER_ALLOWED_ORIGINS", "sender.example s3cret.example"),
    ],
)
def test_a_bad_setting_names_itself_and_not_its_value(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError, match=variable) as refused:
        Settings.from_environment()
    assert value not in str(refused.value)


@pytest.mark.parametrize(
    ("given", "conninfo"),
    [
        ("postgresql://u:p@h/d", "postgresql://u:p@h/d"),
        ("postgres://h/d", "postgresql://h/d"),
        ("postgresql+psycopg://h/d", "postgresql://h/d"),
        ("postgresql://h1:1,h2:2/d?target_session_attrs=any",) * 2,
        ("", None),
    ],
)
def test_database_url_is_taken_in_every_form(
    monkeypatch: pytest.MonkeyPatch, given: str, conninfo: str | None
) -> None:
    monkeypatch.setenv("DATABASE_URL", given)
    assert Settings.from_environment().database_conninfo == conninfo


@pytest.mark.parametrize("field", Settings.model_fields)
def test_an_empty_variable_is_an_unset_one(monkeypatch: pytest.MonkeyPatch, field: str) -> None:
    unset = Settings.from_environment()
    monkeypatch.setenv(variable_name(field), "")
    assert Settings.from_environment() == unset


def test_the_direct_url_stands_in_only_where_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://pooler/d")
    assert Settings.from_environment().direct_conninfo == "postgresql://pooler/d"
    monkeypatch.setenv("DATABASE_DIRECT_URL", "postgresql://server/d")
    assert Settings.from_environment().direct_conninfo == "postgresql://server/d"


def test_prepared_statements_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECEIVER_PREPARE_THRESHOLD", "none")
    assert Settings.from_environment().prepare_threshold is None


@pytest.mark.parametrize(
    ("given", "origins"),
    [
        ("Sender.example, other.example:8443,", {"sender.example", "other.example:8443"}),
        ("*", {"*"}),
        (" ", None),
        ("none", None),
    ],
)
def test_allowed_origins_are_host_names_with_commas_between(
    monkeypatch: pytest.MonkeyPatch, given: str, origins: set[str] | None
) -> None:
    monkeypatch.setenv("RECEIVER_ALLOWED_ORIGINS", given)
    assert Settings.from_environment().allowed_origins == origins


def test_settings_do_not_show_passwords() -> None:
    settings = Settings.model_validate({"DATABASE_URL": SecretStr("postgresql://u:s3cret@h/d")})
    assert "s3cret" not in repr(settings)


@pytest.mark.parametrize(
    ("field", "variable"),
    [
        ("port", "RECEIVER_PORT"),
        ("database_url", "DATABASE_URL"),
        ("database_direct_url", "DATABASE_DIRECT_URL"),
        ("DATABASE_URL", "DATABASE_URL"),
    ],
)
def test_a_field_has_the_variable_that_people_set(field: str, variable: str) -> None:
    assert variable == variable_name(field)


def test_every_bad_variable_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("RECEIVER_PORT", "RECEIVER_WORKERS", "DATABASE_URL"):
        monkeypatch.setenv(variable, "s3cret")
    with pytest.raises(ConfigurationError) as refused:
        Settings.from_environment()
    message = str(refused.value)
    assert all(name in message for name in ("RECEIVER_PORT", "RECEIVER_WORKERS", "DATABASE_URL"))
    assert (message.count("\n"), "s3cret" in message) == (0, False)


def test_settings_do_not_change_once_they_are_read() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings.from_environment().port = 1


def test_every_setting_says_what_it_means() -> None:
    described = {name: field.description or "" for name, field in Settings.model_fields.items()}
    assert [name for name, words in described.items() if not words.endswith(".")] == []


def test_a_feed_that_overlaps_outlasts_every_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A statement that stores events may take twice as long as its commit is waited for."""
    assert 2 * OVERLAPPED_COMMIT_SECONDS < OVERLAP_SECONDS
    monkeypatch.setenv("RECEIVER_COMMIT_TIMEOUT_SECONDS", str(OVERLAPPED_COMMIT_SECONDS + 1))
    assert Settings.from_environment().feed == "snapshot"
    monkeypatch.setenv("RECEIVER_FEED", "overlap")
    with pytest.raises(ConfigurationError, match="RECEIVER_COMMIT_TIMEOUT_SECONDS"):
        Settings.from_environment()
    monkeypatch.setenv("RECEIVER_COMMIT_TIMEOUT_SECONDS", str(OVERLAPPED_COMMIT_SECONDS))
    assert Settings.from_environment().feed == "overlap"
