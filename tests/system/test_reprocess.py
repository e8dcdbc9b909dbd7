"""`receiver reprocess` from outside: what is understood by now is stored, and the rest counted."""

import json
import re

import pytest

from receiver.client import InvalidArgument
from tests.support.service import Installation, Service, notification

PHONE = "+99999990412"


def test_quarantined_notifications_are_reprocessed_while_the_service_runs_and_stopped(
    installation: Installation,
) -> None:
    sink = installation.token("sink")
    admin = installation.create("chief", "admin")
    with installation.serve() as service:
        sender = service.ask_as(sink)
        for body in (b"{", b"[1]", b'{"private-word": 1}', b"{"):
            with pytest.raises(InvalidArgument):
                sender.post_notification(body, content_type="application/json")
        refused = service.ask_as(admin).list_refused_notifications().items
        newest, oldest = refused[0].id, refused[-1].id
        received_at = refused[-1].received_at
        running = installation.run_here("reprocess", oldest, newest)
        assert running.returncode == 1
        assert running.stdout.splitlines() == [
            "stored         0",
            "refused again  2",
            "       2  line N column N: not valid JSON",
        ]
        audited = [json.loads(line) for line in running.stderr.splitlines()]
        # Side by side, so in either order.
        assert {line["quarantine"] for line in audited} == {oldest, newest}
        assert {
            (line["event"], line["action"], line["door"], line["outcome"]) for line in audited
        } == {("audit", "quarantine.reprocess", "command line", "refused")}
        assert len({line["correlator"] for line in audited}) == 1

    # As if this release understood what the one before did not.
    understood = json.dumps(notification("by-now", PHONE)).replace("'", "''")
    installation.ask(
        f"UPDATE quarantine SET body = convert_to('{understood}', 'UTF8') WHERE id = 1"  # noqa: S608 - from above
    )
    stopped = installation.run_here("reprocess", "--all")
    assert stopped.returncode == 1
    assert stopped.stdout.splitlines()[:2] == ["stored         1", "refused again  3"]
    assert "private-word" not in stopped.stdout + stopped.stderr
    again = installation.run_here("reprocess", oldest, RECEIVER_LOG_LEVEL="error")
    assert (again.returncode, again.stdout.splitlines()[0]) == (0, "stored         1")
    assert again.stderr.count('"audit"') == 1

    with installation.serve() as service:
        [event] = service.history(installation.token("reader"), PHONE)
    assert (event.event_id, event.deliveries) == ("by-now", 1)
    assert event.received_at == received_at


def test_what_cannot_be_reprocessed_is_told_in_one_line(
    service: Service, shared_installation: Installation
) -> None:
    for arguments, said in (
        ((), "name the ids"),
        (("--all", "AAAAAAAAAAE"), "name the ids"),
        (("nonsense",), "has this id"),
    ):
        refused = shared_installation.run_here("reprocess", *arguments)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert re.fullmatch(f"receiver: .*{said}.*\n", refused.stderr)


def test_without_anything_refused_all_is_well(installation: Installation) -> None:
    everything = installation.run_here("reprocess", "--all")
    assert (everything.returncode, everything.stdout.splitlines()) == (
        0,
        ["stored         0", "refused again  0"],
    )
