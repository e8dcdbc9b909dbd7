"""What answers questions shares the connections of questions, and nothing else."""

from sqlalchemy.ext.asyncio import create_async_engine

from receiver.app.answering import Answering


def test_every_part_asks_over_the_connections_of_questions() -> None:
    engine = create_async_engine("postgresql+psycopg://nowhere.invalid/none")
    parts = vars(Answering(engine)).values()
    engines = [
        found for part in parts for name, found in vars(part).items() if name.endswith("_engine")
    ]
    assert len(engines) >= len(parts)
    assert all(found is engine for found in engines)
