"""Senders as JSON."""

from datetime import UTC, date, datetime, timedelta

from receiver.api.senders.resources import FindingCount, SendersResource
from receiver.store.senders.sent import Admitted, Found, Refusals, SendersSelection, Sent

AT = datetime(2026, 4, 17, 9, tzinfo=UTC)
REFUSED = Refusals("b", "wrong N", 3, 1, AT, 1)


def make_sent(*refusals: Refusals) -> Sent:
    return Sent(
        as_of=AT,
        selection=SendersSelection(AT - timedelta(days=1), None, 3600),
        counted_from=AT - timedelta(days=1),
        is_complete=True,
        senders=[],
        left_out=0,
        refusals=refusals,
        admitted=[Admitted("c", AT), Admitted("a", None)],
        waiting=1,
    )


def test_a_window_without_an_end_ends_when_it_was_asked() -> None:
    assert SendersResource.of(make_sent(), are_ids_told=False).to == AT


def test_credentials_are_listed_by_name_with_what_was_refused_of_them() -> None:
    answer = SendersResource.of(make_sent(REFUSED), are_ids_told=False)
    assert [(one.credential, one.last_used_at, len(one.refused)) for one in answer.credentials] == [
        ("a", None, 0),
        ("b", None, 1),
        ("c", AT, 0),
    ]


def test_ids_of_refused_notifications_are_told_to_admins() -> None:
    told, untold = (
        SendersResource.of(make_sent(REFUSED), are_ids_told=are).credentials[1].refused[0]
        for are in (True, False)
    )
    assert (told.latest_id, untold.latest_id) == ("AAAAAAAAAAE", None)


def test_the_days_of_a_finding_add_up_and_the_last_one_has_the_example() -> None:
    days = [
        Found("time-missing", date(2026, 4, 16), 2, AT - timedelta(days=1), "first"),
        Found("time-missing", date(2026, 4, 17), 3, AT, "second"),
    ]
    count = FindingCount.of(days)
    assert (count.events, count.latest_at, count.latest_event_id) == (5, AT, "second")
    assert [day.events for day in count.days] == [2, 3]
