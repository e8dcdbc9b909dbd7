"""Every contender runs where its tools are, and does what the page says of it."""

import shutil
from pathlib import Path

import pytest

from benchmark.__main__ import make_foreign
from benchmark.contenders import catalogue
from benchmark.contenders.contender import Contender, Place, post
from benchmark.contenders.foreign import go_pgx
from benchmark.load.contents import Content
from benchmark.load.notifications import new_series
from benchmark.load.open_loop import send
from benchmark.machine.folders import find_cache
from benchmark.machine.postgres import Server
from benchmark.measuring import accounting
from receiver.errors import ConfigurationError

EVENTS = 50
REASON = "not installed; `python -m benchmark --quick` installs it"
HAS_GO = shutil.which("go") is not None and go_pgx.has_pgx()


def has_packages(name: str) -> bool:
    """Whether npm has installed what a contender needs, so that nothing is fetched here."""
    modules = find_cache(name) / "node_modules"
    return shutil.which("node") is not None and (modules / name).exists()


@pytest.mark.parametrize(
    "name",
    [
        "group",
        pytest.param("go", marks=pytest.mark.skipif(not HAS_GO, reason=REASON)),
        *(
            pytest.param(name, marks=pytest.mark.skipif(not has_packages(name), reason=REASON))
            for name in ("fastify", "node-red")
        ),
    ],
)
def test_a_contender_stores_what_it_acknowledges_and_refuses_a_wrong_token(
    name: str, server: Server, folder: Path
) -> None:
    contender = find(name)
    series, refused = new_series(), new_series(Content.NO_EVENT)
    assert contender.prepare is not None
    assert contender.stored is not None
    with server.make_database(name) as url:
        contender.prepare(url)
        with contender.start(Place(url, folder)) as running:
            answers = send(
                running.address, running.token, series.body, rate=200, seconds=EVENTS / 200
            )
            again = post(running.address, running.token, series)
            assert post(running.address, "another", new_series()) == 401
            if name != "node-red":
                assert post(running.address, running.token, refused) == 400
        assert ([answer.status for answer in answers], again) == ([204] * EVENTS, 204)
        rows = EVENTS if "once" in contender.stored else EVENTS + 1
        assert accounting.count(url, contender.stored, series) == accounting.Count(rows, EVENTS)


@pytest.mark.parametrize("name", catalogue.FOREIGN)
def test_a_contender_that_cannot_be_installed_says_what_to_install(
    name: str, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setenv("PATH", str(folder))
    with pytest.raises(
        ConfigurationError, match=r"not installed; run `apt-get install .*--install"
    ):
        catalogue.FOREIGN[name](install=False)


def test_a_go_handler_that_cannot_be_built_is_left_out_with_the_fault_of_go(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    program = folder / "go"
    program.write_text("#!/bin/sh\necho 'main.go:5: cannot fetch pgx' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    skipped: list[str] = []
    assert make_foreign({"go"}, skipped, install=False) == []
    assert skipped[0].startswith("go: go cannot build the handler: main.go:5: cannot fetch pgx;")


def find(name: str) -> Contender:
    """Returns a contender whose tools are there."""
    if name == catalogue.GROUP.name:
        return catalogue.GROUP
    return catalogue.FOREIGN[name](install=False)
