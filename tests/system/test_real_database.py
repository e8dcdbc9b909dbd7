"""With a Postgres of one's own: migrated first, served then; what is wrong is named in one line."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.support.service import Installation, notification, open_folder

PASSWORD = "hush-hush"  # noqa: S105 - of a login that does not exist
COMMANDS = (
    ("migrate",),
    ("credential", "list"),
    ("credential", "create", "operator", "--role", "sink"),
)


@pytest.fixture
def unused() -> Iterator[Installation]:
    """An installation whose data directory nothing may be written to."""
    with open_folder() as folder:
        installation = Installation(folder)
        yield installation
        assert not installation.data_dir.exists()


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that nobody listens on."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def test_an_empty_database_is_refused_until_it_is_migrated_and_then_served(
    unused: Installation, empty_conninfo: str
) -> None:
    database = replace(unused, settings={"DATABASE_URL": empty_conninfo})
    refused = database.run("serve", "--port", "0")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.count("\n") == 1
    assert "`receiver migrate`" in refused.stderr

    replicas = database.run_at_once(("migrate",), ("migrate",))
    assert [(replica.returncode, replica.stdout) for replica in replicas] == [(0, "")] * 2
    assert sorted(replica.stderr.partition(":")[0] for replica in replicas) == [
        "Applied",
        "Nothing to apply.\n",
    ]

    sink, reader = (database.create(f"a-{role}", role) for role in ("sink", "reader"))
    with database.serve() as service:
        assert service.post(notification("kept"), sink) == 204
        assert [event.event_id for event in service.history(reader)] == ["kept"]
        assert "first-credentials" not in service.stdout
        assert "postgres" not in {process.name() for process in service.family()}
    again = database.run_here("migrate")
    assert (again.returncode, again.stderr) == (0, "Nothing to apply.\n")


def test_a_bad_setting_stops_the_start_and_names_itself_without_its_value(
    unused: Installation,
) -> None:
    wrong = {
        "RECEIVER_PORT": "notaport",
        "RECEIVER_BODY_LIMIT_BYTES": "-31337",
        "DATABASE_URL": f"mysql://user:{PASSWORD}@elsewhere/db",
    }
    with ThreadPoolExecutor(len(wrong)) as pool:
        starts = pool.map(lambda name: unused.run("serve", **{name: wrong[name]}), wrong)
    for (name, value), refused in zip(wrong.items(), starts, strict=True):
        assert (refused.returncode, refused.stdout) == (1, "")
        assert refused.stderr.count("\n") == 1
        assert name in refused.stderr
        assert value not in refused.stderr
        assert PASSWORD not in refused.stderr


def test_a_database_out_of_reach_is_one_clear_line_without_its_password(
    unused: Installation, closed_port: int
) -> None:
    url = f"postgresql://operator:{PASSWORD}@127.0.0.1:{closed_port}/receiver"
    database = replace(unused, settings={"DATABASE_URL": url})
    served = database.run("serve", "--port", "0")
    for refused in (served, *(database.run_here(*command) for command in COMMANDS)):
        assert (refused.returncode, refused.stdout) == (1, "")
        assert refused.stderr.startswith("receiver: ")
        assert "127.0.0.1" in refused.stderr
        assert str(closed_port) in refused.stderr
        assert PASSWORD not in refused.stderr
        assert refused.stderr.count("\n") == 1
