"""A cluster is made whole or not at all, and only one of our own version and user is run."""

import os
import shutil
from pathlib import Path

import psycopg
import pytest

from receiver.errors import ConfigurationError
from receiver.postgres import embedded_postgres
from receiver.postgres.accounts.account import postgres_account
from receiver.postgres.binaries import Binaries
from receiver.postgres.cluster import has_cluster, ready_cluster
from tests.support.embedded import Greeting, Launch


def wheel_of(folder: Path, initdb: str) -> Binaries:
    """Returns programs of which ``initdb`` is a script of ours, to fail as we like."""
    binaries = Binaries(folder / "wheel", "0")
    binaries.bin_dir.mkdir(parents=True)
    script = binaries.bin_dir / "initdb"
    script.write_text(f"#!/bin/sh\n{initdb}\n")
    script.chmod(0o755)
    return binaries


def test_a_failing_initdb_is_quoted_and_leaves_nothing(folder: Path, fresh_data_dir: Path) -> None:
    fresh_data_dir.mkdir()
    fresh_data_dir.chmod(0o755)
    lines = "seq 1 50; echo 'could not write: No space left on device' >&2; exit 1"
    with pytest.raises(ConfigurationError) as refusal:
        ready_cluster(
            fresh_data_dir, postgres_account(), wheel_of(folder, f'touch "$2/half"; {lines}')
        )
    assert "\n50\ncould not write: No space left on device" in str(refusal.value)
    assert "\n40\n" not in str(refusal.value)
    assert list(fresh_data_dir.iterdir()) == []


def test_what_a_crash_during_initdb_left_is_removed(fresh_data_dir: Path) -> None:
    left = fresh_data_dir / "postgres.incomplete-abc" / "base"
    left.mkdir(parents=True)
    fresh_data_dir.chmod(0o755)
    with embedded_postgres(fresh_data_dir) as postgres:
        assert postgres.owned
        assert not left.parent.exists()
        assert {"lock", "postgres", "postgres.log", "run"} == {
            path.name for path in fresh_data_dir.iterdir() if path.name != "binaries"
        }


def test_an_owner_killed_during_initdb_leaves_no_half_cluster(
    fresh_data_dir: Path, launch: Launch, greeting: Greeting
) -> None:
    first = launch(fresh_data_dir)
    while not any(fresh_data_dir.glob("postgres.incomplete-*/base/*")):
        assert first.poll() is None
    first.kill()
    first.wait()
    assert not (fresh_data_dir / "postgres").exists()
    assert greeting(launch(fresh_data_dir))["owned"]


def test_a_missing_database_is_made_again(spare_data_dir: Path) -> None:
    with embedded_postgres(spare_data_dir) as postgres:
        other = postgres.conninfo.replace("/receiver?", "/postgres?")
        with psycopg.connect(other, autocommit=True) as connection:
            connection.execute("DROP DATABASE receiver")
    with embedded_postgres(spare_data_dir) as postgres:
        psycopg.connect(postgres.conninfo).close()


def test_a_cluster_of_another_version_is_refused(spare_data_dir: Path) -> None:
    (spare_data_dir / "postgres" / "PG_VERSION").write_text("17\n")
    with (
        pytest.raises(ConfigurationError, match=r"was made by Postgres 17, and .* is 18"),
        embedded_postgres(spare_data_dir),
    ):
        pass


def test_files_that_are_no_cluster_are_left_alone(fresh_data_dir: Path) -> None:
    diary = fresh_data_dir / "postgres" / "diary"
    diary.parent.mkdir(parents=True)
    fresh_data_dir.chmod(0o755)
    diary.write_text("dear")
    account = postgres_account()
    os.chown(diary.parent, account.uid, account.gid)
    with (
        pytest.raises(ConfigurationError, match="holds no Postgres cluster"),
        embedded_postgres(fresh_data_dir),
    ):
        pass
    assert diary.read_text() == "dear"


def test_a_cluster_of_another_user_is_refused(fresh_data_dir: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    cluster = fresh_data_dir / "postgres"
    cluster.mkdir(parents=True)
    fresh_data_dir.chmod(0o755)
    (cluster / "PG_VERSION").write_text("18\n")
    shutil.chown(cluster, "daemon")
    with (
        pytest.raises(ConfigurationError, match="belongs to daemon, and Postgres would run as"),
        embedded_postgres(fresh_data_dir),
    ):
        pass


def test_a_directory_without_a_cluster_is_known_by_its_look(fresh_data_dir: Path) -> None:
    assert not has_cluster(fresh_data_dir)
    (fresh_data_dir / "postgres").mkdir(parents=True)
    assert not has_cluster(fresh_data_dir)
    (fresh_data_dir / "postgres" / "PG_VERSION").write_text("18\n")
    assert has_cluster(fresh_data_dir)
