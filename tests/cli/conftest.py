"""No setting of the outer world reaches these tests; a sink that notifications are sent to."""

from pathlib import Path

import pytest

from tests.support.command_line import unchanged_logging as unchanged_logging
from tests.support.environment import no_settings as no_settings
from tests.support.sink import sink as sink


@pytest.fixture(autouse=True)
def own_data_dir(no_settings: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Keeps every command off the data directory of this machine's own installation."""
    data_dir = tmp_path / "data"
    monkeypatch.setenv("RECEIVER_DATA_DIR", str(data_dir))
    return data_dir
