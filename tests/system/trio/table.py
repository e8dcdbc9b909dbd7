"""The outcome of a drill as a row of the table of docs/durability.md."""

from tests.system.faults.deliveries import REFUSED
from tests.system.faults.probes import PROBES
from tests.system.faults.run import Outcome

COLUMNS = (
    "drill",
    "spool",
    "acknowledged",
    "missing, double",
    "503",
    "longest gap s",
    "slowest answer s",
    *(probe.name for probe in PROBES),
    "heals alone after s",
)
HEAD = f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}"


def row(outcome: Outcome, *, spools: bool) -> str:
    """Returns the figures as a row of Markdown."""
    healed = "no" if outcome.healed_seconds is None else f"{outcome.healed_seconds:.1f}"
    cells = (
        outcome.names,
        "yes" if spools else "no",
        len(outcome.log.acknowledged()),
        f"{len(outcome.missing)}, {len(outcome.doubled)}",
        outcome.log.answers[REFUSED],
        f"{outcome.gap_seconds:.1f}",
        f"{outcome.log.slowest_seconds:.1f}",
        *(f"{outcome.seen[probe.name].slowest_seconds:.1f}" for probe in PROBES),
        healed,
    )
    return f"| {' | '.join(map(str, cells))} |"
