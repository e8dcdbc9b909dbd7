"""In which of CloudEvents' HTTP modes a request came, and the notifications it carries.

The headers announce the mode. Where they name none, or contradict the body, the body decides: an
array is a batch and an object is one notification. Each notification then has a finding.
"""

from collections.abc import Callable, Iterator, Mapping
from enum import Enum, auto
from functools import partial
from typing import NamedTuple

from receiver.errors import MediaTypeUnsupported
from receiver.events.findings import Finding
from receiver.events.forms import strict_json
from receiver.events.forms.attributes import is_json_media_type
from receiver.events.forms.batch import split_batch
from receiver.events.forms.binary import read_binary
from receiver.events.forms.envelope import Envelope
from receiver.events.forms.structured import read_structured
from receiver.intake import codings

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
JSON = "application/json"

ATTRIBUTE = "ce-"

# What is needed to understand the bytes again, and to ask their sender. Any other header may carry
# a secret of the sender's.
KEPT_HEADERS = ("content-type", "content-encoding", "content-length", "user-agent", "x-correlator")

# Characters of one kept header: a media type and a correlator are shorter, the rest is for people.
HEADER_LENGTH = 256


class Mode(Enum):
    """How attributes and data share headers and body (CloudEvents 1.0.2, HTTP binding)."""

    STRUCTURED = auto()
    BATCH = auto()
    BINARY = auto()


class SentHeaders(Mapping[str, str]):
    """Headers by lower-case name, each decoded when it is asked for: most never are."""

    def __init__(self, sent: Mapping[bytes, bytes]) -> None:
        self._sent = sent

    def __getitem__(self, name: str) -> str:
        return self._sent[name.encode()].decode("latin-1")

    def __iter__(self) -> Iterator[str]:
        return (name.decode("latin-1") for name in self._sent)

    def __len__(self) -> int:
        return len(self._sent)


class Member(NamedTuple):
    """One notification of a request.

    Attributes:
        body: its bytes, as they arrived, once the codings of the request are undone.
        read: takes its envelope off; raises NotificationRefused.
    """

    body: bytes
    read: Callable[[], Envelope]


class Content(NamedTuple):
    """The body of a request, decoded, and how to read it.

    Attributes:
        headers: by lower-case name.
        findings: of the headers; each notification has them.
    """

    mode: Mode
    headers: Mapping[str, str]
    body: bytes
    findings: frozenset[Finding]

    def split(self, stop_after: int | None = None) -> list[Member]:
        """Returns the notifications, none of them judged yet.

        Args:
            stop_after: notifications of a batch, the rest is left; None: all are returned.

        Raises:
            NotificationRefused: a batch that is no JSON array.
        """
        match self.mode:
            case Mode.STRUCTURED:
                members = [structured(self.body)]
            case Mode.BATCH:
                members = [
                    Member(body, partial(read_structured, body, document))
                    for body, document in split_batch(self.body, stop_after)
                ]
            case Mode.BINARY:
                attributes = {
                    name.removeprefix(ATTRIBUTE): value
                    for name, value in self.headers.items()
                    if name.startswith(ATTRIBUTE)
                }
                media_type = self.headers.get("content-type", "")
                read = partial(read_binary, attributes, media_type, self.body)
                members = [Member(self.body, read)]
        if not self.findings:
            return members
        return [Member(body, partial(_read_with, self.findings, read)) for body, read in members]


def read_mode(headers: Mapping[str, str]) -> Mode:
    """Returns the mode that the headers announce.

    JSON of any name, and a body without a media type, is structured unless `ce-` headers say else.

    Args:
        headers: by lower-case name.

    Raises:
        MediaTypeUnsupported: the body is not JSON.
    """
    media_type, _ = _read_media_type(headers)
    if media_type == BATCH:
        return Mode.BATCH
    if media_type == STRUCTURED:
        return Mode.STRUCTURED
    if media_type and not is_json_media_type(media_type):
        raise MediaTypeUnsupported(f"Content-Type must be {STRUCTURED}, {BATCH} or {JSON}")
    return Mode.BINARY if f"{ATTRIBUTE}specversion" in headers else Mode.STRUCTURED


