"""The references are what the code says today."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from docs import generate
from docs.generator import metrics, reporting, understood
from receiver.metrics.initial_series import INITIAL_SERIES
from receiver.settings.settings import Settings, variable_name
from tests.support.paths import ROOT

COMMAND = "python docs/generate.py"


@pytest.fixture(scope="module", autouse=True)
def no_server_of_its_own(module_conninfo: str) -> Iterator[None]:
    """Lets the generator read a database of the tests; the command itself makes one."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(reporting, "migrated_database", lambda: nullcontext(module_conninfo))
        yield


@pytest.mark.parametrize("name", generate.PAGES)
def test_a_reference_is_what_the_generator_makes(name: str) -> None:
    written = (generate.DOCS / name).read_text(encoding="utf-8")
    assert written == generate.PAGES[name](), f"docs/{name} is stale; `{COMMAND}` writes it"


def test_the_command_finds_no_stale_page() -> None:
    ended = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_stale_page_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate, "DOCS", tmp_path)
    assert list(generate.PAGES) == generate.stale()
    generate.write()
    assert generate.stale() == []
    (tmp_path / "findings.md").write_text("# Findings\n", encoding="utf-8")
    assert generate.stale() == ["findings.md"]


def test_the_page_of_the_configuration_has_every_setting() -> None:
    page = generate.PAGES["configuration.md"]()
    rows = re.findall(r"^\| `([A-Z_]+)` \|", page, re.MULTILINE)
    assert sorted(map(variable_name, Settings.model_fields)) == sorted(rows)


def test_the_page_of_the_metrics_explains_every_word_of_the_initial_series() -> None:
    page = generate.PAGES["metrics.md"]()
    calls, reasons = page.partition("### call")[2].split("### reason")
    reasons = reasons.partition("\n| call |")[0]
    assert {call for call, _, _ in INITIAL_SERIES} <= set(metrics.CALLS)
    assert all(f"| `{call}` |" in calls for call in metrics.CALLS)
    for _, status, reason in INITIAL_SERIES:
        expected = f"| `{reason}` | {'' if reason == 'ok' else status} |"
        assert expected in reasons


def test_every_published_event_of_every_version_has_a_sample_and_no_other_has() -> None:
    published = {
        (f"{api}.{version}", f"org.camaraproject.{prefix}.v0.{name}")
        for api, versions, prefix, names in understood.PUBLISHED
        for version in versions
        for name in names
    }
    assert len({type_ for _, type_ in published}) == 33
    folders = {folder for folder, _ in published}
    sampled = {(folder, event["type"]) for folder, event in understood.readable()}
    assert published == {(folder, type_) for folder, type_ in sampled if folder in folders}
