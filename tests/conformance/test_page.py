"""The page: every result stands in it, nothing in it acts, and nothing comes from elsewhere."""

from dataclasses import replace
from datetime import UTC, datetime

from bs4 import BeautifulSoup

from receiver.conformance.case import Result, Verdict
from receiver.conformance.page import compose_page
from receiver.conformance.run import list_cases

CASES = list_cases("run", datetime(2026, 3, 4, tzinfo=UTC))
RESULTS = [Result(case, Verdict.PASSED, "204", 0.01) for case in CASES]


def test_every_result_has_a_row_with_its_verdict() -> None:
    page = BeautifulSoup(compose_page("https://sink.invalid/x", RESULTS), "html.parser")
    rows = page.select("tbody tr")
    assert len(rows) == len(CASES)
    assert [row.td.text for row in rows if row.td] == ["passed"] * len(CASES)
    assert "https://sink.invalid/x" in page.h1.text if page.h1 else False


def test_a_page_has_no_script_and_asks_for_nothing() -> None:
    page = BeautifulSoup(compose_page("https://sink.invalid/x", RESULTS), "html.parser")
    assert page.find(["script", "link", "img", "iframe", "object"]) is None
    assert [tag for tag in page.find_all(True) if tag.get("src") or tag.get("href")] == []


def test_hostile_texts_are_only_shown() -> None:
    hostile = "<script>alert('1')</script>&\"'"
    result = Result(replace(CASES[0], name=hostile, asked=hostile), Verdict.FAILED, hostile)
    text = compose_page(hostile, [result])
    assert "<script" not in text
    page = BeautifulSoup(text, "html.parser")
    assert page.find("script") is None
    assert page.get_text().count(hostile) == 5