def find_plain_mode(headers: Mapping[str, str]) -> Mode | None:
    """Returns the mode of a body that is as its headers say.

    Returns:
        None: `open_content` finds the mode, because the body is compressed, or the media type is
        missing, repeated or not supported.
    """
    if codings.is_coded(headers):
        return None
    try:
        announced = read_mode(headers)
    except MediaTypeUnsupported:
        return None
    return None if _is_mislabelled(announced, headers) else announced


def is_single(mode: Mode | None, body: bytes) -> bool:
    """Whether a body is one notification and plain; another may be a batch, or compressed.

    Args:
        mode: as `find_plain_mode` returns it.
    """
    if mode is not Mode.STRUCTURED and mode is not Mode.BINARY:
        return False
    if body[:1] == b"{":
        return True
    return _settle_mode(mode, body) is mode and not codings.is_gzip(body)


def open_content(headers: Mapping[str, str], body: bytes, limit_bytes: int) -> Content:
    """Decodes a body, and decides in which mode it came.

    Args:
        headers: by lower-case name.
        limit_bytes: of the decoded body.

    Raises:
        BodyTooLarge, CodingUnsupported, NotificationRefused: as `codings.decode`.
        MediaTypeUnsupported: the body is not JSON.
    """
    announced = read_mode(headers)
    body, is_as_announced = codings.decode(headers, body, limit_bytes)
    findings = set() if is_as_announced else {Finding.CONTENT_ENCODING_MISMATCH}
    mode = _settle_mode(announced, body)
    if _is_mislabelled(mode, headers):
        findings.add(Finding.CONTENT_TYPE_MISMATCH)
    return Content(mode, headers, body, frozenset(findings))


def open_member(headers: Mapping[str, str], body: bytes) -> Content:
    """Returns one member of a batch by itself; the codings of the batch are undone already."""
    is_mislabelled = _is_mislabelled(Mode.BATCH, headers)
    findings = frozenset({Finding.CONTENT_TYPE_MISMATCH} if is_mislabelled else ())
    return Content(Mode.STRUCTURED, headers, body, findings)


def _read_media_type(headers: Mapping[str, str]) -> tuple[str, bool]:
    """Returns the media type without its parameters, and whether it was repeated."""
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    first, *others = (name.strip() for name in media_type.split(","))
    if others and set(others) == {first}:
        return first, True
    return media_type, False


def _settle_mode(announced: Mode, body: bytes) -> Mode:
    if announced is Mode.BINARY:
        return announced
    bracket = body.removeprefix(strict_json.BYTE_ORDER_MARK).lstrip()[:1]
    return {b"[": Mode.BATCH, b"{": Mode.STRUCTURED}.get(bracket, announced)


def _is_mislabelled(mode: Mode, headers: Mapping[str, str]) -> bool:
    """Whether the media type is not the one of the mode, as far as the body tells."""
    if mode is Mode.BINARY:
        return False
    media_type, is_repeated = _read_media_type(headers)
    return not media_type or is_repeated or (media_type == BATCH) != (mode is Mode.BATCH)


def _read_with(findings: frozenset[Finding], read: Callable[[], Envelope]) -> Envelope:
    envelope = read()
    return envelope._replace(findings=envelope.findings | findings)


def structured(body: bytes) -> Member:
    """A notification that is all in its body, as a member of a batch is too."""
    return Member(body, partial(read_structured, body))


def choose_headers(headers: Mapping[str, str], mode: Mode | None) -> dict[str, str]:
    """Returns the headers that are kept with a refused body, or once for the members of a batch."""
    kept = {name: headers[name][:HEADER_LENGTH] for name in KEPT_HEADERS if name in headers}
    if mode is not Mode.BATCH:
        # In binary mode they are the notification, and kept whole.
        kept |= {name: value for name, value in headers.items() if name.startswith(ATTRIBUTE)}
    return kept
