"""A real Postgres for every test that asks: a database of its own, copied from a migrated one."""

import gc
import os
import shutil
import sys
from collections.abc import Generator, Iterator
from urllib.parse import urlsplit

import hypothesis
import pytest

from receiver.lazy import paused_collector
from receiver.postgres import embedded_postgres
from receiver.store.schema.migrating import migrate
from tests.support.callers import callers as callers
from tests.support.callers import emptied_callers as emptied_callers
from tests.support.callers import impatient_callers as impatient_callers
from tests.support.callers import make_credentials
from tests.support.callers import settings as settings
from tests.support.callers import shared_callers as shared_callers
from tests.support.cluster import CITUS_URL, GIVEN, Cluster, database_name
from tests.support.filled import filled as filled
from tests.support.folders import make_folder
from tests.support.loop_clock import clock as clock

# These start processes: half of the time of all tests, in files of few tests and many seconds.
LONG = ("tests/system/", "tests/benchmark/")

# An example takes as long as the machine lets it; what must not take long counts its work.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


def pytest_configure() -> None:
    """Lets Python keep what it compiles, where the environment forbids it.

    Hundreds of processes import the service in these tests, and pytest rewrites each test module.
    """
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Four processes for all tests or a folder; a file is done while they would start."""
    # Twice the cores of a small machine: three of them waited a sixth of the time, for servers that
    # start and senders that pause.
    # Of a coordinator there is one, which takes one database of a test at a time.
    return 0 if CITUS_URL or any(".py" in argument for argument in config.args) else 4


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts files that take long first, so that the processes end at about the same time.

    On a distributed database, what holds on one server only is left out, with the reason.
    """
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))
    for item in items if CITUS_URL else ():
        for marker in item.iter_markers("undistributed"):
            item.add_marker(
                pytest.mark.skip(reason=f"not on a distributed database: {marker.args[0]}")
            )


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collects without the garbage collector, which would look through all tests again and again.

    Afterwards it leaves them out: a law of many examples spent a sixth of its time on that.
    """
    with paused_collector():
        collected = yield
        gc.collect()
        gc.freeze()
    return collected


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A server on which databases may be made.

    It is the coordinator that `TEST_CITUS_URL` names, `TEST_DATABASE_URL`, or an embedded one.
    """
    if GIVEN:
        yield GIVEN
        return
    home = make_folder("dsr-")
    try:
        with embedded_postgres(home / "data") as embedded:
            yield embedded.conninfo
    finally:
        shutil.rmtree(home)


@pytest.fixture(scope="session")
def cluster(postgres: str) -> Iterator[Cluster]:
    """That server alone, or with the workers of the coordinator."""
    cluster = Cluster.of(postgres) if CITUS_URL else Cluster([postgres])
    yield cluster
    cluster.disconnect()


@pytest.fixture(scope="session")
def template(cluster: Cluster) -> Iterator[str]:
    """The name of a migrated database nobody is connected to, distributed if there are workers."""
    name = database_name("template")
    migrate(cluster.make(name))
    cluster.distribute(name)
    cluster.close(name)
    yield name
    cluster.drop(name)


@pytest.fixture(scope="session")
def callers_template(cluster: Cluster, template: str) -> Iterator[str]:
    """The name of a migrated database with a credential of each role."""
    with cluster.copied(template) as url:
        make_credentials(url)
        name = urlsplit(url).path.removeprefix("/")
        cluster.close(name)
        yield name


@pytest.fixture
def conninfo(cluster: Cluster, request: pytest.FixtureRequest) -> Iterator[str]:
    """A migrated database for one test; that of callers has their credentials."""
    is_called = not {"callers", "impatient_callers"}.isdisjoint(request.fixturenames)
    template = request.getfixturevalue("callers_template" if is_called else "template")
    with cluster.copied(template) as url:
        yield url


@pytest.fixture(scope="module")
def module_conninfo(cluster: Cluster, template: str) -> Iterator[str]:
    """A migrated database for tests that read the same rows, and change none."""
    with cluster.copied(template) as url:
        yield url


@pytest.fixture(scope="module")
def callers_conninfo(cluster: Cluster, callers_template: str) -> Iterator[str]:
    """A migrated database with the credentials of callers, for the tests of one file."""
    with cluster.copied(callers_template) as url:
        yield url


@pytest.fixture
def empty_conninfo(cluster: Cluster) -> Iterator[str]:
    """A database without any table, for one test; on one server only, and without extensions."""
    name = database_name("empty")
    yield cluster.alone.make(name)
    cluster.alone.drop(name)


@pytest.fixture
def joined_conninfo(cluster: Cluster) -> Iterator[str]:
    """A migrated database whose nodes know each other, and that is not distributed yet."""
    name = database_name("joined")
    url = cluster.make(name)
    migrate(url)
    yield url
    cluster.drop(name)
