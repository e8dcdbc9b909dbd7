"""The notification to the letter, and with line breaks."""

import json

import pytest

from receiver.api.console.device.payload import break_lines, cut_payload
from receiver.api.questions.event_resources import EventWithPayload
from tests.support.bodies import cloudevent


@pytest.mark.parametrize(
    "payload",
    [
        '{"a": 1}',
        '{ "payload" : "x", "y":"\\",\\"payload\\":" }',
        "{}",
        '{"n": 1.0e+400, "n": 10000000000000000000000}',
    ],
)
@pytest.mark.parametrize("source", ["plain", '","payload":{"forged":true}}', "\\"])
def test_the_payload_is_cut_to_the_letter_whatever_members_say(source: str, payload: str) -> None:
    members = json.dumps({"id": "1", "source": source, "findings": []}, separators=(",", ":"))
    assert cut_payload(f'{members[:-1]},"payload":{payload}}}') == payload


def test_each_member_has_a_line_of_its_own() -> None:
    assert break_lines('{"a":[1,{"b":[]}, {}],"c":"x"}').splitlines() == [
        "{",
        '  "a": [',
        "    1,",
        "    {",
        '      "b": []',
        "    },",
        "    {}",
        "  ],",
        '  "c": "x"',
        "}",
    ]


@pytest.mark.parametrize(
    "text",
    [
        cloudevent("any").decode(),
        '{"twice": 1, "twice": 2, "long": 12345678901234567890.50}',
        '{"text": "with {braces}, [brackets]: and \\"quotes\\" \\\\", "😀": null}',
        '[[[[true]]], false, -0.0, "", {"": ""}]',
        '"alone"',
        "[" * 200 + "]" * 200,
    ],
)
def test_nothing_but_blanks_is_added_or_lost(text: str) -> None:
    def lexemes(written: str) -> str:
        inside, kept, before = False, "", ""
        for letter in written:
            if letter == '"' and before != "\\":
                inside = not inside
            if inside or not letter.isspace():
                kept += letter
            before = "" if before == letter == "\\" else letter
        return kept

    broken = break_lines(text)
    assert lexemes(broken) == lexemes(text)
    assert json.loads(broken) == json.loads(text)


def test_the_documented_resource_ends_with_its_payload() -> None:
    assert list(EventWithPayload.model_fields)[-1] == "payload"
