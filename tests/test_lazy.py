"""Lazy imports: each place exists, and nothing else is imported behind the import law's back."""

import ast
import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

import receiver.lazy
from receiver.cli.commands import COMMANDS
from receiver.lazy import load
from tests.support.paths import ROOT

PLACES = {
    name: value
    for name, value in vars(receiver.lazy).items()
    if name.isupper() and isinstance(value, str)
}
IMPORTERS = {"__import__", "import_module"}


def test_the_lazy_places_are_listed_here_and_in_the_commands() -> None:
    assert set(PLACES) == {
        "ACCESS_TOKENS",
        "CREATE_WORKER",
        "FASTAPI",
        "PARQUET",
        "PRINT_MIGRATIONS",
        "RUN_MIGRATIONS",
        "START_EXPORT",
    }


@pytest.mark.parametrize("place", [*PLACES.values(), *(entry.place for entry in COMMANDS.values())])
def test_every_place_holds_something_to_call(place: str) -> None:
    assert callable(load(place))


def test_a_place_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(ModuleNotFoundError):
        load("receiver.nowhere:name")
    with pytest.raises(AttributeError):
        load("receiver.lazy:nothing")


def test_the_collector_rests_during_an_import_and_goes_on_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "looks.py").write_text("import gc\ncollects = gc.isenabled()\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert (load("looks:collects"), gc.isenabled()) == (False, True)
    with pytest.raises(AttributeError):
        load("looks:nothing")
    assert gc.isenabled()
    gc.disable()
    try:
        load("looks:collects")
        assert not gc.isenabled()
    finally:
        gc.enable()


def hidden_imports(tree: ast.Module) -> Iterator[int]:
    """Yields the line of each function that imports something."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            for inner in ast.walk(node):
                is_call = isinstance(inner, ast.Name) and inner.id in IMPORTERS
                if is_call or isinstance(inner, ast.Import | ast.ImportFrom):
                    yield node.lineno


def test_no_function_imports_but_this_one() -> None:
    found = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "receiver").rglob("*.py")
        if list(hidden_imports(ast.parse(path.read_text())))
    }
    assert found == {"receiver/lazy.py"}
