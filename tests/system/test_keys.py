"""Keys change under load, from other processes, and no notification is lost nor an answer wrong."""

from datetime import UTC, datetime, timedelta

from tests.support.sender import Sender, senders
from tests.support.service import Installation


def credential(installation: Installation, *arguments: str) -> str:
    ran = installation.run_here("credential", *arguments)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


def test_keys_are_changed_under_load_without_a_wrong_answer_or_a_lost_notification(
    installation: Installation,
) -> None:
    patient = installation.serve("--workers", "2", RECEIVER_ATTEMPTS_LIMIT="100000")
    with patient as service, senders() as sending:
        old = credential(installation, "create", "operator", "--role", "sink")
        sending["old"] = Sender(service, old)
        assert sending["old"].answers(204)

        soon = (datetime.now(UTC) + timedelta(seconds=8)).isoformat()
        brief = credential(installation, "create", "b", "--role", "sink", "--expires-at", soon)
        sending["brief"] = Sender(service, brief)
        assert sending["brief"].answers(204)

        new = credential(installation, "rotate", "operator", "--overlap", "4s")
        sending["new"] = Sender(service, new)
        assert sending["new"].answers(204)

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
        # Their ends come by themselves, while the other keys change.
        assert sending["old"].answers(401)
        assert sending["brief"].answers(401)
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
