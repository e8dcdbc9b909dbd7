"""One serving process."""

import os
import subprocess
import sys

PROGRAM = """
import gc, logging
from receiver.app import worker
app = worker.create()
print(type(app).__name__, gc.get_freeze_count() > 0, gc.get_threshold()[0] == worker.YOUNG_OBJECTS)
print(logging.getLogger("uvicorn.error.connections").level == logging.ERROR)
"""


def created(**environment: str) -> subprocess.CompletedProcess[str]:
    """Makes the application as uvicorn does, in an interpreter of its own."""
    return subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_worker_makes_its_application_from_the_environment(conninfo: str) -> None:
    made = created(DATABASE_URL=conninfo)
    assert made.stdout.split() == ["Application", "True", "True", "True"], made.stderr


def test_a_worker_without_a_database_does_not_start() -> None:
    made = created(DATABASE_URL="")
    assert made.returncode != 0
    assert "ConfigurationError" in made.stderr
