"""Texts that a sender may put into whatever it sends, and how a page must show them: as text."""

import httpx
from bs4 import BeautifulSoup

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}",
    "\u202eolleh\u2066",
    "x" * 2000,
)


def require_harmless(answer: httpx.Response) -> BeautifulSoup:
    """Returns a page in which no text of a sender became markup."""
    page = BeautifulSoup(answer.text, "html.parser")
    assert page.select("script:not([src]), img, [onerror]") == []
    assert "alert(1)" not in "".join(
        str(one.attrs.get("href", "")) for one in page.select("[href]")
    )
    assert ">49<" not in answer.text
    return page
