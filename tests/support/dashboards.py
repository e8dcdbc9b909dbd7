"""Panels of a Grafana dashboard on Postgres, and their questions as its data source asks them.

The macros are those of the PostgreSQL data source of Grafana 10 to 13: what its documentation says
that each becomes.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

MACRO = re.compile(r"\$(__\w+)\(([^)]*)\)")


@dataclass(frozen=True, slots=True)
class Question:
    """What one target of a panel asks.

    Attributes:
        panel: the title of its panel.
        type_: of its panel.
        format_: as what the data source hands on the rows: `table` or `time_series`.
        sql: with macros and variables.
    """

    panel: str
    type_: str
    format_: str
    sql: str


@dataclass(frozen=True, slots=True)
class Look:
    """What a person looks at: a range of time, in steps of an interval, and a device.

    Attributes:
        device: what is written into the box of that name.
    """

    start: datetime
    end: datetime
    interval: timedelta
    device: str = ""

    def ask(self, sql: str) -> str:
        """Returns the statement that reaches Postgres."""
        seconds = int(self.interval.total_seconds())
        device = self.device.replace("'", "''")
        for variable, value in (
            ("${device:sqlstring}", f"'{device}'"),
            ("$__interval_ms", str(1000 * seconds)),
            ("$__interval", f"{seconds}s"),
        ):
            sql = sql.replace(variable, value)
        sql = MACRO.sub(lambda found: self._replace(found[1], found[2]), sql)
        assert "$" not in sql, sql
        return sql

    def _replace(self, name: str, argument: str) -> str:
        start, end = (
            f"'{moment.astimezone(UTC).isoformat().replace('+00:00', 'Z')}'"
            for moment in (self.start, self.end)
        )
        column, _, interval = argument.partition(",")
        seconds = interval.strip().strip("'").removesuffix("s")
        group = f"floor(extract(epoch from {column})/{seconds})*{seconds}"
        return {
            "__timeFrom": start,
            "__timeTo": end,
            "__timeFilter": f"{column} BETWEEN {start} AND {end}",
            "__timeGroup": group,
            "__timeGroupAlias": f'{group} AS "time"',
        }[name]


def read_panels(path: Path) -> list[dict[str, Any]]:
    """Returns the panels of a dashboard."""
    panels: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["panels"]
    return panels


def questions(path: Path) -> Iterator[Question]:
    """Tells what the panels of a dashboard ask, in their order."""
    for panel in read_panels(path):
        for target in panel["targets"]:
            yield Question(panel["title"], panel["type"], target["format"], target["rawSql"])
