"""Places are made with the right permissions, never opened to anyone, and short where they must."""

import os
import stat
import subprocess
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from receiver.errors import ConfigurationError
from receiver.postgres import default_data_dir, embedded_postgres
from receiver.postgres.accounts.account import SYSTEM_USER, postgres_account
from receiver.postgres.directories import socket_directory
from tests.support.embedded import Greeting, Launch


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_missing_parents_are_made_so_that_postgres_can_pass(folder: Path) -> None:
    expected = 0o755 if os.geteuid() == 0 else 0o700
    umask = os.umask(0o077)
    try:
        with embedded_postgres(folder / "a" / "b"):
            assert [expected, expected] == [mode(folder / "a"), mode(folder / "a" / "b")]
    finally:
        os.umask(umask)


def test_an_existing_directory_keeps_its_permissions(folder: Path, data_dir: Path) -> None:
    data_dir.chmod(0o751)
    folder.chmod(0o711)
    with embedded_postgres(data_dir):
        pass
    assert [mode(folder), mode(data_dir)] == [0o711, 0o751]


@pytest.mark.parametrize("below", [(), ("data",), ("new", "data")])
def test_a_directory_closed_to_postgres_is_named_and_stays_closed(
    folder: Path, below: tuple[str, ...]
) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root runs Postgres as another user")
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    with (
        pytest.raises(ConfigurationError, match=f"user {SYSTEM_USER}, who may not enter {closed};"),
        embedded_postgres(closed.joinpath(*below)),
    ):
        pass
    assert mode(closed) == 0o700
    assert list(closed.iterdir()) == []


@pytest.mark.parametrize("name", ["long" * 25, "with,comma", "with space", "grün"])
def test_a_path_no_socket_can_have_gets_a_short_one(
    folder: Path, data_dir: Path, launch: Launch, greeting: Greeting, name: str
) -> None:
    data_dir.rename(folder / name)
    with embedded_postgres(folder / name) as postgres:
        (host,) = parse_qs(urlsplit(postgres.conninfo).query)["host"]
        directory = Path(host)
        assert socket_directory(folder / name, postgres_account().uid) == directory
        assert not directory.is_relative_to(folder)
        assert len(os.fsencode(directory / ".s.PGSQL.5432")) < 107
        assert mode(directory) == 0o700
        psycopg.connect(postgres.conninfo).close()
        assert greeting(launch(folder / name)) == {"conninfo": postgres.conninfo, "owned": False}
    assert not directory.exists()


def test_the_longest_usable_path_is_used(folder: Path, data_dir: Path) -> None:
    room = 106 - len(str(folder / "run" / ".s.PGSQL.5432")) - 1
    for length, expected in ((room, True), (room + 1, False)):
        place = folder / ("x" * length)
        assert expected == (place / "run" == socket_directory(place, os.geteuid()))
    data_dir.rename(folder / ("x" * room))
    with embedded_postgres(folder / ("x" * room)) as postgres:
        assert f"host={folder / ('x' * room) / 'run'}&" in postgres.conninfo


@pytest.mark.parametrize("trap", ["open", "link"])
def test_a_strangers_socket_directory_is_not_trusted(
    folder: Path, data_dir: Path, trap: str
) -> None:
    data_dir = data_dir.rename(folder / ("long" * 25))
    place = socket_directory(data_dir, postgres_account().uid)
    if trap == "open":
        place.mkdir()
        place.chmod(0o777)
    else:
        place.symlink_to(folder)
    try:
        with (
            pytest.raises(ConfigurationError, match=f"{place} is not a private directory"),
            embedded_postgres(data_dir),
        ):
            pass
    finally:
        place.rmdir() if trap == "open" else place.unlink()


def test_a_socket_directory_left_by_a_killed_owner_is_used_again(
    folder: Path, data_dir: Path
) -> None:
    data_dir = data_dir.rename(folder / ("long" * 25))
    account = postgres_account()
    place = socket_directory(data_dir, account.uid)
    place.mkdir(mode=0o700)
    os.chown(place, account.uid, account.gid)
    (place / ".s.PGSQL.5432").touch()
    user = None if account.is_ours else account.uid
    with subprocess.Popen(["/bin/sleep", "60"], user=user) as bystander:
        # The lock file of a socket too is believed while its pid is that of anybody alive.
        (place / ".s.PGSQL.5432.lock").write_text(f"{bystander.pid}\n")
        try:
            with embedded_postgres(data_dir) as postgres:
                psycopg.connect(postgres.conninfo).close()
        finally:
            bystander.kill()
    assert not place.exists()


def test_the_data_directory_of_a_user_is_where_the_platform_keeps_data(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 1234)
    assert tmp_path / "device-status-receiver" == default_data_dir()


def test_the_data_directory_of_root_is_the_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert Path("/var/lib/device-status-receiver") == default_data_dir()
