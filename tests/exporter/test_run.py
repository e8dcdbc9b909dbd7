"""What an export wrote, and how far it is while it writes."""

import io
import json

import pytest
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.api.exports.questions import ExportQuestion
from receiver.exporter.run import export_events
from receiver.store.connections.engine import question_engine
from receiver.store.events.paging import exporting
from receiver.store.exports.formats import Format
from tests.support.arrivals import arrival
from tests.support.store.history import store


@pytest.fixture
async def engine(conninfo: str) -> AsyncEngine:
    await store(conninfo, [arrival(number) for number in range(7)])
    return question_engine(
        conninfo, pool_size=2, statement_timeout_seconds=10, prepare_threshold=None
    )


class Terminal(io.StringIO):
    """A terminal that somebody looks at."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("format_", [Format.NDJSON, Format.CSV, Format.PARQUET])
async def test_the_outcome_leads_to_the_rest_whatever_the_format(
    engine: AsyncEngine, format_: Format, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "PAGE_LINES", 3)
    file, shown = io.BytesIO(), Terminal()
    question, console = ExportQuestion(), Console(file=shown)
    outcome = await export_events(engine, question, format_, file, console)
    assert outcome.lines == 7
    assert "7 events" in shown.getvalue()
    ndjson = io.BytesIO()
    again = await export_events(engine, question, Format.NDJSON, ndjson, Console(file=Terminal()))
    ids = [json.loads(line)["id"] for line in ndjson.getvalue().splitlines()]
    assert outcome.last_id == again.last_id == ids[-1]
    rest = ExportQuestion.model_validate({"afterId": outcome.last_id})
    nothing = await export_events(engine, rest, format_, io.BytesIO(), console)
    assert (nothing.lines, nothing.last_id) == (0, None)
    await engine.dispose()
