"""Everything the OpenAPI allows, and much that it does not, gets a documented answer, never a 500.

The long form, a thousand examples for each: `pytest -m long tests/system/test_openapi.py`
"""

import subprocess
import sys
from collections.abc import Mapping, Set
from pathlib import Path

import pytest

from tests.support.described import operations
from tests.support.service import Installation, Service

HOOKS = Path(__file__).parent / "clients" / "schemathesis_hooks.py"

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
)
# The sink takes more than its description asks senders for.
STRICT = "negative_data_rejection"

# Its own list of what refuses bad data lacks 431, the answer to an overlong query.
CONFIGURATION = f"""
hooks = "{HOOKS}"

[checks]
negative_data_rejection.expected-statuses = [400, 401, 403, 404, 406, 415, 422, 429, 431, "5xx"]

# A status that is not known is a 503 in CAMARA's words.
[[operations]]
include-tag = "retrieve"
checks.not_a_server_error.expected-statuses = ["2xx", "4xx", 503]
"""

NONE: Set[str] = frozenset()

# Who tries a call that anyone may make.
ANYONE = "reader"

# The ids of the calls that each role tries: every call is tried by the least role that may make it.
CALLS: dict[str, list[str]] = {}
for operation in operations():
    [role] = operation.roles or [ANYONE]
    CALLS.setdefault(role, []).append(operation.said["operationId"])

# What is asked of each answer is asked of a whole one, and this has no end;
# tests/api/questions/stream/ tries it.
ENDLESS = {"streamEvents"}

# Retrieve calls with the same body are one endpoint at many paths; the short form tries one path.
ALIKE: dict[str, list[str]] = {}
for operation in operations():
    if operation.said["tags"] == ["retrieve"]:
        ALIKE.setdefault(str(operation.bodies), []).append(operation.said["operationId"])
LONG_ONLY = {name for alike in ALIKE.values() for name in alike[1:]} | ENDLESS


@pytest.fixture(scope="module")
def tokens(service: Service, shared_installation: Installation) -> Mapping[str, str]:
    """Of every role; there is something in quarantine to look at."""
    sink = shared_installation.token("sink")
    assert service.post({"no": "event"}, sink) == 400
    tokens = {role: shared_installation.create(f"openapi-{role}", role) for role in CALLS}
    return {**tokens, "sink": sink}


def fuzz(
    service: Service, token: str, role: str, examples: int, folder: Path, leave_out: Set[str] = NONE
) -> None:
    """Runs schemathesis; it fails the test where it found something."""
    checks = CHECKS if role == "sink" else (*CHECKS, STRICT)
    names = [name for name in CALLS[role] if name not in leave_out]
    chosen = [word for name in names for word in ("--include-operation-id", name)]
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
            ",".join(checks),
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
    assert f"Tested: {len(names)}\n" in ran.stdout


def test_every_described_call_is_tried() -> None:
    ids = [operation.said["operationId"] for operation in operations()]
    assert sorted(tried for calls in CALLS.values() for tried in calls) == sorted(ids)


@pytest.mark.parametrize("role", CALLS)
def test_no_call_has_an_undocumented_answer(
    service: Service, tokens: Mapping[str, str], role: str, tmp_path: Path
) -> None:
    fuzz(service, tokens[role], role, 5, tmp_path, LONG_ONLY)


@pytest.mark.long
@pytest.mark.parametrize("role", CALLS)
def test_no_call_has_an_undocumented_answer_however_long_one_tries(
    service: Service, tokens: Mapping[str, str], role: str, tmp_path: Path
) -> None:
    fuzz(service, tokens[role], role, 1000, tmp_path, ENDLESS)
