"""Everything the OpenAPI allows, and much that it does not, gets a documented answer, never a 500.

The long form, a thousand examples for each: `pytest -m long tests/system/test_openapi.py`
"""

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.service import Installation, Service, bearer

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
)

# Its own list of what refuses bad data lacks 431, the answer to an overlong query.
CONFIGURATION = """
[checks]
negative_data_rejection.expected-statuses = [400, 401, 403, 404, 406, 415, 422, 429, 431, "5xx"]
"""

CALLS = {
    "the sink": ("sink", ["--include-path", "/notifications"]),
    "the questions": ("reader", ["--exclude-path", "/notifications"]),
    "the quarantine": ("admin", ["--include-path-regex", "^/quarantine"]),
}


# Statuses of a caller who may not make a call at all.
TURNED_AWAY = {401, 403}


def is_tried(chosen: list[str], path: str) -> bool:
    """Whether schemathesis tries a path with these options."""
    option, pattern = chosen
    match option:
        case "--include-path":
            return path == pattern
        case "--exclude-path":
            return path != pattern
        case _:
            return re.search(pattern, path) is not None


@pytest.fixture(scope="module")
def tokens(service: Service, shared_installation: Installation) -> Mapping[str, str]:
    """Of every role; there is something in quarantine to look at."""
    sink = shared_installation.token("sink")
    assert service.post({"no": "event"}, sink).status_code == 400
    made = shared_installation.run("credential", "create", "openapi-admin", "--role", "admin")
    reader = shared_installation.token("reader")
    return {"sink": sink, "reader": reader, "admin": made.stdout.strip()}


def fuzz(service: Service, token: str, chosen: list[str], examples: int, folder: Path) -> str:
    """What schemathesis says; it fails the test where it found something."""
    (folder / "schemathesis.toml").write_text(CONFIGURATION)
    ran = subprocess.run(
        [
            Path(sys.executable).with_name("schemathesis"),
            "run",
            f"{service.address}/openapi.json",
            "--header",
            f"Authorization: Bearer {token}",
            *chosen,
            "--checks",
            ",".join(CHECKS),
            "--phases",
            "examples,coverage,fuzzing",
            "--max-examples",
            str(examples),
            "--continue-on-failure",
            "--no-color",
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_every_documented_call_is_tried_by_somebody_who_may_make_it(
    service: Service, tokens: Mapping[str, str]
) -> None:
    paths = service.client.get("/openapi.json").json()["paths"]
    untried = set()
    for path, methods in paths.items():
        roles = [role for role, chosen in CALLS.values() if is_tried(chosen, path)]
        for method in methods:
            target = re.sub(r"\{\w+\}", "x", path)
            statuses = {
                service.client.request(method, target, headers=bearer(tokens[role])).status_code
                for role in roles
            }
            if statuses <= TURNED_AWAY:
                untried.add(f"{method} {path}")
    assert untried == set()


@pytest.mark.parametrize("calls", CALLS)
def test_no_call_has_an_undocumented_answer(
    service: Service, tokens: Mapping[str, str], calls: str, tmp_path: Path
) -> None:
    role, chosen = CALLS[calls]
    fuzz(service, tokens[role], chosen, 15, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("calls", CALLS)
def test_no_call_has_an_undocumented_answer_however_long_one_tries(
    service: Service, tokens: Mapping[str, str], calls: str, tmp_path: Path
) -> None:
    role, chosen = CALLS[calls]
    fuzz(service, tokens[role], chosen, 1000, tmp_path)
