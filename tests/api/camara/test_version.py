"""A version: what every one of them has."""

import re

from receiver.api.camara.requests import RetrieveRequest
from receiver.api.camara.versions import list_versions
from receiver.settings.settings import Settings
from tests.support.paths import DOCS


def test_every_version_is_one_call_at_a_path_of_its_own() -> None:
    versions = list_versions(Settings())
    for told in ("path", "operation_id", "summary"):
        assert len({getattr(version, told) for version in versions}) == len(versions), told
    for version in versions:
        assert re.fullmatch(r"(/[a-z0-9.-]+){3,5}", version.path)
        assert re.fullmatch(r"[a-z-]+ [0-9]\.[0-9]\.[0-9](-[a-z]+\.[0-9])?", version.release)
        assert version.scope.endswith(":read")
        assert issubclass(version.request, RetrieveRequest)


def test_the_page_names_every_path_and_every_scope() -> None:
    page = (DOCS / "retrieve.md").read_text(encoding="utf-8")
    for version in list_versions(Settings()):
        assert f"`{version.path}`" in page
        assert f"`{version.scope}`" in page
