"""One command makes a release from what is committed, and finds what would be wrong with it."""

import hashlib
import json
import shutil
import subprocess
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.support.paths import ROOT

RELEASE_SECONDS = 1200


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A clone of what is committed, with the command as it stands here."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("this is no checkout")
    clone = tmp_path / "checkout"
    subprocess.run([git, "clone", "-q", str(ROOT), str(clone)], check=True)
    shutil.copy(ROOT / ".ci" / "release", clone / ".ci" / "release")
    return clone


def release(checkout: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [checkout / ".ci" / "release", *arguments],
        capture_output=True,
        text=True,
        timeout=RELEASE_SECONDS,
        check=False,
    )


def test_what_is_not_committed_is_no_release(checkout: Path) -> None:
    (checkout / "left.txt").write_text("left")
    refused = release(checkout)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == "release: commit or remove what git status shows\n"
    assert not (checkout / "dist").exists()


@pytest.mark.long
def test_a_rehearsal_makes_every_file(checkout: Path) -> None:
    made = release(checkout, "--rehearse")
    assert made.returncode == 0, made.stderr
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    dist = checkout / "dist"
    lines = (dist / "SHA256SUMS").read_text().splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
    assert {path.name for path in dist.iterdir()} == {*sums, "SHA256SUMS"}
    for name, digest in sums.items():
        assert hashlib.sha256((dist / name).read_bytes()).hexdigest() == digest
    components = json.loads((dist / f"device-status-receiver-{version}.cdx.json").read_text())
    assert components["metadata"]["component"]["version"] == version
    assert {"fastapi", "psycopg"} <= {part["name"] for part in components["components"]}
    with zipfile.ZipFile(dist / f"device_status_receiver-{version}-py3-none-any.whl") as wheel:
        names = wheel.namelist()
    assert any(name.startswith("receiver/migrations/versions/") for name in names)
    assert "receiver/py.typed" in names
