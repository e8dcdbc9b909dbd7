"""What the documents name exists."""

import re

from tests.support.paths import ROOT

NAMED = re.compile(r"`(tests/[\w/]+(?:\.py)?)`|`(test_\w+)`")


def test_every_test_that_the_threat_model_names_exists() -> None:
    missing = []
    for line in (ROOT / "docs" / "security.md").read_text().splitlines():
        source = ""
        for path, test in NAMED.findall(line):
            if path:
                place = ROOT / path
                source = place.read_text() if place.is_file() else ""
                missing += [] if place.exists() else [path]
            elif f"def {test}(" not in source:
                missing.append(test)
    assert missing == []


def test_every_link_of_the_readme_leads_somewhere() -> None:
    readme = (ROOT / "README.md").read_text()
    headings = {
        re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-")
        for title in re.findall(r"^#+ (.*)$", readme, re.MULTILINE)
    }
    for link in re.findall(r"\]\(([^)]+)\)", readme):
        known = link[1:] in headings if link.startswith("#") else (ROOT / link).exists()
        assert known, link
