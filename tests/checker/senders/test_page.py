"""The page: all that the document holds, and nothing that acts or comes from elsewhere."""

from bs4 import BeautifulSoup

from receiver.checker.senders.captures import Capture
from receiver.checker.senders.document import compose_document
from receiver.checker.senders.page import compose_page
from receiver.checker.senders.tally import count_all
from tests.support.bodies import cloudevent

HOSTILE = "<script>alert('1')</script>&\"'<img src=x>"
BROKEN = cloudevent("roaming-status", {"roaming": True, "countryName": "FR", "subscriptionId": "s"})


def page_of(sender: str, file: str, *bodies: bytes) -> str:
    captures = ((file, Capture(line, body, {})) for line, body in enumerate(bodies, 1))
    return compose_page(compose_document(sender, count_all(captures)))


def test_every_rule_has_its_section() -> None:
    page = BeautifulSoup(page_of("Operator", "file", BROKEN, b"x"), "html.parser")
    assert [title.text.split()[0] for title in page.select("h3")] == [
        "country-name-not-a-list", "line",
    ]  # fmt: skip
    text = " ".join(page.get_text().split())
    assert "What Operator sent" in text
    assert "CAMARA, CountryName: a list of ISO 3166 alpha-2 codes (breaks: all)" in text
    assert "file:1" in text
    assert "phone-number-without-plus" in text


def test_a_page_has_no_script_and_asks_for_nothing() -> None:
    page = BeautifulSoup(page_of("Operator", "file", BROKEN), "html.parser")
    assert page.find(["script", "link", "img", "iframe", "object"]) is None
    assert [tag for tag in page.find_all(True) if tag.get("src") or tag.get("href")] == []


def test_hostile_texts_are_only_shown() -> None:
    body = cloudevent(HOSTILE, {HOSTILE: HOSTILE, "roaming": HOSTILE}, id=HOSTILE)
    status = cloudevent("roaming-status", {"countryName": HOSTILE, "subscriptionId": HOSTILE})
    text = page_of(HOSTILE, HOSTILE, body, status, HOSTILE.encode())
    assert "<script" not in text
    assert "<img" not in text
    shown = BeautifulSoup(text, "html.parser")
    assert shown.h1 is not None
    assert shown.h1.text == f"What {HOSTILE} sent"


def test_a_stream_without_a_fault_says_so() -> None:
    text = page_of("Operator", "file", cloudevent("roaming-on"))
    assert "<p>None.</p>" in text
    assert "What is refused" not in text
