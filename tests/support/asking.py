"""Events of devices, and what a reader calls a device."""

from copy import deepcopy
from typing import Any

from receiver.events.examples import NOTIFICATION
from tests.support.callers import Callers

PHONE = {"phoneNumber": "+99999991000"}
IPV4 = {"publicAddress": "203.0.113.7", "publicPort": 4711}


def notification(number: int, device: dict[str, Any], **members: Any) -> dict[str, Any]:
    """Makes an event of a device; a higher number happened later."""
    made: dict[str, Any] = deepcopy(NOTIFICATION)
    made |= {"id": f"n-{number}", "time": f"2026-04-17T07:00:{number:02}Z"}
    made["data"]["device"] = device
    return made | members


async def device_id(callers: Callers, device: dict[str, Any]) -> str:
    """Returns the id of a device that a reader names by an identifier."""
    answer = await callers.reader.post("/devices/retrieve", json={"device": device})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["deviceId"])
