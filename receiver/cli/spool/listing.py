"""`receiver spool list`: prints the files of the spool, and nothing of their content."""

import json
from collections.abc import Sequence
from datetime import UTC
from typing import Annotated

import typer

from receiver.cli.exits import exits
from receiver.cli.spool.folder import require_folder
from receiver.errors import ConfigurationError
from receiver.settings.settings import Settings
from receiver.spool.inspection import SpoolFile, inspect

HEADINGS = ("FILE", "BEGUN", "RECORDS", "BYTES", "STATE")


@exits()
def list_all(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON array.")] = False,
) -> None:
    """Show each file of the spool: when it was begun, how much is in it, and who has it.

    `open`: a process that runs has it. `closed`: whoever drains next. `damaged`: set aside.
    `unreadable`: of a newer release. The last line is the sum.
    """
    folder = require_folder(Settings.from_environment())
    try:
        files = inspect(folder)
    except FileNotFoundError:
        files = []
    except OSError as error:
        raise ConfigurationError(f"RECEIVER_SPOOL_DIR: {error.strerror}") from None
    if as_json:
        typer.echo(json.dumps([_compose_item(file) for file in files], indent=2))
        return
    total = ("", "", str(sum(file.records for file in files)), _sum_bytes(files), "")
    rows = [HEADINGS, *map(_compose_row, files), total]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        typer.echo("  ".join(cells).rstrip())


def _sum_bytes(files: Sequence[SpoolFile]) -> str:
    return str(sum(file.size_bytes for file in files))


def _compose_row(file: SpoolFile) -> tuple[str, ...]:
    return (file.name, _begun(file), str(file.records), str(file.size_bytes), file.state)


def _compose_item(file: SpoolFile) -> dict[str, object]:
    return {
        "file": file.name,
        "begunAt": _begun(file),
        "records": file.records,
        "bytes": file.size_bytes,
        "state": file.state,
    }


def _begun(file: SpoolFile) -> str:
    return f"{file.begun_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
