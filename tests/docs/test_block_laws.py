"""What the pages tell a reader to run, a test runs; what cannot be run is listed, and why."""

import ast
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from receiver.settings.settings import Settings, variable_name
from tests.support.documented import PAGES, RUN, SHOWN, Block, blocks, documented
from tests.support.paths import DOCS, ROOT

EVERY = [block for page in PAGES for block in blocks(page)]

SERVES = "serves until it is stopped"
CONTAINERS = "starts containers, and pulls their images"
INSTALLS = "installs packages into a place of the machine"
TESTS_ALL = "installs and tests, as .ci/run does"
LONG = "takes minutes to hours, and is a test itself"
MEASURES = "measures for minutes to hours, and fills the disk"

# Page, language and beginning of a block that no test runs, and why; a test that is named does
# the same in its own way.
NOT_RUN: Sequence[tuple[str, str, str, str]] = (
    (
        "README.md",
        "sh",
        "python3 -m venv .venv && .venv/bin/pip install -c constraints.txt '.[embedded]'",
        f"{SERVES}; tests/system/test_first_ten_minutes.py installs as much",
    ),
    (
        "README.md",
        "sh",
        "python3 -m venv .venv && .venv/bin/pip install -c constraints.txt -e",
        LONG,
    ),
    ("docs/client.md", "sh", "pip install", f"{INSTALLS}; tests/client/test_alone_laws.py"),
    ("docs/console.md", "sh", "docker compose exec", CONTAINERS),
    (
        "docs/credentials.md",
        "sh",
        "RECEIVER_JWT_ISSUER",
        f"{SERVES}; needs an authorization server, as tests/system/test_access_tokens.py has",
    ),
    ("docs/durability.md", "sh", ".venv/bin/pytest", LONG),
    (
        "docs/house.md",
        "sh",
        ".venv/bin/python docs/generate.py",
        "writes the pages; tests/docs/test_references.py runs it with --check",
    ),
    ("docs/house.md", "sh", "python3 -m venv", TESTS_ALL),
    ("docs/operating.md", "sh", "python3 -m venv /opt", f"{INSTALLS}; tests/test_image.py"),
    (
        "docs/operating.md",
        "sh",
        "python3 -m venv /tmp/sbom",
        f"{INSTALLS}; tests/test_releasing.py",
    ),
    ("docs/operating.md", "sh", "export DATABASE_URL=postgresql", "the server is the reader's"),
    (
        "docs/operating.md",
        "sh",
        "export DATABASE_URL='postgresql",
        "the servers are the reader's; tests/test_patroni.py holds the URL",
    ),
    ("docs/operating.md", "sh", "cd deploy/patroni", CONTAINERS),
    ("docs/operating.md", "sh", "alias patronictl", CONTAINERS),
    ("docs/operating.md", "sh", "receiver serve 2>", SERVES),
    ("docs/operating.md", "sh", ".venv/bin/pip install", f"{INSTALLS}, and {SERVES}"),
    ("docs/operating.md", "sh", "RECEIVER_SPOOL_DIR=", SERVES),
    ("docs/performance.md", "sh", ".venv/bin/python -m benchmark", MEASURES),
    ("docs/performance.md", "sh", "python3 -m venv", MEASURES),
    (
        "docs/proofs.md",
        "sh",
        ".venv/bin/schemathesis",
        "takes minutes; tests/system/test_openapi.py runs the same",
    ),
    (
        "docs/questions.md",
        "sh",
        "curl -sSN",
        "has no end; tests/system/test_stream.py reads the stream",
    ),
    (
        "docs/questions.md",
        "sh",
        "pip install openapi-python-client",
        f"{INSTALLS}; tests/system/test_generated_client.py does so in one of its own",
    ),
    (
        "docs/questions.md",
        "python",
        "client = AuthenticatedClient",
        "needs a generated package; tests/system/test_generated_client.py asks with one",
    ),
    ("docs/releasing.md", "sh", "git tag", "makes a tag; tests/test_releasing.py rehearses it"),
    (
        "docs/retrieve.md",
        "python",
        "client = NetworkAsCodeApi",
        "needs a package; tests/system/test_nokia_sdk.py asks with it",
    ),
    ("docs/scaling.md", "sh", "TEST_CITUS_URL", LONG),
    ("docs/security.md", "sh", "HOSTILE_SECONDS", LONG),
    ("docs/sink.md", "python", "from datetime", "subscribes at a provider"),
    ("docs/upgrading.md", "sh", "kubectl", "needs a cluster; tests/system/test_upgrade.py"),
)


def taken_in(path: Path) -> Iterator[Block]:
    """Tells the blocks that a file of tests takes."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "documented":
            yield from documented(*(ast.literal_eval(argument) for argument in node.args))


TAKEN = [
    block
    for path in (ROOT / "tests").rglob("test_*.py")
    if path.name != "test_block_laws.py"
    and "from tests.support.documented import" in path.read_text(encoding="utf-8")
    for block in taken_in(path)
]
EXCUSED = [block for page, tag, begin, _ in NOT_RUN for block in documented(page, tag, begin)]


def test_every_block_is_run_or_shown() -> None:
    assert [str(block) for block in EVERY if block.tag not in RUN | SHOWN] == []


def test_every_block_that_a_reader_runs_is_run_by_one_test_or_listed_with_a_reason() -> None:
    taken = Counter([*TAKEN, *EXCUSED])
    runnable = [block for block in EVERY if block.tag in RUN]
    assert len(runnable) > 90
    assert [str(block) for block in runnable if taken[block] == 0] == []
    assert [str(block) for block in runnable if taken[block] > 1] == []


def test_more_is_run_than_listed() -> None:
    assert len(TAKEN) > 1.5 * len(EXCUSED)


def test_every_test_that_a_reason_names_exists() -> None:
    named = [path for *_, reason in NOT_RUN for path in re.findall(r"tests/[\w/]+\.py", reason)]
    assert named
    assert [path for path in named if not (ROOT / path).is_file()] == []


@pytest.mark.parametrize("block", EXCUSED, ids=str)
def test_what_is_not_run_names_tests_programs_and_settings_that_there_are(block: Block) -> None:
    for path in re.findall(r"\btests/[\w/.]+", block.text):
        assert (ROOT / path).exists(), path
    for module in re.findall(r"-m (benchmark[\w.]*)", block.text):
        place = ROOT / module.replace(".", "/")
        assert place.with_suffix(".py").is_file() or (place / "__main__.py").is_file(), module
    settings = {variable_name(name) for name in Settings.model_fields}
    assert set(re.findall(r"\b(RECEIVER_[A-Z_]+)=", block.text)) <= settings
    commands = (DOCS / "commands.md").read_text(encoding="utf-8")
    for command in re.findall(r"(?<!--namespace )\breceiver ([a-z]+)", block.text):
        assert re.search(rf"^## receiver {command}\b", commands, re.MULTILINE), command


@pytest.mark.parametrize("block", [one for one in EVERY if one.tag == "python"], ids=str)
def test_python_is_python(block: Block) -> None:
    compile(block.text, str(block), "exec")


@pytest.mark.parametrize("block", [one for one in EVERY if one.tag == "json"], ids=str)
def test_json_is_json(block: Block) -> None:
    json.loads(block.text)
