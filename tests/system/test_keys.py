"""Keys change under load, from other processes, and no notification is lost nor an answer wrong."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx

from tests.system.service import Installation, Service, bearer, notification, until

# Revocation reaches a worker when it next rereads the credentials, every two seconds; the rest is
# for what is on its way to expire, and for a busy machine.
SECONDS_TO_NOTICE = 30


class Sender:
    """Posts with one token until told to end, and writes every answer down in its order."""

    def __init__(self, service: Service, token: str) -> None:
        self.statuses: list[int] = []
        self.acknowledged: set[str] = set()
        self._service = service
        self._token = token
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sender")
        self._thread.start()

    def end(self) -> None:
        self._ended.set()
        self._thread.join()

    def answers(self, status: int, seconds: float = SECONDS_TO_NOTICE) -> bool:
        """Whether the latest answer comes to be this status."""
        return until(lambda: self.statuses[-1:] == [status], seconds)

    @property
    def changes(self) -> list[int]:
        """The statuses without their repetitions."""
        return [
            status
            for before, status in zip([0, *self.statuses], self.statuses, strict=False)
            if status != before
        ]

    def _run(self) -> None:
        with httpx.Client(
            base_url=self._service.address,
            headers=bearer(self._token),
            trust_env=False,
            timeout=30,
        ) as client:
            while not self._ended.wait(0.005):
                event = notification(str(uuid4()))
                answer = client.post("/notifications", json=event)
                if answer.status_code == 204:
                    self.acknowledged.add(event["id"])
                self.statuses.append(answer.status_code)


@contextmanager
def senders() -> Iterator[dict[str, Sender]]:
    started: dict[str, Sender] = {}
    try:
        yield started
    finally:
        for sender in started.values():
            sender.end()


def credential(installation: Installation, *arguments: str) -> str:
    ran = installation.run("credential", *arguments)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


def test_keys_are_changed_under_load_without_a_wrong_answer_or_a_lost_notification(
    installation: Installation,
) -> None:
    with installation.serve("--workers", "2") as service, senders() as sending:
        old = credential(installation, "create", "operator", "--role", "sink")
        sending["old"] = Sender(service, old)
        assert sending["old"].answers(204)

        new = credential(installation, "rotate", "operator", "--overlap", "6s")
        sending["new"] = Sender(service, new)
        assert sending["new"].answers(204)

        soon = (datetime.now(UTC) + timedelta(seconds=8)).isoformat()
        brief = credential(installation, "create", "b", "--role", "sink", "--expires-at", soon)
        sending["brief"] = Sender(service, brief)
        assert sending["brief"].answers(204)
        assert sending["old"].answers(401)
        assert sending["brief"].answers(401)

        revoked = credential(installation, "create", "r", "--role", "sink")
        sending["revoked"] = Sender(service, revoked)
        assert sending["revoked"].answers(204)
        credential(installation, "revoke", "r")
        assert sending["revoked"].answers(401)

        narrow = credential(
            installation, "create", "n", "--role", "sink", "--type", "*.connectivity-*"
        )
        sending["narrow"] = Sender(service, narrow)
        assert sending["narrow"].answers(403)
        assert sending["new"].answers(204)

    assert {name: sender.changes for name, sender in sending.items()} == {
        "old": [204, 401],
        "new": [204],
        "brief": [204, 401],
        "revoked": [204, 401],
        "narrow": [403],
    }
    acknowledged = set().union(*(sender.acknowledged for sender in sending.values()))
    stored = set(installation.ask("SELECT sender_event_id FROM reporting.event"))
    assert len(acknowledged) > 100
    assert acknowledged <= stored
    assert installation.ask("SELECT max(deliveries) FROM reporting.event") == ["1"]
