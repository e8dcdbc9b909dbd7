"""The settings of the retrieve calls."""

import pytest

from receiver.errors import ConfigurationError
from receiver.settings.settings import Settings


def test_by_default_all_calls_are_served_honestly_and_in_camaras_words() -> None:
    settings = Settings()
    assert settings.retrieve_calls == "all"
    assert (settings.retrieve_last_known, settings.retrieve_orange_errors) == (False, False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RECEIVER_RETRIEVE_CALLS", "some"),
        ("RECEIVER_RETRIEVE_LAST_KNOWN", "sometimes"),
        ("RECEIVER_RETRIEVE_ORANGE_ERRORS", "none"),
    ],
)
def test_a_bad_value_is_refused_by_the_name_of_its_setting(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=name) as raised:
        Settings.from_environment()
    assert value not in str(raised.value).removeprefix(name)
