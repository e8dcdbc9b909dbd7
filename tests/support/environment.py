"""The environment of a test, without any setting of the outer world."""

import pytest

from receiver.settings.inspection import OTHER_VARIABLES
from receiver.settings.settings import Settings, variable_name


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Removes every setting from the environment of the test."""
    for variable in (*map(variable_name, Settings.model_fields), *OTHER_VARIABLES):
        monkeypatch.delenv(variable, raising=False)
