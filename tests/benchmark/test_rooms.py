"""The benchmark's own import law: a program of its own, in rooms that stand on each other."""

import ast
from pathlib import Path

from tests.support.paths import ROOT

BENCHMARK = ROOT / "benchmark"
# Each room may import those before it.
FLOORS = (
    *(
        "machine",
        "load",
        "contenders",
        "measuring",
        "fleet",
        "answers",
        "exports",
        "parts",
        "page",
        "growth",
        "retention",
        "pooler",
        "stream",
    ),
)


def test_a_program_that_starts_others_ends_them_at_a_signal() -> None:
    programs = [
        path.read_text()
        for path in BENCHMARK.rglob("*.py")
        if all(word in path.read_text() for word in ("typer.run(", "open_folder("))
    ]
    assert len(programs) >= 4
    assert all("    leave_on_signals()\n" in program for program in programs)


def test_the_benchmark_imports_no_tests_and_the_product_no_benchmark() -> None:
    found = {
        str(path.relative_to(ROOT)): name
        for folder, forbidden in (("benchmark", "tests"), ("receiver", "benchmark"))
        for path in (ROOT / folder).rglob("*.py")
        for name in imported_by(path)
        if name.split(".")[0] in {forbidden, "conftest"}
    }
    assert found == {}


def test_a_room_of_the_benchmark_imports_those_below_it_alone() -> None:
    assert set(FLOORS) == {path.name for path in BENCHMARK.iterdir() if any(path.glob("*.py"))}
    found = {
        str(path.relative_to(ROOT)): name
        for floor, room in enumerate(FLOORS)
        for path in (BENCHMARK / room).rglob("*.py")
        for name in imported_by(path)
        if name.startswith("benchmark.") and name.split(".")[1] not in FLOORS[: floor + 1]
    }
    assert found == {}


def test_no_room_of_the_benchmark_is_two() -> None:
    files = list(BENCHMARK.rglob("*.py"))
    long = [path.name for path in files if len(path.read_text().splitlines()) > 250]
    crowded = {path.parent.name for path in files if len(list(path.parent.glob("*.*"))) > 12}
    assert (long, crowded) == ([], set())


def imported_by(path: Path) -> set[str]:
    """The dotted names of the modules, or of what is taken from them."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names
