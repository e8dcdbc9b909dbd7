"""The log of the embedded server has the room that its disk has for it."""

import shutil
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest

from receiver.postgres import embedded_postgres
from receiver.postgres.wal import LIMIT_MAX_BYTES, LIMIT_MIN_BYTES, MIB, wal_limit, wal_settings

GIB = 1024 * MIB


class _Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.fixture
def cluster(tmp_path: Path) -> Path:
    (tmp_path / "pg_wal" / "archive_status").mkdir(parents=True)
    return tmp_path


@pytest.mark.parametrize(
    ("total", "free", "log", "limit"),
    [
        (500 * GIB, 400 * GIB, 0, LIMIT_MAX_BYTES),
        (32 * GIB, 30 * GIB, 0, 2 * GIB),
        # Others fill the disk; the log itself does not count as that.
        (500 * GIB, 4 * GIB, 0, GIB),
        (500 * GIB, 3 * GIB, GIB, GIB),
        (2 * GIB, 2 * GIB, 0, LIMIT_MIN_BYTES),
        (500 * GIB, GIB // 2, 0, LIMIT_MIN_BYTES),
    ],
)
def test_the_log_has_a_share_of_the_disk_and_of_what_is_free(
    monkeypatch: pytest.MonkeyPatch, cluster: Path, total: int, free: int, log: int, limit: int
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: _Usage(total, total - free, free))
    with (cluster / "pg_wal" / "000000010000000000000001").open("wb") as segment:
        segment.truncate(log)
    assert wal_settings(cluster)["max_wal_size"] == f"{limit // MIB}MB"
    assert wal_limit(cluster) >= limit


def test_the_server_takes_them(data_dir: Path) -> None:
    with embedded_postgres(data_dir) as postgres, psycopg.connect(postgres.conninfo) as connection:
        settings = wal_settings(data_dir / "postgres")
        for name, value in settings.items():
            shown = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
            assert shown is not None
            is_size = name == "max_wal_size"
            assert (_in_mib(shown[0]) == _in_mib(value)) if is_size else (shown == (value,))


def _in_mib(size: str) -> int:
    return int(size[:-2]) * (1024 if size.endswith("GB") else 1)
