"""Whether a notification names a device: by the service's own parser, and by a search beside it."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from uuid import UUID

from receiver.erasure.notations import Needles, list_readings
from receiver.errors import ReceiverError
from receiver.events import registry
from receiver.events.devices.identity import identify
from receiver.events.event import Arrival, Event
from receiver.intake import modes
from receiver.spool.records import Record
from receiver.store.erasure.subjects import Subject

# The time of an arrival decides nothing here.
_ANY_TIME = datetime(2026, 1, 1, tzinfo=UTC)


class Naming:
    """Tells whether notifications name what is erased.

    Args:
        namespace: the installation's, from which device ids are made.
        body_limit_bytes: of one body, once it is decompressed.
        members_limit: notifications in one CloudEvents batch.
    """

    def __init__(
        self, subject: Subject, namespace: UUID, *, body_limit_bytes: int, members_limit: int
    ) -> None:
        self._devices = frozenset(device_id.hex for device_id in subject.devices)
        self._namespace = namespace
        self._body_limit_bytes = body_limit_bytes
        self._members_limit = members_limit
        self._subject = subject
        self._by_credential: dict[str, Needles] = {}

    def is_in_record(self, record: Record) -> bool:
        """Tells whether a record of the spool is of the device or, refused, names it."""
        if isinstance(record, Arrival):
            return record.device_id in self._devices
        return self.is_in_body(record.credential, record.headers, record.body, record.is_member)

    def is_in_body(
        self, credential: str, headers: Mapping[str, str], body: bytes, is_member: bool
    ) -> bool:
        """Tells whether a refused body names the device, in any form.

        Args:
            credential: the name of the credential that sent it.
            headers: by lower-case name.
            is_member: whether the body is one member of a batch, and not all of it.
        """
        if any(
            self._identify(event, credential) in self._devices
            for event in self._understand(headers, body, is_member)
        ):
            return True
        needles = self._find_needles(credential)
        return any(
            needles.are_in(text)
            for sent in (body, *(value.encode() for value in headers.values()))
            for text in list_readings(sent, self._body_limit_bytes)
        )

    def _understand(
        self, headers: Mapping[str, str], body: bytes, is_member: bool
    ) -> Iterator[Event]:
        """Yields the events that can be understood."""
        try:
            if is_member:
                content = modes.open_member(headers, body)
            else:
                content = modes.open_content(headers, body, self._body_limit_bytes)
            members = content.split(self._members_limit)
        except ReceiverError:
            return
        for member in members:
            try:
                yield registry.understand(member.read(), _ANY_TIME)
            except ReceiverError:
                continue
            except Exception:  # noqa: S112 - what no release foresaw is searched as bytes
                continue

    def _identify(self, event: Event, credential: str) -> str:
        return identify(
            self._namespace,
            event.device,
            credential=credential,
            subscription_id=event.subscription_id,
            source=event.source,
        )

    def _find_needles(self, credential: str) -> Needles:
        found = self._by_credential.get(credential)
        if found is None:
            subject = self._subject
            found = self._by_credential[credential] = Needles(
                subject.phone_numbers,
                subject.network_access_identifiers,
                subject.addresses,
                # A subscription id is one of its credential alone.
                [word for name, word in subject.subscriptions if name == credential],
            )
        return found
