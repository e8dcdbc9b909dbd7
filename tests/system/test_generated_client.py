"""A client that `openapi-python-client` generates from the running service asks it.

The generator has an environment of its own: it needs an older typer than the service.
"""

import json
import os
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest

from tests.support.service import Service, notification

FOLDER = Path(__file__).parent / "clients"
PINS = FOLDER / "openapi-python-client.txt"
SECONDS = 300
EVENTS = 5


def run(*command: str | Path, cwd: Path, path: Path) -> subprocess.CompletedProcess[str]:
    """Runs a program of the environment at `path`; no proxy leads to this machine."""
    outer = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        command,
        cwd=cwd,
        env={**outer, "PATH": f"{path}:{outer['PATH']}", "NO_PROXY": "127.0.0.1"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


@pytest.fixture(scope="module")
def programs() -> Iterator[Path]:
    """The folder of the generator's programs."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        venv.create(folder)
        programs = folder / "bin"
        # Of the tests' own pip, since another one takes seconds to install.
        pip = (sys.executable, "-m", "pip", "--python", programs / "python")
        installed = run(*pip, "install", "-q", "-r", PINS, cwd=folder, path=programs)
        if installed.returncode != 0:
            pytest.skip("openapi-python-client cannot be installed: no registry is reachable")
        yield programs


@pytest.fixture(scope="module")
def generated(service: Service, programs: Path) -> Iterator[Path]:
    """The folder that holds the generated package."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        made = run(
            programs / "openapi-python-client",
            *("generate", "--url", f"{service.address}/openapi.json", "--meta", "none"),
            *("--output-path", folder / "receiver_client", "--fail-on-warning"),
            cwd=folder,
            path=programs,
        )
        assert made.returncode == 0, made.stdout + made.stderr
        assert "warning" not in made.stdout.lower()
        yield folder


def test_a_generated_client_imports_asks_and_understands_the_answers(
    service: Service, sink: str, generated: Path, programs: Path, reader: str
) -> None:
    number = f"+99999{uuid4().int % 10**9:09}"
    ids = []
    for second in range(EVENTS):
        event = notification(phone_number=number)
        event["time"] = f"2026-04-17T07:31:{second:02}.416474Z"
        assert service.post(event, sink) == 204
        ids.append(event["id"])

    (generated / "asking.py").write_text((FOLDER / "asking.py").read_text())
    asked = run(
        programs / "python", "asking.py", service.address, reader, number,
        cwd=generated, path=programs,
    )  # fmt: skip
    assert asked.returncode == 0, asked.stderr
    said = json.loads(asked.stdout)
    calls = service.http.get("/openapi.json").json()["paths"].values()
    assert said.pop("modules") > sum(map(len, calls))
    assert said == {
        "phoneNumber": number,
        "pages": [ids[0:2], ids[2:4], ids[4:5]],
        "before": 0,
        "roaming": ["RoamingValue", True],
        "countryName": ["FR"],
        "networkType": ["UnknownNetworkType", "never-reported"],
        "unknown": [404, 404, "IDENTIFIER_NOT_FOUND"],
        "correlator": 32,
    }
