"""The published versions are those of the samples, and what is sent breaks none of them."""

from datetime import UTC, datetime

import pytest

from receiver.conformance.published import LEGACY, VERSIONS, Version
from receiver.conformance.writing import PHONE_NUMBER, Writer, encode
from receiver.events.event import Kind
from receiver.events.findings import Finding
from receiver.events.forms.structured import read_structured
from receiver.events.registry import understand
from tests.support.paths import ROOT

NOW = datetime(2026, 3, 4, tzinfo=UTC)
APIS = {version.api for version in VERSIONS}


def test_every_event_of_every_version_in_the_samples_is_sent() -> None:
    found = {
        (folder.name, sample.stem)
        for folder in (ROOT / "tests/samples").iterdir()
        if folder.name.partition(".")[0] in APIS
        for sample in folder.glob("*.json")
        if not sample.stem.endswith((".expected", "-with-country"))
    }
    sent = {
        (f"{version.api}.{version.number}", name) for version in VERSIONS for name in version.names
    }
    assert sent == found


@pytest.mark.parametrize("version", VERSIONS, ids=lambda one: f"{one.api}-{one.number}")
def test_what_is_sent_breaks_nothing(version: Version) -> None:
    writer = Writer("run", NOW)
    for name in version.names:
        event = understand(read_structured(encode(writer.write(version.segment, name))), NOW)
        assert (event.name, event.findings) == (name, ())
        assert event.kind is not Kind.UNRECOGNISED
        assert event.device.phone_number == PHONE_NUMBER


@pytest.mark.parametrize("name", LEGACY)
def test_a_legacy_notification_is_understood(name: str) -> None:
    body = encode(Writer("run", NOW).write_legacy(*LEGACY[name]))
    event = understand(read_structured(body), NOW)
    assert event.kind is not Kind.UNRECOGNISED
    assert set(event.findings) <= {Finding.COUNTRY_MISSING}
