"""The environment of a test, without any setting of the outer world, and that of a command."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from receiver.settings.inspection import OTHER_VARIABLES
from receiver.settings.settings import Settings, variable_name


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Removes every setting from the environment of the test."""
    for variable in (*map(variable_name, Settings.model_fields), *OTHER_VARIABLES):
        monkeypatch.delenv(variable, raising=False)


@contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Gives this process other variables for the length of the block."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
