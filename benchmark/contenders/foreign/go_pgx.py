"""A handler in Go: net/http and pgx, built from its source beside this file.

Debian has the compiler and pgx's source as packages. Where only the compiler is installed, it
fetches pgx as a module.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from benchmark.contenders import tables
from benchmark.contenders.contender import (
    HANDLER_TOKEN,
    HOST,
    Contender,
    Instance,
    Place,
    serve,
)
from benchmark.machine import processes
from benchmark.machine.folders import find_cache
from benchmark.machine.programs import find_programs, install_packages
from receiver.errors import ConfigurationError

SOURCE = Path(__file__).with_suffix(".go")
PACKAGES = ("golang-go", "golang-github-jackc-pgx-v4-dev")
# Where Debian's packages of Go libraries lie.
DEBIAN = Path("/usr/share/gocode")
MODULE = """module handler

go 1.17

require github.com/jackc/pgx/v4 v4.18.3
"""
# The first build compiles pgx and net/http, on two busy cores for a minute.
BUILD_SECONDS = 600


def make_contender(*, install: bool) -> Contender:
    """Returns the handler, built anew.

    Args:
        install: whether apt-get may install Go and pgx, as root.

    Raises:
        ConfigurationError: the handler cannot be built; the message says why.
    """
    if install and not has_pgx():
        # Without root, go may still fetch pgx as a module.
        with suppress(ConfigurationError):
            install_packages(PACKAGES)
    (go,) = find_programs(("go",), PACKAGES, install=install)
    home = find_cache("go")
    return Contender(
        "go",
        "Go, net/http and pgx, an insert each",
        tables.make,
        partial(_start, program=_build(go, home)),
        tables.STORED_ONCE,
    )


def has_pgx() -> bool:
    """Whether Debian's package of pgx is installed."""
    return (DEBIAN / "src" / "github.com" / "jackc" / "pgx" / "v4").exists()


def _build(go: Path, home: Path) -> Path:
    """Builds the handler; go keeps what it compiled, so that the next time takes a moment."""
    home.mkdir(parents=True, exist_ok=True)
    shutil.copy(SOURCE, home / "main.go")
    program = home / "handler"
    build = ("build", "-o", program, "main.go")
    kept = {"GOCACHE": str(home / "compiled"), "GOFLAGS": ""}
    if has_pgx():
        _run(home, {**kept, "GO111MODULE": "off", "GOPATH": str(DEBIAN)}, go, *build)
    else:
        (home / "go.mod").write_text(MODULE)
        # By default go makes modules that nobody may write, so that the cache is hard to delete.
        modules = {**kept, "GO111MODULE": "on", "GOPATH": str(home / "modules")}
        modules["GOFLAGS"] = "-modcacherw"
        _run(home, modules, go, "mod", "tidy")
        _run(home, modules, go, *build)
    return program


def _run(home: Path, variables: Mapping[str, str], *command: str | Path) -> None:
    try:
        ended = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            cwd=home,
            env={**os.environ, **variables},
            timeout=BUILD_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise ConfigurationError(f"go took more than {BUILD_SECONDS} s") from error
    if ended.returncode != 0:
        fault = next(iter(reversed(ended.stderr.splitlines())), "")
        packages = " ".join(PACKAGES)
        raise ConfigurationError(
            f"go cannot build the handler: {fault.strip()}; run `apt-get install {packages}`,"
            " or this again as root with --install"
        )


@contextmanager
def _start(place: Place, *, program: Path) -> Iterator[Instance]:
    port = processes.find_free_port()
    command: list[str | Path] = [program, f"{HOST}:{port}"]
    with serve(command, place, {"DATABASE_URL": place.url}, HANDLER_TOKEN, port) as running:
        yield running
