"""The settings of the spool: off by default, a folder by its whole path, and bounds."""

from pathlib import Path

import pytest

from receiver.errors import ConfigurationError
from receiver.settings.settings import Settings


def test_there_is_no_spool_by_default() -> None:
    assert Settings.from_environment().spool_dir is None


def test_the_folder_is_found_whatever_the_working_directory_becomes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for written, found in (("spool", Path.cwd() / "spool"), ("~/spool", Path.home() / "spool")):
        monkeypatch.setenv("RECEIVER_SPOOL_DIR", written)
        assert Settings.from_environment().spool_dir == found


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("RECEIVER_SPOOL_DIR", "~nobody-of-this-name/s3cret"),
        ("RECEIVER_SPOOL_AFTER_SECONDS", "0"),
        ("RECEIVER_SPOOL_LIMIT_BYTES", "-3"),
        ("RECEIVER_SPOOL_LIMIT_BYTES", "1024"),
        ("RECEIVER_SPOOL_RESERVE_BYTES", "-1"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError, match=variable) as refused:
        Settings.from_environment()
    assert "s3cret" not in str(refused.value)
