"""The path of the sink is written once."""

import ast
from pathlib import Path

import receiver
from receiver.api.sink.path import PATH

# Help texts and settings name the path in a sentence.
SENTENCE = " "


def test_no_other_module_writes_the_path() -> None:
    package = Path(receiver.__file__).parent
    written = {
        f"{path.relative_to(package)}:{node.lineno}"
        for path in package.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and PATH in node.value
        and SENTENCE not in node.value
    }
    assert written == {"api/sink/path.py:3"}
