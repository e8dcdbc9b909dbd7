"""The version is that of the installed distribution, which pyproject.toml names."""

import tomllib

from receiver.release import NAME, find_version
from tests.support.paths import ROOT


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (project["name"], project["version"]) == (NAME, find_version())
