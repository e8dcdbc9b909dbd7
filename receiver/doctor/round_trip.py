"""The round trip: a trial notification is posted, read back and removed."""

import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from string import ascii_lowercase
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx

from receiver.api.sink.path import PATH
from receiver.client import AnswerError, Client, ConnectionFailed, UnexpectedAnswer
from receiver.doctor.diagnosis import CheckResult, failed, ok, skipped
from receiver.errors import Unavailable
from receiver.events.devices.identity import identify_reported
from receiver.events.event import Device
from receiver.store.credentials.credentials import Role, create_credential, token_digest
from receiver.store.credentials.names import TRIAL_NAMES
from receiver.store.credentials.rules import make_token
from receiver.store.health.probe import namespace_of, remove_probe

SOURCE = "https://doctor.invalid"
# Letters: 75 random bits, so that names are never used twice.
WORD_LENGTH = 16

# The system repeats a lost SYN after 1 and 3 seconds; no answer by 5 means that none comes.
CONNECT_SECONDS = 5.0
# Three times the default of RECEIVER_PATIENCE_SECONDS: the service gives up a notification before
# the doctor gives up the service.
ANSWER_SECONDS = 30.0
# The trial credentials of a doctor that was killed expire by themselves, long after any trial.
LIFETIME = timedelta(hours=1)

HINTS = {
    401: "that service runs on another database (give --url), or a proxy took the token away",
    404: "that is not this service, or a proxy hides the call",
    503: "it cannot store or answer; its /readyz says why",
}


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial notification, and the credentials that post it and read it.

    Attributes:
        identifier: names event and subscription of this trial alone.
        word: names the credentials of this trial alone; letters, because a name is plain words.
        phone_number: a number of no country (+999).
        device_id: the id that the service gives to the device of this number.
    """

    identifier: UUID
    word: str
    phone_number: str
    device_id: UUID
    sink_token: str = field(repr=False)
    reader_token: str = field(repr=False)

    def name_credential(self, role: Role) -> str:
        """Returns the name of the trial's credential of a role."""
        return f"{TRIAL_NAMES}-{self.word}-{role}"

    def make_notification(self) -> dict[str, object]:
        """Returns the notification as a CloudEvent of now."""
        return {
            "id": str(self.identifier),
            "source": f"{SOURCE}/{self.identifier}",
            "type": "org.camaraproject.device-roaming-status-subscriptions.v0.roaming-status",
            "specversion": "1.0",
            "datacontenttype": "application/json",
            "time": datetime.now(UTC).isoformat(),
            "data": {
                "device": {"phoneNumber": self.phone_number},
                "subscriptionId": str(self.identifier),
                "roaming": False,
            },
        }


def post_and_read_back(conninfo: str, url: str) -> CheckResult:
    """Posts a trial notification to the service at the URL, reads it back, and removes it.

    Args:
        conninfo: the database on which the service should run.
        url: the service, or its sink.
    """
    url = url.rstrip("/").removesuffix(PATH)
    unreachable = _check_reachable(url)
    if unreachable is not None:
        return unreachable
    with _make_trial(conninfo) as trial:
        return _run_trial(trial, url)


def _check_reachable(url: str) -> CheckResult | None:
    """Returns why no connection can be made; None: one can."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((str(parts.hostname), port), CONNECT_SECONDS).close()
    except ConnectionRefusedError:
        return skipped(f"nothing listens at {url}; start the service, or give --url")
    except OSError as error:
        return failed(f"{url} cannot be reached: {error.strerror or 'no answer'}")
    return None


@contextmanager
def _make_trial(conninfo: str) -> Iterator[Trial]:
    """Yields a trial whose credentials exist for the block; afterwards everything is removed."""
    phone_number = f"+99999{secrets.randbelow(10**10):010}"
    device_id = UUID(identify_reported(namespace_of(conninfo), Device(phone_number=phone_number)))
    word = "".join(secrets.choice(ascii_lowercase) for _ in range(WORD_LENGTH))
    trial = Trial(uuid4(), word, phone_number, device_id, make_token(), make_token())
    sink, reader = trial.name_credential(Role.SINK), trial.name_credential(Role.READER)
    remove = partial(remove_probe, conninfo, device_id, sink, credentials=(sink, reader))
    # A login that may not delete fails here, while there is nothing to remove.
    remove()
    expires_at = datetime.now(UTC) + LIFETIME
    try:
        for role, token in ((Role.SINK, trial.sink_token), (Role.READER, trial.reader_token)):
            create_credential(
                conninfo, trial.name_credential(role), role, token_digest(token), expires_at
            )
        yield trial
    finally:
        remove()


def _run_trial(trial: Trial, url: str) -> CheckResult:
    call = f"POST {PATH}"
    # A proxy of the environment would be tested instead of the way to the service.
    with httpx.Client(trust_env=False) as http:
        client = Client(url, http=http, timeout_seconds=ANSWER_SECONDS, retries=0)
        try:
            sink = client.with_options(token=trial.sink_token)
            sink.post_notification(trial.make_notification())
            call = "POST /events/retrieve"
            reader = client.with_options(token=trial.reader_token)
            events = reader.retrieve_events(phone_number=trial.phone_number).items
        except ConnectionFailed as error:
            raise Unavailable(f"{error}; {_describe_remainder(trial)}") from None
        except (AnswerError, UnexpectedAnswer) as error:
            if error.status < 300:
                return failed(f"the program that answers at {url} is not this service")
            return _explain_refusal(call, error.status, trial)
    found = [event.event_id for event in events]
    if found != [str(trial.identifier)]:
        return failed(f"POST /events/retrieve found {len(found)} events instead of the one posted")
    return ok(f"{url} stored a notification and found it again; it is removed")


def _explain_refusal(call: str, status: int, trial: Trial) -> CheckResult:
    hint = HINTS.get(status, "its log says why")
    message = f"{call} was answered {status}: {hint}"
    return failed(f"{message}; {_describe_remainder(trial)}" if status >= 500 else message)


def _describe_remainder(trial: Trial) -> str:
    """Without a 204 the commit may end after the removal, and the event remain."""
    return f"should it still be stored, its source is {SOURCE}/{trial.identifier}"
