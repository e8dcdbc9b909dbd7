"""`receiver config`: prints every setting, its value and where the value comes from."""

import json
from typing import Annotated

import typer

from receiver.cli.exits import exits
from receiver.errors import ConfigurationError
from receiver.postgres.directories import default_data_dir
from receiver.settings.inspection import Entry, Inspection, describe_unknown, inspect
from receiver.terminal import make_printable

HEADINGS = ("VARIABLE", "VALUE", "ORIGIN")
# In place of a value that there is not.
ABSENT = "-"
WRONG = "wrong"


@exits({1: "a setting is wrong; stderr names it, and its value never"})
def config(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show every setting with its value and where the value comes from, secrets hidden.

    Of a database, its hosts and its name are shown; user, password and parameters are not. A
    variable that is no setting is named on stderr.
    """
    inspection = inspect({"data_dir": str(default_data_dir())})
    if as_json:
        typer.echo(json.dumps(_compose_members(inspection), indent=2, ensure_ascii=False))
    else:
        _print_table(inspection)
    if inspection.unknown:
        typer.echo(describe_unknown(inspection.unknown), err=True)
    if inspection.faults:
        raise ConfigurationError("; ".join(inspection.faults))


def _print_table(inspection: Inspection) -> None:
    rows = [HEADINGS, *map(_compose_row, inspection.entries)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        typer.echo("  ".join(cells).rstrip())


def _compose_row(entry: Entry) -> tuple[str, str, str]:
    origin = entry.origin if entry.fault is None else f"{entry.origin}, {WRONG}"
    return entry.variable, ABSENT if entry.value is None else make_printable(entry.value), origin


def _compose_members(inspection: Inspection) -> dict[str, object]:
    return {
        "settings": [
            {
                "variable": entry.variable,
                "value": None if entry.value is None else make_printable(entry.value),
                "origin": entry.origin,
                **({} if entry.fault is None else {"fault": entry.fault}),
            }
            for entry in inspection.entries
        ],
        "faults": inspection.faults,
        "unknown": inspection.unknown,
    }
