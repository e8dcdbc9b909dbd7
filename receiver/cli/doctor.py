"""`receiver doctor`: prints the diagnosis of each check; the exit status is 1 if one failed."""

import json
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Annotated

import typer

from receiver.cli.exits import exits
from receiver.client.attempts import check_url
from receiver.doctor.checks import CHECKS, diagnose
from receiver.doctor.diagnosis import CheckState, Diagnosis, find_worst

WIDTH = max(map(len, CHECKS))


@exits({0: "no check failed, though some may warn", 1: "a check failed, or SIGTERM ended it"})
def doctor(
    url: Annotated[
        str | None,
        typer.Option(
            help="The running service, such as http://127.0.0.1:8000. Default: the local."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check settings, database and service; a test notification is posted, read and removed."""
    if url is not None:
        _require_url(url)
    signal.signal(signal.SIGTERM, _end)
    diagnoses: list[Diagnosis] = []
    for diagnosis in diagnose(url):
        diagnoses.append(diagnosis)
        if not as_json:
            typer.echo(f"{diagnosis.state:<8} {diagnosis.check:<{WIDTH}}  {diagnosis.message}")
    worst = find_worst(diagnoses)
    if as_json:
        typer.echo(_document(worst, diagnoses))
    raise typer.Exit(1 if worst is CheckState.FAILED else 0)


def _document(worst: CheckState, diagnoses: Sequence[Diagnosis]) -> str:
    checks = [{"check": one.check, "state": one.state, "message": one.message} for one in diagnoses]
    return json.dumps({"state": worst, "checks": checks}, indent=2, ensure_ascii=False)


def _require_url(url: str) -> None:
    try:
        check_url(url)
    except ValueError as error:
        message = str(error).removeprefix("url: ")
        raise typer.BadParameter(message, param_hint="--url") from None


def _end(_number: int, _frame: FrameType | None) -> None:
    """Leaves every block on the way out, so that the trial is removed and Postgres is stopped."""
    sys.exit(1)
