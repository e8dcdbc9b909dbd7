"""What the pages of the quarantine show."""

from urllib.parse import parse_qs, urlsplit

import pytest

from receiver.api.console.quarantine.views import choose_filters, list_reasons, write_place
from receiver.api.senders.examples import SENDERS


def test_reasons_of_which_the_most_wait_are_first() -> None:
    [reason] = SENDERS["credentials"][0]["refused"]
    few = {**reason, "reason": "few", "waiting": 1, "notifications": 100}
    many = {**reason, "reason": "many", "waiting": 5, "latestId": "AAAAAAAAAAE"}
    answer = {"credentials": [{"credential": "a", "refused": [few, many]}]}
    rows = list_reasons(answer)
    assert [(row.reason, row.latest_id) for row in rows] == [
        ("many", "AAAAAAAAAAE"),
        ("few", None),
    ]


@pytest.mark.parametrize(
    ("parameters", "filters"),
    [
        ({}, {"state": "refused"}),
        ({"state": ""}, {}),
        ({"state": "stored", "credential": "a"}, {"state": "stored", "credential": "a"}),
        ({"credential": "", "window": "day"}, {"state": "refused"}),
    ],
)
def test_what_waits_is_shown_unless_another_state_is_named(
    parameters: dict[str, str], filters: dict[str, str]
) -> None:
    assert choose_filters(parameters) == filters


@pytest.mark.parametrize("state", ["refused", "stored", ""])
def test_a_place_leads_to_its_own_filters(state: str) -> None:
    filters = {"credential": "a&b", "cursor": "old", "state": "refused"}
    place = write_place(filters, state=state)
    query = parse_qs(urlsplit(place).query, keep_blank_values=True)
    chosen = choose_filters({name: values[0] for name, values in query.items()})
    assert chosen == {"credential": "a&b", **({"state": state} if state else {})}


def test_another_page_keeps_the_filters() -> None:
    place = write_place({"cursor": "old"}, cursor="next")
    query = parse_qs(urlsplit(place).query, keep_blank_values=True)
    assert query == {"state": [""], "cursor": ["next"]}
