"""Post and read back: a notification goes the whole way, and nothing of it remains."""

import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx

from receiver.app.first_start import make_token
from receiver.doctor.diagnosis import Outcome, failed, ok, skipped
from receiver.errors import Unavailable
from receiver.events.devices.identity import identify_reported
from receiver.events.event import Device
from receiver.store.credentials.credentials import Role, create_credential, token_digest
from receiver.store.health.trial import namespace_of, remove_trial

SOURCE = "https://doctor.invalid"
CREDENTIALS = "doctor.invalid/"

CONNECT_SECONDS = 5.0
# Longer than the service takes to give up a commit, so that its answer is heard.
ANSWER_SECONDS = 30.0
# Ends by itself what a killed doctor could not remove.
LIFETIME = timedelta(hours=1)

HINTS = {
    401: "that service runs on another database (give --url), or a proxy took the token away",
    404: "that is not this service, or a proxy hides the call",
    503: "it cannot store or answer; its /readyz says why",
}


@dataclass(frozen=True, slots=True)
class Trial:
    """One notification, and whoever sends and reads it.

    Attributes:
        phone_number: of nobody: no country has it.
        device_id: what the service makes of the phone number.
    """

    identifier: UUID
    phone_number: str
    device_id: UUID
    sink_token: str = field(repr=False)
    reader_token: str = field(repr=False)

    def credential(self, role: Role) -> str:
        """The name of its credential; it is never used again."""
        return f"{CREDENTIALS}{self.identifier}/{role}"

    def notification(self) -> dict[str, object]:
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


def is_of_a_trial(name: str) -> bool:
    """Whether a credential is a doctor's own."""
    return name.startswith(CREDENTIALS)


def post_and_read_back(conninfo: str, url: str) -> Outcome:
    """Sends a notification through the service at the URL, asks for it, and removes it.

    Args:
        conninfo: the database that the service should run on.
        url: of the service, without a path's last slash.
    """
    unreached = _unreached(url)
    if unreached is not None:
        return unreached
    with _trial(conninfo) as trial:
        return _ask(trial, url)


def _unreached(url: str) -> Outcome | None:
    """Why nobody can be asked there; None when somebody listens."""
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
def _trial(conninfo: str) -> Iterator[Trial]:
    """A trial with credentials for the length of the block; afterwards nothing is left of it."""
    phone_number = f"+99999{secrets.randbelow(10**10):010}"
    device_id = UUID(identify_reported(namespace_of(conninfo), Device(phone_number=phone_number)))
    trial = Trial(uuid4(), phone_number, device_id, make_token(), make_token())
    sink, reader = trial.credential(Role.SINK), trial.credential(Role.READER)
    remove = partial(remove_trial, conninfo, device_id, sink, credentials=(sink, reader))
    # A login that may not remove it is found out while there is nothing to remove.
    remove()
    expires_at = datetime.now(UTC) + LIFETIME
    try:
        for role, token in ((Role.SINK, trial.sink_token), (Role.READER, trial.reader_token)):
            create_credential(
                conninfo, trial.credential(role), role, token_digest(token), expires_at
            )
        yield trial
    finally:
        remove()


def _ask(trial: Trial, url: str) -> Outcome:
    # No proxy of the environment: what is asked is the service and the way to it.
    with httpx.Client(base_url=url, trust_env=False, timeout=ANSWER_SECONDS) as client:
        try:
            posted = client.post(
                "/notifications", json=trial.notification(), headers=_bearer(trial.sink_token)
            )
            if posted.status_code != 204:
                return _refused("POST /notifications", posted.status_code, trial)
            read = client.post(
                "/events/retrieve",
                json={"device": {"phoneNumber": trial.phone_number}},
                headers=_bearer(trial.reader_token),
            )
            if read.status_code != 200:
                return _refused("POST /events/retrieve", read.status_code, trial)
            found = [item["eventId"] for item in read.json()["items"]]
        except httpx.HTTPError as error:
            raise Unavailable(
                f"{url} did not answer ({type(error).__name__}); {_may_remain(trial)}"
            ) from None
        except (ValueError, KeyError, TypeError):
            return failed(f"what answers at {url} is not this service")
    if found != [str(trial.identifier)]:
        return failed(f"POST /events/retrieve found {len(found)} events instead of the one posted")
    return ok(f"{url} stored a notification and found it again; it is removed")


def _refused(call: str, status: int, trial: Trial) -> Outcome:
    hint = HINTS.get(status, "its log says why")
    said = f"{call} was answered {status}: {hint}"
    return failed(f"{said}; {_may_remain(trial)}" if status >= 500 else said)


def _may_remain(trial: Trial) -> str:
    """Without a 204 a commit may still be under way, and end after the removal."""
    return f"should it still be stored, its source is {SOURCE}/{trial.identifier}"


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}
