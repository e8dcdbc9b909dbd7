"""What hostile bodies hold: depth, size, and values that no database can keep."""

import json
from typing import Any
from uuid import uuid4

from tests.system.hostile.marks import ADDRESS, ADDRESS6, IDENTIFIER, NUMBER, VALUE

SOURCE = f"https://{IDENTIFIER}.invalid/device-roaming-status-subscriptions/v0.7"
TYPE = "org.camaraproject.device-roaming-status-subscriptions.v0.roaming-status"
TIME = "2026-04-17T07:31:01.416474Z"
BODY_LIMIT = 262_144


def event(number: str, **changed: Any) -> dict[str, Any]:
    """A good notification, full of values to look for; `changed` members make it a bad one."""
    return {
        "id": f"{IDENTIFIER}-{uuid4()}",
        "source": SOURCE,
        "type": TYPE,
        "specversion": "1.0",
        "time": TIME,
        "extension": VALUE,
        "data": {
            "device": {
                "phoneNumber": number,
                "networkAccessIdentifier": f"{IDENTIFIER}@example.com",
                "ipv4Address": {"publicAddress": ADDRESS, "publicPort": 59765},
                "ipv6Address": f"{ADDRESS6}::1",
            },
            "subscriptionId": f"{IDENTIFIER}-sub",
            "roaming": True,
            "countryCode": 208,
            "countryName": ["FR"],
            "note": VALUE,
        },
        **changed,
    }


def bad(number: str) -> list[bytes]:
    """Bodies that most are refused for, and kept in quarantine, from a sender who may send."""
    good = event(number)
    device = {"device": good["data"]["device"]}
    changed: list[dict[str, Any]] = [
        {"time": VALUE},
        {"time": number},
        {"id": [VALUE]},
        {"id": f"{IDENTIFIER}-" + "x" * 300},
        {"source": {VALUE: number}},
        {"type": f"{TYPE}{VALUE}" * 100},
        {"specversion": VALUE},
        {"data": VALUE},
        {"data": {**device, "roaming": VALUE, "countryCode": number}},
        {"data": {"device": {"phoneNumber": VALUE, number: number}, "roaming": VALUE}},
        {"data": {"device": VALUE, VALUE: VALUE}},
        {"data": {**device, "roaming": True, "countryName": [{VALUE: number}]}},
        {"data": {**device, "roaming": True, "countryName": ["\0" + VALUE]}},
        {"data": {**device, "roaming": True, "countryName": ["\ud800" + VALUE]}},
        {"datacontenttype": number, "data_base64": VALUE},
    ]
    texts = [json.dumps({**good, **change}) for change in changed]
    texts += [
        json.dumps(good)[:-5],
        json.dumps(good).replace("208", "1e400"),
        json.dumps(good).replace("208", "NaN"),
        json.dumps(good).replace("208", "9" * 5000),
        json.dumps([VALUE, number]),
        json.dumps({"event": {"eventType": VALUE, "eventTime": number}}),
        json.dumps({"eventType": VALUE, "eventTime": number, number: VALUE}),
        f'{{"{VALUE}": {number}',
        f"{VALUE}&{number}=1",
    ]
    return [text.encode("utf-8", "surrogatepass") for text in texts]


def giant(number: str) -> list[bytes]:
    """Bodies up to the limit, and over it, that are as hard on a parser as they can be."""
    room = BODY_LIMIT - 1000
    good = json.dumps(event(number))
    return [
        b"[" * room,
        b'{"a":' * (room // 5),
        b"[" * (room // 2) + b"]" * (room // 2),
        b'{"id":' + b"9" * room + b"}",
        b'{"id":' + b"-0." + b"1" * room + b"e-99999999}",
        b'{"data":"' + b"\\u0061" * (room // 6) + b'"}',
        b"{" + b",".join(b'"%d":0' % key for key in range(room // 10)) + b"}",
        b"{" + b'"k":0,' * (room // 6) + b'"k":1}',
        b"[" + b"{}," * (room // 3) + b"{}]",
        good.replace("208", "9" * (room - len(good))).encode(),
        (good[:-1] + ', "x": "' + VALUE * ((room - len(good)) // 10) + '"}').encode(),
        b" " * (BODY_LIMIT + 1),
        b"[" * (4 * BODY_LIMIT),
    ]


def good_number(index: int) -> str:
    """Of a good sender; apart from those that the hostile ones send."""
    return f"{NUMBER}{9000 + index % 1000:04}"
