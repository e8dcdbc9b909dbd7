"""A Prometheus on loopback that scrapes one service and holds the shipped rules against it."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.clients import open_client
from tests.support.paths import ROOT
from tests.support.ports import free_port
from tests.support.processes import until

PROMETHEUS = shutil.which("prometheus", path=f"{os.environ['PATH']}{os.pathsep}/usr/bin")
JOB = "device-status-receiver"
START_SECONDS = 60
STOP_SECONDS = 30

needs_prometheus = pytest.mark.skipif(PROMETHEUS is None, reason="no Prometheus is installed")

CONFIGURATION = """
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: ["{rules}"]
scrape_configs:
  - job_name: {job}
    static_configs: [{{targets: ["{target}"]}}]
"""
# A rate needs two scrapes.
SCRAPED = f'sum(count_over_time(up{{job="{JOB}"}}[1m])) >= 2'


class Prometheus:
    """One that runs, and what it answers."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def ask(self, expression: str) -> list[dict[str, Any]]:
        """Returns the series of an expression, each with its labels."""
        answer = self._client.get("/api/v1/query", params={"query": expression}).json()
        assert answer["status"] == "success", (expression, answer)
        result = answer["data"]["result"]
        assert answer["data"]["resultType"] == "vector", expression
        found: list[dict[str, Any]] = result
        return found

    def rules(self) -> list[dict[str, Any]]:
        """Returns the rules, with how their last evaluation went."""
        groups = self._client.get("/api/v1/rules").json()["data"]["groups"]
        return [rule for group in groups for rule in group["rules"]]

    def has_scraped(self) -> bool:
        """Whether rates can be told, and every rule was evaluated."""
        try:
            is_scraped = bool(self.ask(SCRAPED))
            return is_scraped and all(rule["health"] != "unknown" for rule in self.rules())
        except (httpx.TransportError, ValueError):
            return False


@contextmanager
def monitoring(address: str, folder: Path) -> Iterator[Prometheus]:
    """Runs Prometheus for the length of the block, which begins when it has scraped twice.

    Args:
        address: of the service.
        folder: an empty one.
    """
    configuration = folder / "prometheus.yml"
    configuration.write_text(
        CONFIGURATION.format(
            rules=ROOT / "deploy" / "alerts.yaml",
            job=JOB,
            target=address.removeprefix("http://"),
        )
    )
    port = free_port()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                str(PROMETHEUS),
                f"--config.file={configuration}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
        )
    try:
        with open_client(f"http://127.0.0.1:{port}") as client:
            prometheus = Prometheus(client)
            assert until(prometheus.has_scraped, START_SECONDS), (folder / "log").read_text()
            yield prometheus
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        finally:
            process.kill()
