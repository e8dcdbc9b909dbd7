"""The laws of reading: one error only, the same digest for the same saying, the text as it came."""

import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from receiver.errors import NotificationRefused
from receiver.events.devices.identity import identify
from receiver.events.event import Event
from receiver.events.findings import Finding
from receiver.events.forms.structured import read_structured
from receiver.events.registry import understand
from tests.support.paths import SAMPLES

ARRIVAL = datetime(2026, 3, 4, tzinfo=UTC)
NAMESPACE = UUID("6c1f3a50-0000-4000-8000-00000000d01e")

BODIES = {
    path.stem: path.read_bytes()
    for path in sorted(SAMPLES.glob("*.json"))
    if path.stem.startswith(("cloudevent-", "legacy-")) and "without-comma" not in path.stem
}
CLOUDEVENTS = [name for name in BODIES if name.startswith("cloudevent-")]
names = st.sampled_from(sorted(BODIES))
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**25), 10**25)
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["", "1.0", "+99999991000", "2026-03-02T10:00:00Z", "203.0.113.1", "true"]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)


def _read(body: bytes) -> Event | None:
    """Read it as the service does, to the device's id; None where it is refused."""
    try:
        event = understand(read_structured(body), ARRIVAL)
    except NotificationRefused:
        return None
    identify(
        NAMESPACE,
        event.device,
        credential="op",
        subscription_id=event.subscription_id,
        source=event.source,
    )
    return event


def _refusal(body: bytes) -> str:
    try:
        understand(read_structured(body), ARRIVAL)
    except NotificationRefused as refusal:
        return str(refusal)
    return ""


def _members(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    steps: Iterator[Any] = iter(())
    if isinstance(value, dict):
        steps = iter(value)
    elif isinstance(value, list):
        steps = iter(range(len(value)))
    for step in steps:
        yield (*path, step)
        yield from _members(value[step], (*path, step))


@st.composite
def mutations(draw: st.DrawFn) -> bytes:
    """A sample with one to three members deleted, replaced, or wrapped in a list."""
    document = json.loads(BODIES[draw(names)])
    for _ in range(draw(st.integers(1, 3))):
        paths = list(_members(document))
        assume(paths)
        *parents, last = draw(st.sampled_from(paths))
        place = document
        for step in parents:
            place = place[step]
        match draw(st.sampled_from(["delete", "replace", "wrap", "text", "add"])):
            case "delete":
                del place[last]
            case "replace":
                place[last] = draw(json_values)
            case "wrap":
                place[last] = [place[last]]
            case "text":
                place[last] = str(place[last])
            case "add":
                document[draw(st.sampled_from(["event", "data", "specversion", "time"]))] = draw(
                    json_values
                )
    return json.dumps(document).encode()


@given(st.binary(max_size=200))
@example(b"\xef\xbb\xbf")
@example(b"[" * 100_000)
@example(b'{"a":' * 70 + b"1" + b"}" * 70)
@example(b"9" * 5000)
@example(b"[1e-9999999999999999999999]")
def test_random_bytes_raise_nothing_but_a_refusal(body: bytes) -> None:
    _read(body)


@given(json_values)
def test_random_json_raises_nothing_but_a_refusal(value: object) -> None:
    _read(json.dumps(value).encode())


@given(mutations())
def test_mutated_notifications_raise_nothing_but_a_refusal(body: bytes) -> None:
    _read(body)


@given(names, st.integers(0, 2000), st.binary(max_size=3))
def test_damaged_notifications_raise_nothing_but_a_refusal(
    name: str, offset: int, junk: bytes
) -> None:
    body = BODIES[name]
    offset %= len(body)
    _read(body[:offset] + junk + body[offset + len(junk) :])


@given(mutations())
def test_a_refusal_never_quotes_what_was_sent(body: bytes) -> None:
    assert "31337" not in _refusal(body.replace(b"9999", b"31337"))


@given(mutations())
def test_every_finding_is_a_known_one_and_they_are_sorted(body: bytes) -> None:
    event = _read(body)
    assume(event is not None)
    assert event is not None
    assert sorted({Finding(name) for name in event.findings}) == list(event.findings)
    assert all(type(name) is str for name in event.findings)


def _shuffled(value: Any, draw: st.DrawFn) -> Any:
    if isinstance(value, dict):
        keys = draw(st.permutations(list(value)))
        return {key: _shuffled(value[key], draw) for key in keys}
    if isinstance(value, list):
        return [_shuffled(member, draw) for member in value]
    return value


@st.composite
def notations(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """A sample, and the same said with other spacing, escapes, key order and extensions."""
    body = BODIES[draw(names)]
    document = json.loads(body)
    extensions = draw(
        st.dictionaries(st.from_regex(r"x[a-z0-9]{1,8}", fullmatch=True), texts, max_size=3)
    )
    written = json.dumps(
        _shuffled(document | extensions, draw),
        indent=draw(st.sampled_from([None, 0, 3, "\t"])),
        separators=draw(st.sampled_from([(",", ":"), (" , ", " : ")])),
        ensure_ascii=draw(st.booleans()),
    )
    return body, draw(st.sampled_from([b"", b" \r\n", b"\xef\xbb\xbf"])) + written.encode()


@given(notations())
def test_spacing_key_order_and_extensions_never_change_the_digest(
    notation: tuple[bytes, bytes],
) -> None:
    first, second = (read_structured(body).digest for body in notation)
    assert first == second


@given(st.sampled_from(CLOUDEVENTS), st.sampled_from(["id", "source", "type", "time", "data"]))
def test_a_changed_attribute_or_data_changes_the_digest(name: str, attribute: str) -> None:
    document = json.loads(BODIES[name])
    changed = deepcopy(document)
    if attribute == "data":
        changed["data"]["note"] = "changed"
    else:
        changed[attribute] = f"{changed.get(attribute)}0"
    assert (
        read_structured(BODIES[name]).digest != read_structured(json.dumps(changed).encode()).digest
    )


@pytest.mark.parametrize("name", [name for name in BODIES if name.startswith("legacy-")])
@pytest.mark.parametrize("member", ["eventTime", "eventType", "eventDetail"])
def test_a_changed_legacy_event_changes_the_digest(name: str, member: str) -> None:
    changed = json.loads(BODIES[name])
    event = changed["event"]
    event[member] = event[member] | {"note": 1} if member == "eventDetail" else f"{event[member]}0"
    assert (
        read_structured(BODIES[name]).digest != read_structured(json.dumps(changed).encode()).digest
    )


@given(mutations())
def test_the_payload_is_the_text_that_came_in(body: bytes) -> None:
    event = _read(body)
    assert event is None or body == event.payload.encode()


# The identities of stored events are these digests: a change here stores every event again.
@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("cloudevent-change-country-0.5", "d67bda2e7364b39dbdf4423af88730b0"),
        ("cloudevent-hybrid", "9269b0b10b7581d6ce26285f56261a7e"),
        ("cloudevent-roaming-status", "fbc746779add61a94de9a8703761963b"),
        ("legacy-roaming-status", "8913a1f3d13125ac6cbda8f44301039c"),
    ],
)
def test_the_digest_is_fixed(name: str, digest: str) -> None:
    assert digest == read_structured(BODIES[name]).digest.hex()


def test_a_number_and_its_text_are_the_same_attribute() -> None:
    body = BODIES["cloudevent-change-country-0.5"]
    assert read_structured(body).digest == read_structured(body.replace(b"4711", b'"4711"')).digest
