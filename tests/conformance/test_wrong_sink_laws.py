"""Sinks that are wrong in one way each: exactly what they do wrongly is not passed."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from receiver.conformance.case import Result, Verdict
from receiver.conformance.published import LEGACY, LIFE_CYCLE, REACHABILITY, ROAMING
from receiver.conformance.run import find_fault, list_cases, make_probe, play
from receiver.conformance.sending import Sender
from tests.support.any_sink import TOKEN, Decide, Received, Reply, decide_rightly, error, serving

NOW = datetime(2026, 3, 4, tzinfo=UTC)
# A sink that hangs takes all of its deadline; no other one comes near it on a busy machine.
DEADLINE_SECONDS = 30.0
HANGING_DEADLINE_SECONDS = 2.0

FAILED, WARNED, NOT_TRIED = Verdict.FAILED, Verdict.WARNED, Verdict.NOT_TRIED
METHODS = ("get", "head", "put", "delete")
ENDED = "subscription-ended"
LAST = re.compile(r"-0\.8\.0(?!-rc)")
BATCHED = tuple(f"device-{axis}-status-subscriptions-0.8.0" for axis in ("roaming", "reachability"))
EVENTS = {
    BATCHED[0]: ROAMING + LIFE_CYCLE,
    BATCHED[1]: REACHABILITY + LIFE_CYCLE,
}


def play_against(decide: Decide, deadline_seconds: float) -> list[Result]:
    """Plays what is no published event, and those of the last versions only.

    The slow body takes its time, and is the same to each of these sinks.
    """

    async def run(url: str) -> list[Result]:
        cases = [
            case
            for case in list_cases("run", NOW)
            if ("published events" not in case.group or LAST.search(case.name))
            and case.name != "slow-body"
        ]
        async with Sender(url, TOKEN, deadline_seconds) as sender:
            assert await find_fault(make_probe("run", NOW), sender) is None
            return await play(cases, sender, lambda _: None)

    with serving(decide) as url:
        return asyncio.run(run(url))


def not_passed(results: list[Result]) -> dict[str, Verdict]:
    return {
        result.case.name: result.verdict
        for result in results
        if result.verdict is not Verdict.PASSED
    }


Change = Callable[[Received, Reply], Reply]
INVALID = error(400, "INVALID_ARGUMENT")


def answer_html(_: Received, reply: Reply) -> Reply:
    headers = {**reply.headers, "content-type": "text/html"}
    return Reply(200, headers, b"<h1>OK</h1>") if reply.status == 204 else reply


def fail_on_duplicates(by_source: bool) -> Change:
    seen: set[tuple[str, str]] = set()

    def change(received: Received, reply: Reply) -> Reply:
        if reply.status != 204:
            return reply
        event = received.event
        key = (event["source"] if by_source else "", event["id"])
        if key in seen:
            return error(500, "INTERNAL")
        seen.add(key)
        return reply

    return change


def refuse_if(wrong: Callable[[Received], bool], refusal: Reply) -> Change:
    def change(received: Received, reply: Reply) -> Reply:
        return refusal if reply.status == 204 and wrong(received) else reply

    return change


def refuse_late() -> Change:
    latest = ""

    def change(received: Received, reply: Reply) -> Reply:
        nonlocal latest
        time = received.event.get("time", "") if reply.status == 204 else ""
        if time and time < latest:
            return INVALID
        latest = max(latest, time)
        return reply

    return change


def change_status(status: int, other: Reply) -> Change:
    def change(_: Received, reply: Reply) -> Reply:
        return other if reply.status == status else reply

    return change


def take_any_token(received: Received, _: Reply) -> Reply:
    right = {**received.headers, "authorization": f"Bearer {TOKEN}"}
    return decide_rightly(replace(received, headers=right))


def drop_header(name: str) -> Change:
    def change(_: Received, reply: Reply) -> Reply:
        kept = {header: value for header, value in reply.headers.items() if header != name}
        return replace(reply, headers=kept)

    return change


def close_after(_: Received, reply: Reply) -> Reply:
    return replace(reply, headers={**reply.headers, "connection": "close"})


def consent_by_status(received: Received, reply: Reply) -> Reply:
    return Reply(200, {"allow": "POST"}) if received.method == "OPTIONS" else reply


def consent_to_another(received: Received, reply: Reply) -> Reply:
    consent = {"webhook-allowed-origin": "other.invalid", "webhook-allowed-rate": "120"}
    return Reply(200, consent) if received.method == "OPTIONS" else reply


def take_everything(received: Received, reply: Reply) -> Reply:
    is_taken = received.method == "POST" and reply.status != 401
    return replace(reply, status=204, body=b"") if is_taken else reply


REFUSED_ENDS = {
    f"{mode}-{version}-{ENDED}": verdict
    for mode, verdict in (("structured", FAILED), ("binary", WARNED))
    for version in BATCHED
}

WRONG: dict[str, tuple[Change, dict[str, Verdict]]] = {
    "nothing": (lambda _, reply: reply, {}),
    "answers 200 with HTML": (answer_html, {"success-is-204": FAILED}),
    "fails on a duplicate": (fail_on_duplicates(by_source=True), {"redelivery": WARNED}),
    "fails on an id of another source": (
        fail_on_duplicates(by_source=False),
        {"redelivery": WARNED, "same-id-from-another-source": FAILED},
    ),
    "refuses charset parameters": (
        refuse_if(
            lambda received: ";" in received.headers["content-type"],
            error(415, "UNSUPPORTED_MEDIA_TYPE"),
        ),
        {"charset-parameter": FAILED},
    ),
    "compares media types by case": (
        refuse_if(lambda received: "E" in received.headers["content-type"], INVALID),
        {"media-type-in-other-case": FAILED},
    ),
    "pins v0": (
        refuse_if(lambda received: ".v0." not in received.event["type"], INVALID),
        {"event-version-1": WARNED},
    ),
    "knows no subscription-ended": (
        refuse_if(lambda received: received.event["type"].endswith(ENDED), INVALID),
        REFUSED_ENDS,
    ),
    "needs a device": (
        refuse_if(lambda received: "device" not in received.event.get("data", {}), INVALID),
        {"event-without-device": FAILED, "event-without-data": FAILED},
    ),
    "takes no extension": (
        refuse_if(lambda received: "conformance" in received.event, INVALID),
        {"extension-attribute": FAILED, "event-of-64-kilobytes": WARNED},
    ),
    "takes no additional field": (
        refuse_if(lambda received: b"conformanceField" in received.body, INVALID),
        {"additional-field-in-data": WARNED},
    ),
    "takes 32 KiB": (
        refuse_if(lambda received: len(received.body) > 32 * 1024, error(413, "PAYLOAD_TOO_LARGE")),
        {"event-of-64-kilobytes": WARNED},
    ),
    "takes no binary mode": (
        refuse_if(lambda received: "ce-id" in received.headers, INVALID),
        {f"binary-{version}-{name}": WARNED for version, names in EVENTS.items() for name in names},
    ),
    "needs a time": (
        refuse_if(lambda received: "time" not in received.event, error(500, "INTERNAL")),
        {"time-missing": WARNED},
    ),
    "needs a datacontenttype": (
        refuse_if(
            lambda received: (
                "datacontenttype" not in received.event and "ce-id" not in received.headers
            ),
            INVALID,
        ),
        {"event-without-datacontenttype": FAILED},
    ),
    "takes no late event": (refuse_late(), {"reordered": WARNED}),
    "fails on a large body": (change_status(413, error(500, "INTERNAL")), {"too-large": WARNED}),
    "takes any token": (
        take_any_token,
        {
            "token-wrong": FAILED,
            "token-wrong-is-401": WARNED,
            "unauthenticated-is-challenged": NOT_TRIED,
            "token-missing": WARNED,
            "token-of-another-scheme": WARNED,
        },
    ),
    "answers 403 to a wrong token": (
        change_status(401, error(403, "PERMISSION_DENIED")),
        {"token-wrong-is-401": WARNED, "unauthenticated-is-challenged": NOT_TRIED},
    ),
    "knows only Bearer with a capital": (
        refuse_if(
            lambda received: not received.headers["authorization"].startswith("Bearer"), INVALID
        ),
        {"scheme-in-lower-case": WARNED},
    ),
    "challenges nobody": (
        drop_header("www-authenticate"),
        {"unauthenticated-is-challenged": FAILED},
    ),
    "echoes no correlator": (drop_header("x-correlator"), {"correlator-is-echoed": WARNED}),
    "names no methods": (
        drop_header("allow"),
        {f"{method}-on-the-sink": FAILED for method in METHODS},
    ),
    "hangs on a chunked body": (
        lambda received, reply: replace(reply, hangs=received.is_chunked),
        {"chunked-body": FAILED},
    ),
    "closes on a chunked body": (
        lambda received, reply: replace(reply, closes=received.is_chunked),
        {"chunked-body": FAILED},
    ),
    "closes after each answer": (close_after, {"connection-is-kept": WARNED}),
    "explains in plain text": (
        change_status(400, Reply(400, {"content-type": "text/plain"}, b"Bad request")),
        {"error-is-error-info": FAILED},
    ),
    "gives another status in the error": (
        change_status(400, replace(INVALID, body=INVALID.body.replace(b"400", b"401"))),
        {"error-is-error-info": FAILED},
    ),
    "closes on what it refuses": (
        change_status(400, Reply(400, closes=True)),
        {
            "error-is-error-info": NOT_TRIED,
            "not-json": WARNED,
            "not-an-event": WARNED,
            "id-missing": WARNED,
            # Three in a row were not answered, so the others are not sent.
            **dict.fromkeys(
                (
                    "source-missing",
                    "type-missing",
                    "specversion-missing",
                    "time-missing",
                    "data-is-a-list",
                    "unknown-type",
                    "wrong-media-type",
                    "too-large",
                    "scheme-in-lower-case",
                    "token-wrong",
                    "token-wrong-is-401",
                    "unauthenticated-is-challenged",
                    "token-missing",
                    "token-of-another-scheme",
                ),
                NOT_TRIED,
            ),
        },
    ),
    "fails on an unknown type": (
        refuse_if(
            lambda received: "nobody-knows" in received.event["type"], error(500, "INTERNAL")
        ),
        {"unknown-type": WARNED},
    ),
    "answers 400 to a wrong media type": (
        change_status(415, INVALID),
        {"wrong-media-type": WARNED},
    ),
    "fails on a batch": (
        change_status(415, error(500, "INTERNAL")),
        {
            **{f"batch-{version}": WARNED for version in BATCHED},
            **{f"legacy-{name}": WARNED for name in LEGACY},
            "gzip-body": WARNED,
            "wrong-media-type": WARNED,
        },
    ),
    "consents by its status": (consent_by_status, {"handshake": WARNED}),
    "consents to another": (consent_to_another, {"handshake": WARNED}),
    "limits the rate of 64 KiB": (
        refuse_if(lambda received: len(received.body) > 50_000, error(429, "TOO_MANY_REQUESTS")),
        {"event-of-64-kilobytes": NOT_TRIED},
    ),
    "takes everything": (
        take_everything,
        {
            "error-is-error-info": NOT_TRIED,
            "not-json": WARNED,
            "not-an-event": WARNED,
            **{f"{name}-missing": WARNED for name in ("id", "source", "type", "specversion")},
            "data-is-a-list": WARNED,
            "wrong-media-type": WARNED,
        },
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_sink_fails_exactly_what_it_does_wrongly(wrong: str) -> None:
    change, expected = WRONG[wrong]
    results = play_against(
        lambda received: change(received, decide_rightly(received)),
        HANGING_DEADLINE_SECONDS if wrong.startswith("hangs") else DEADLINE_SECONDS,
    )
    assert not_passed(results) == expected


def test_every_case_but_those_of_published_events_has_a_sink_that_does_not_pass_it() -> None:
    """Only of a slow body, a sink that reads it whole knows nothing."""
    failed = {name for _, expected in WRONG.values() for name in expected}
    cases = {case.name for case in list_cases("run", NOW) if "published events" not in case.group}
    assert cases - failed == {"slow-body"}
