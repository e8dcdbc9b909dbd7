"""What a format puts around its lines."""

import pytest

from receiver.api.exports import encoders
from receiver.api.exports.encoders import MEDIA_TYPES, make_encoder
from receiver.errors import ConfigurationError
from receiver.store.events.paging.exporting import Lines
from receiver.store.exports.event_columns import COLUMNS
from receiver.store.exports.formats import Format


async def written(format_: Format) -> bytes:
    encoder = make_encoder(format_, COLUMNS[:2])
    pieces = [
        encoder.begin(),
        await encoder.write(Lines("a\né".encode(), 2)),
        await encoder.write(Lines()),
    ]
    return b"".join([*pieces, await encoder.end()])


async def test_each_line_ends_with_a_line_feed() -> None:
    assert await written(Format.NDJSON) == "a\né\n".encode()


async def test_csv_begins_with_the_names_of_its_columns() -> None:
    assert await written(Format.CSV) == "event_id,device_id\na\né\n".encode()


def test_every_format_has_a_media_type_of_its_own() -> None:
    assert len(set(MEDIA_TYPES.values())) == len(MEDIA_TYPES) == len(Format)


def test_parquet_without_pyarrow_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoders, "PARQUET", "receiver.no_such_module:ParquetEncoder")
    with pytest.raises(ConfigurationError, match="install the extra `parquet`"):
        make_encoder(Format.PARQUET, COLUMNS)
