"""A retrieve call over HTTP, from a notification to its answer."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.asking import PHONE, notification
from tests.support.callers import Callers

PATH = "/device-roaming-status/v1/retrieve"
ABROAD = {"roaming": True, "countryCode": 208, "countryName": ["FR"]}


async def test_what_was_pushed_is_answered_as_the_release_says(emptied_callers: Callers) -> None:
    assert (await emptied_callers.post(notification(1, PHONE))).status_code == 204
    answer = await emptied_callers.reader.post(
        PATH, json={"device": PHONE}, headers={"x-correlator": "one-of-theirs"}
    )
    assert answer.status_code == 200
    assert answer.headers["x-correlator"] == "one-of-theirs"
    found: dict[str, Any] = answer.json()
    time = datetime.fromisoformat(found.pop("lastStatusTime"))
    assert time == datetime(2026, 4, 17, 7, 0, 1, tzinfo=UTC)
    assert found == {"device": PHONE, **ABROAD}


async def test_the_call_is_decided_before_its_body_and_audited_without_what_it_names(
    emptied_callers: Callers, capsys: pytest.CaptureFixture[str]
) -> None:
    for body in ({"device": PHONE}, {}):
        assert (await emptied_callers.sink.post(PATH, json=body)).status_code == 403
        assert (await emptied_callers.nobody.post(PATH, json=body)).status_code == 401
    answer = await emptied_callers.reader.post(PATH, json={"device": PHONE})
    assert (answer.status_code, answer.json()["code"]) == (404, "IDENTIFIER_NOT_FOUND")
    lines = [line for line in capsys.readouterr().out.splitlines() if "retrieve.read" in line]
    assert [("identifier-not-found" in line, "permission-denied" in line) for line in lines] == [
        (False, True),
        (False, True),
        (True, False),
    ]
    assert "99999991000" not in "".join(lines)
