"""Opens what a run measures with: the programs that make load, a folder, and a Postgres."""

from collections.abc import Callable
from contextlib import ExitStack

from benchmark.load.pgbench import find_pgbench
from benchmark.machine import description, postgres
from benchmark.machine.folders import open_folder
from benchmark.machine.programs import find_wrk
from benchmark.measuring.bench import Bench
from benchmark.measuring.cases import Programs

# Rounds differ by about a tenth; more than that of other programs shows in the figures.
BUSY_SHARE = 0.1


def open_bench(
    stack: ExitStack,
    database_url: str | None,
    seconds: float,
    say: Callable[[str], None],
    *,
    install: bool,
) -> Bench:
    """Opens it for as long as the stack is open, and says whether the machine is busy.

    Args:
        database_url: of the server to use; None: an embedded one.
        seconds: to drive each case for.
        install: whether apt-get may install wrk.

    Raises:
        ConfigurationError: wrk is not installed.
    """
    if (busy := description.busy_share()) > BUSY_SHARE:
        say(f"other programs use {busy:.0%} of this machine: the figures will be wrong")
    wrk = find_wrk(install=install)
    folder = stack.enter_context(open_folder())
    server = stack.enter_context(postgres.open_server(folder, database_url))
    return Bench(server, Programs(wrk, find_pgbench(server)), folder, seconds, say, stack)
