"""A cluster that root ran as another user goes to our own, whole, and never one of anybody else."""

import os
import pwd
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from receiver.errors import ConfigurationError
from receiver.postgres import embedded_postgres
from receiver.postgres.accounts.account import postgres_account
from receiver.postgres.directories import socket_directory
from tests.support.embedded import Stranger, copy_data_dir

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs Postgres as another user")

NO_SUCH_UID = 54321
ROOT = 0


def shared_uid() -> int:
    """The id of the user `postgres`."""
    try:
        return pwd.getpwnam("postgres").pw_uid
    except KeyError:
        pytest.skip("there is no user postgres here")


def give(tree: Path, uid: int) -> None:
    subprocess.run(["/bin/chown", "-hR", f"{uid}:{uid}", tree], check=True)


def owners(tree: Path) -> set[int]:
    return {tree.stat().st_uid, *(path.lstat().st_uid for path in tree.rglob("*"))}


def remember(data_dir: Path) -> None:
    with embedded_postgres(data_dir) as server, psycopg.connect(server.conninfo) as connection:
        connection.execute("CREATE TABLE memory AS SELECT 'kept' AS word")


def recall(data_dir: Path) -> object:
    with embedded_postgres(data_dir) as server, psycopg.connect(server.conninfo) as connection:
        row = connection.execute("SELECT word FROM memory").fetchone()
    return row and row[0]


@pytest.fixture(scope="module")
def remembering(pristine: Path) -> Path:
    """A data directory with something to remember; it is only copied."""
    data_dir = copy_data_dir(pristine, pristine.with_name("remembering"))
    remember(data_dir)
    return data_dir


@pytest.fixture
def cluster(folder: Path, remembering: Path) -> Path:
    """A cluster with something to remember, for a test to spoil."""
    return copy_data_dir(remembering, folder / "spare") / "postgres"


@pytest.mark.parametrize("owner", ["postgres", "an id without an entry"])
def test_a_cluster_that_was_left_behind_is_adopted_and_serves(cluster: Path, owner: str) -> None:
    give(cluster, shared_uid() if owner == "postgres" else NO_SUCH_UID)
    # The folder of the socket that a killed server leaves.
    run = socket_directory(cluster.parent, NO_SUCH_UID)
    run.mkdir(mode=0o700)
    give(run, cluster.stat().st_uid)
    assert recall(cluster.parent) == "kept"
    assert owners(cluster) == {postgres_account().uid}
    assert recall(cluster.parent) == "kept"


def test_an_adoption_that_was_interrupted_is_completed(cluster: Path) -> None:
    give(cluster, shared_uid())
    give(cluster / "base", postgres_account().uid)
    os.chown(cluster, ROOT, ROOT)
    assert recall(cluster.parent) == "kept"
    assert owners(cluster) == {postgres_account().uid}


def test_a_cluster_that_another_user_put_there_is_refused(
    cluster: Path, stranger: Stranger
) -> None:
    for tree, uid in ((cluster, stranger.uid), (cluster.parent, shared_uid())):
        give(tree, uid)
        with (
            pytest.raises(ConfigurationError, match=f"{cluster} belongs to"),
            embedded_postgres(cluster.parent),
        ):
            pass
        assert owners(cluster) == {uid}


def test_a_cluster_where_others_may_make_entries_is_refused(cluster: Path) -> None:
    give(cluster, shared_uid())
    cluster.parent.chmod(0o777)
    with (
        pytest.raises(ConfigurationError, match=f"{cluster} belongs to postgres"),
        embedded_postgres(cluster.parent),
    ):
        pass
    assert owners(cluster) == {shared_uid()}


@pytest.mark.parametrize("kind", ["symbolic", "hard"])
def test_links_are_refused_and_what_they_lead_to_is_left_alone(
    folder: Path, cluster: Path, kind: str
) -> None:
    target = folder / "target"
    target.write_text("a system's own file")
    link = cluster / "pg_wal" / "link"
    if kind == "symbolic":
        link.symlink_to(target)
    else:
        link.hardlink_to(target)
    give(cluster, shared_uid())
    os.chown(target, ROOT, ROOT)
    with (
        pytest.raises(ConfigurationError, match="holds links, such as link;"),
        embedded_postgres(cluster.parent),
    ):
        pass
    assert target.stat().st_uid == ROOT
    assert cluster.stat().st_uid == shared_uid()


def test_nothing_changes_while_a_process_of_an_earlier_server_stays(cluster: Path) -> None:
    give(cluster, NO_SUCH_UID)
    program = [sys.executable, "-c", "print(flush=True); input()"]
    with subprocess.Popen(
        program, cwd=cluster, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as backend:
        assert backend.stdout is not None
        backend.stdout.readline()
        with (
            pytest.raises(ConfigurationError, match=rf"\({backend.pid}\); end them"),
            embedded_postgres(cluster.parent, start_timeout_seconds=0.2),
        ):
            pass
        assert owners(cluster) == {NO_SUCH_UID}
        backend.communicate(b"\n")
    assert recall(cluster.parent) == "kept"


@pytest.mark.parametrize("place", ["postgres", "run", "run/.s.PGSQL.5432"])
def test_the_superusers_of_another_postgres_reach_nothing_of_ours(
    data_dir: Path, place: str
) -> None:
    """Whatever `COPY … FROM PROGRAM` of the system's Postgres runs, runs as `postgres`."""
    attempt = (
        "import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])"
        if "PGSQL" in place
        else "import os, sys; os.listdir(sys.argv[1])"
    )
    with embedded_postgres(data_dir):
        ran = subprocess.run(
            ["/usr/bin/env", "python3", "-c", attempt, data_dir / place],
            user=shared_uid(),
            group=shared_uid(),
            extra_groups=[],
            cwd="/",
            env={"PATH": os.defpath},
            capture_output=True,
            text=True,
            check=False,
        )
    assert ran.returncode == 1
    assert "PermissionError" in ran.stderr
